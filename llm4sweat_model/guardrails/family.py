"""One language's patterns: into what clauses they part a text, which concepts each holds, and which of them stand.

A language is a family of files: Hindi is written in two scripts. Every concept is one bit of a number, so that a clause is
a number and a rule is a few comparisons. What a clause denies, places in the past or in a book is silenced here; which
rules then fire is `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from core.domain import Category
from llm4sweat_model.guardrails.matcher import Matcher, Seam
from llm4sweat_model.guardrails.prefilter import Finder, Index, Looked, index, look
from llm4sweat_model.guardrails.triage_file import SILENCERS, Rule, TriageFile
from llm4sweat_model.language import Spoken
from llm4sweat_model.text import Piece

EVERY_LANGUAGE = frozenset({Category.EMERGENCY, Category.SELF_HARM})
"""Categories whose rules are tried in every language that is heard in a text."""

LIST_MEMBER = 4
"""Words that a further member of a denied list has at most ("no fever, chills or weight loss"); more is a statement."""

_KINDS = (*SILENCERS, "not_negation", "present")
_BIT = {kind: 1 << place for place, kind in enumerate(_KINDS)}
_NEGATION, _PAST, _HYPOTHETICAL, _THIRD = (_BIT[kind] for kind in SILENCERS)
_NOT_NEGATION, _PRESENT = _BIT["not_negation"], _BIT["present"]
_SILENCING = _NEGATION | _PAST | _HYPOTHETICAL | _THIRD


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its words, its sentence, all its concepts and those that stand, as bits."""

    text: str
    sentence: int
    raw: int
    active: int


@dataclass(frozen=True, slots=True)
class _Owner:
    """Patterns that are asked together: those of one concept (`bit`), or all modifiers of a file, each kind a group."""

    groups: tuple[tuple[int, tuple[str, ...]], ...]
    bit: int = 0
    grave: bool = False  # a rule that is tried in every language names it

    @property
    def patterns(self) -> list[str]:
        return [pattern for _, patterns in self.groups for pattern in patterns]


class _Part(NamedTuple):
    """A clause before its modifiers are known. `asked`: who may find some; `anew`: the language begins a new clause here."""

    looked: Looked
    raw: int
    asked: list[int]
    anew: bool


class Memory:
    """What was seen in a text, for what comes again in another version of it, in another language or another text."""

    def __init__(self) -> None:
        self._looks: dict[str, Looked] = {}
        self.parts: dict[tuple[int, bool, str], list[_Part]] = {}
        self.kinds: dict[tuple[int, str], int] = {}

    def keep(self, most: int) -> None:
        """Forget all once there is more than so many clauses of."""
        if len(self._looks) > most:
            self._looks, self.parts, self.kinds = {}, {}, {}

    def look(self, text: str) -> Looked:
        """A piece or clause made ready."""
        looked = self._looks.get(text)
        if looked is None:
            looked = self._looks[text] = look(text)
        return looked


class Family:
    """All patterns of one language. Automata are made when they are first asked: most never are."""

    def __init__(self, files: Sequence[TriageFile], first: int, spoken: Spoken, made: Index | None) -> None:
        """`first`: the number of bits taken by others; `made`: the index of an earlier family of the same patterns."""
        self.names: list[str] = []
        self._first = first
        self._bits: dict[str, int] = {}
        self._silenced = [0] * (_SILENCING + 1)
        self._list_words, self._none_of = spoken.list_words, spoken.none_of
        self._markers = frozenset(word for file in files for word in file.markers) - spoken.list_words
        self._owners = [owner for file in files for owner in self._owned(file)]
        seams = [[p for file in files for p in file.clause.get(kind, ())] for kind in ("idiom", "splitters")]
        self._idiom, self._splitter = map(Seam, seams)
        asked = [(owner.patterns, bool(owner.bit)) for owner in self._owners]
        self.index = made or index([*asked, *((patterns, False) for patterns in seams)])
        bits = [*(owner.bit for owner in self._owners), 0, 0]
        everyone = frozenset(range(len(bits)))
        self._seams = frozenset({len(bits) - 2, len(bits) - 1})
        grave = frozenset(number for number in everyone if not bits[number] or self._owners[number].grave)
        self._finders = [Finder(self.index, bits, some) for some in (everyone, grave)]
        self._matchers: list[Matcher | None] = [None] * len(self._owners)

    def _owned(self, file: TriageFile) -> Iterator[_Owner]:
        grave = {name for rule in file.rules if rule.category in EVERY_LANGUAGE for name in _named(rule)}
        kinds = tuple((_BIT[kind], file.clause[kind]) for kind in _KINDS if file.clause.get(kind))
        if kinds:
            yield _Owner(kinds)
        for concept in file.concepts:
            bit = 1 << (self._first + len(self.names))
            self.names.append(concept.name)
            self._bits[concept.name] = self._bits.get(concept.name, 0) | bit
            by = sum(_BIT[kind] for kind in set(concept.silenced_by))
            for kind in range(_SILENCING + 1):
                self._silenced[kind] |= bit if kind & by else 0
            if concept.patterns:
                yield _Owner(((bit, concept.patterns),), bit, concept.name in grave)

    @property
    def mask(self) -> int:
        """All bits of the family."""
        return ((1 << len(self.names)) - 1) << self._first

    def bits(self, name: str) -> int:
        """The bits of a concept; 0 when it is not defined."""
        return self._bits.get(name, 0)

    def concepts(self, clause: str) -> int:
        """The bits of all concepts in one clause, standing or not."""
        looked = look(clause)
        numbers, raw = self._finders[False].candidates(looked)
        return self._part(looked, numbers - self._seams, raw, False).raw

    def mentions(self, pieces: Sequence[Piece], memory: Memory) -> int:
        """The bits of all concepts in a text, standing or not, that the rules need which are tried in every language."""
        result = 0
        for piece in pieces:
            for part in self._parted(piece.text, memory, True):
                result |= part.raw
        return result

    def _parted(self, text: str, memory: Memory, grave: bool) -> list[_Part]:
        key = (self._first, grave, text)
        parts = memory.parts.get(key)
        if parts is None:
            parts = memory.parts[key] = self._parts(text, memory, grave)
        return parts

    def understand(self, pieces: Sequence[Piece], memory: Memory, grave: bool) -> tuple[Clause, ...]:
        """The clauses of a text. `grave`: with no more concepts than the rules need that are tried in every language."""
        parts: list[tuple[_Part, int, bool]] = []
        for piece in pieces:
            own = self._parted(piece.text, memory, grave)
            parts += [(part, piece.sentence, piece.comma and not place) for place, part in enumerate(own)]
        kinds = [0] * len(parts)
        if any(part.raw for part, _, _ in parts):
            kinds = self._carried(parts, [self._modifiers(part, memory) for part, _, _ in parts])
        last = max((place for place, kind in enumerate(kinds) if kind & _PRESENT), default=-1)
        found = []
        for place, ((part, sentence, _), kind) in enumerate(zip(parts, kinds, strict=True)):
            active = part.raw & ~self._silence(kind, place <= last) if kind else part.raw
            found.append(Clause(part.looked.text, sentence, part.raw, active))
        return tuple(found)

    def _parts(self, text: str, memory: Memory, grave: bool) -> list[_Part]:
        """The clauses of a piece: without its idioms, parted where the language begins a new clause."""
        looked = memory.look(text)
        numbers, raw = self._finders[grave].candidates(looked)
        hits = numbers & self._seams
        if not hits:
            return [self._part(looked, numbers, raw, False)]
        idiom, splitter = sorted(self._seams)
        text = self._idiom.blanked(text) if idiom in hits else text
        places = self._splitter.starts(text) if splitter in hits else set()
        found = []
        for start, end in pairwise(sorted({*places, 0, len(text)})):
            if clause := " ".join(text[start:end].split()):
                looked = memory.look(clause)
                numbers, raw = self._finders[grave].candidates(looked)
                found.append(self._part(looked, numbers - self._seams, raw, start in places))
        return found

    def _matcher(self, number: int) -> Matcher:
        matcher = self._matchers[number]
        if matcher is None:
            matcher = self._matchers[number] = Matcher(self._owners[number].groups)
        return matcher

    def _part(self, clause: Looked, numbers: set[int], raw: int, anew: bool) -> _Part:
        """A clause with the bits of its concepts. `numbers`: who is to be asked; `raw`: what is known to be there."""
        waiting = []
        for number in numbers:
            if self._owners[number].bit:
                raw |= self._matcher(number).found(clause.encoded)
            else:
                waiting.append(number)
        return _Part(clause, raw, waiting, anew)

    def _modifiers(self, part: _Part, memory: Memory) -> int:
        key = (self._first, part.looked.text)
        kinds = memory.kinds.get(key)
        if kinds is None:
            kinds = 0
            for number in part.asked:
                kinds |= self._matcher(number).found(part.looked.encoded)
            memory.kinds[key] = kinds = kinds & ~_NEGATION if kinds & _NOT_NEGATION else kinds
        return kinds

    def _carried(self, parts: list[tuple[_Part, int, bool]], kinds: list[int]) -> list[int]:
        """The kinds, with a denial carried on through a list that ends with "or", and back from "none of that"."""
        result = list(kinds)
        for start, kind in enumerate(kinds):
            end = start + 1
            while kind & _NEGATION and end < len(parts) and not kinds[end] and self._is_member(*parts[end]):
                end += 1
            while end > start + 1 and self._list_words.isdisjoint(parts[end - 1][0].looked.tokens):
                end -= 1
            for place in range(start + 1, end):
                result[place] |= _NEGATION
            if self._none_of and parts[start][0].looked.text.endswith(self._none_of):
                place = start
                while place and parts[place][2] and not kinds[place - 1] and self._is_bare(parts[place - 1][0]):
                    place -= 1
                    result[place] |= _NEGATION
        return result

    def _is_member(self, part: _Part, sentence: int, listed: bool) -> bool:
        """Whether a clause goes on with the list that the clause before began."""
        return listed and not part.anew and self._is_bare(part)

    def _is_bare(self, part: _Part) -> bool:
        """Whether a clause is no statement but a mere member of a list."""
        tokens = [token for token in part.looked.tokens if token not in self._list_words]
        return len(tokens) <= LIST_MEMBER and self._markers.isdisjoint(tokens)

    def _silence(self, kinds: int, revived: bool) -> int:
        """The bits that modifiers silence. `revived`: something present stands in this clause or after it."""
        return self._silenced[kinds & _SILENCING & ~(_PAST | _HYPOTHETICAL if revived else 0)]

    def everything(self, clause: str) -> int:
        """The bits of all concepts, every pattern asked: what `concepts` finds by asking few."""
        encoded = clause.encode()
        found = (self._matcher(number).found(encoded) for number, owner in enumerate(self._owners) if owner.bit)
        return sum(set(found))


def _named(rule: Rule) -> set[str]:
    return {name for term in rule.all for name in term} | set(rule.unless)

"""The patterns of all languages, compiled, and what each of them means in a clause.

Every concept is one bit of a number, so that a clause is a number and a rule is a few comparisons. What a clause denies,
places in the past or in a book is silenced here; which rules then fire is `rules.py`, which patterns are worth asking
is `prefilter.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import re2

from core.domain import Category
from llm4sweat_model.guardrails.prefilter import Finder, Index, index
from llm4sweat_model.guardrails.triage_file import SILENCERS, Rule, TriageFile

MEMORY = 4 << 20
"""Bytes that RE2 may use for the automaton of one concept; it fills only what texts make it visit."""

EVERY_LANGUAGE = frozenset({Category.EMERGENCY, Category.SELF_HARM})
"""Categories whose rules are tried on every text, whatever its language."""

_KINDS = (*SILENCERS, "not_negation", "present")
_BIT = {kind: 1 << index for index, kind in enumerate(_KINDS)}
_NEGATION, _PAST, _HYPOTHETICAL, _THIRD = (_BIT[kind] for kind in SILENCERS)
_NOT_NEGATION, _PRESENT = _BIT["not_negation"], _BIT["present"]
_SILENCING = _NEGATION | _PAST | _HYPOTHETICAL | _THIRD


class MatcherError(Exception):
    """RE2 gave up on a text: nothing may be concluded from it. Raise `MEMORY` in guardrails/lexicon.py."""


class Matcher:
    """Which of several groups of patterns are found in a text, in time linear in the text."""

    def __init__(self, groups: Iterable[tuple[int, Iterable[str]]]) -> None:
        """Each group with the bits that it stands for."""
        options = re2.Options()
        options.max_mem, options.log_errors = MEMORY, False
        self._set = re2.Set.SearchSet(options)
        self._bits = {self._set.Add("|".join(f"(?:{p})" for p in patterns)): bits for bits, patterns in groups}
        self._bits[self._set.Add("")] = 0  # a set that ran out of memory reports nothing at all, not even this
        self._set.Compile()
        self.found(b"")

    def found(self, text: bytes) -> int:
        """The bits of the groups that are found. `text` in UTF-8."""
        matched = self._set.Match(text)
        if not matched:
            raise MatcherError
        result = 0
        for number in matched:
            result |= self._bits[number]
        return result


@dataclass(slots=True)
class _Owner:
    """Patterns that are asked together: those of one concept, or all modifiers of a file, each kind a group."""

    groups: list[tuple[int, tuple[str, ...]]]
    family: int
    modifies: bool = False
    always: bool = False  # a rule that is tried on every text names it

    @property
    def bit(self) -> int:
        """The concept's bit; 0 for modifiers."""
        return 0 if self.modifies else self.groups[0][0]

    @property
    def patterns(self) -> list[str]:
        return [pattern for _, patterns in self.groups for pattern in patterns]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one clause: all concepts, and the kinds of modifiers by family."""

    raw: int
    modifiers: tuple[tuple[int, int], ...]


class Lexicon:
    """The patterns of all files, compiled; knows bits, families and what silences what."""

    def __init__(self, files: Sequence[TriageFile], indexes: tuple[Index, Index] | None = None) -> None:
        """`indexes`: those of an earlier lexicon of the same files, so that they need not be made anew."""
        self.families = tuple(dict.fromkeys(file.family for file in files))
        self._index = {family: index for index, family in enumerate(self.families)}
        self._bits: dict[tuple[str, str], int] = {}
        self._names: list[str] = []
        self._silenced: list[list[int]] = [[0] * (_SILENCING + 1) for _ in self.families]
        self.family_mask = dict.fromkeys(self.families, 0)
        self._owners = [owner for file in files for owner in self._owned(file) if owner.patterns]
        self._matchers: list[Matcher | None] = [None] * len(self._owners)
        own = indexes[0] if indexes else index((owner.patterns, not owner.modifies) for owner in self._owners)
        self._finder = Finder(own, [owner.bit for owner in self._owners])
        self._seams = _Seams(files, indexes[1] if indexes else None)
        self.indexes = (own, self._seams.index)
        self._asked: dict[frozenset[str], frozenset[int]] = {}

    def _owned(self, file: TriageFile) -> Iterator[_Owner]:
        family = self._index[file.family]
        grave = {name for rule in file.rules if rule.category in EVERY_LANGUAGE for name in _named(rule)}
        kinds = [(_BIT[kind], file.clause[kind]) for kind in _KINDS if file.clause.get(kind)]
        yield _Owner(kinds, family, modifies=True)
        for concept in file.concepts:
            bit = 1 << len(self._names)
            self._names.append(concept.name)
            key = (file.family, concept.name)
            self._bits[key] = self._bits.get(key, 0) | bit
            self.family_mask[file.family] |= bit
            self._silence(family, bit, sum(_BIT[kind] for kind in set(concept.silenced_by)))
            groups = [(bit, concept.patterns)] if concept.patterns else []
            yield _Owner(groups, family, always=concept.name in grave)

    def _silence(self, family: int, bit: int, by: int) -> None:
        for kinds in range(_SILENCING + 1):
            if kinds & by:
                self._silenced[family][kinds] |= bit

    def mask(self, family: str, name: str) -> int:
        """The bits of a concept in one family; 0 when it has none there."""
        return self._bits.get((family, name), 0)

    def masks(self, name: str, families: Iterable[str]) -> int:
        """The bits of a concept in several families."""
        return sum(self.mask(family, name) for family in set(families))

    def names(self, bits: int) -> frozenset[str]:
        """The concepts of which a bit is set."""
        found = set()
        while bits:
            low = bits & -bits
            found.add(self._names[low.bit_length() - 1])
            bits ^= low
        return frozenset(found)

    def cut(self, piece: str, families: frozenset[str]) -> tuple[list[str], bool]:
        """A piece without its idioms, parted where these languages begin a new clause; whether it begins with one."""
        return self._seams.cut(piece, families)

    def find(
        self, clauses: Sequence[str], families: frozenset[str], memory: dict[str, tuple[int, tuple[int, ...]]]
    ) -> list[Found]:
        """What each clause says: everything in these languages, what grave rules need in the others.

        `memory` keeps what was found, for clauses that come again in another reading of the same text.
        """
        asked = self._asked_for(families)
        for clause in clauses:
            if clause not in memory:
                memory[clause] = self._concepts(clause, asked)
        raw = 0
        for clause in clauses:
            raw |= memory[clause][0]
        speaking = {self._index[family] for family, mask in self.family_mask.items() if mask & raw}
        return [Found(memory[clause][0], self._modifiers(clause, memory[clause][1], speaking)) for clause in clauses]

    def _asked_for(self, families: frozenset[str]) -> frozenset[int]:
        """The owners that count when a text is in one of these languages."""
        if families not in self._asked:
            indexes = {self._index[family] for family in families}
            self._asked[families] = frozenset(
                number
                for number, owner in enumerate(self._owners)
                if owner.modifies or owner.always or owner.family in indexes
            )
        return self._asked[families]

    def _matcher(self, number: int) -> Matcher:
        """The owner's automaton, made when it is first asked: most never are."""
        matcher = self._matchers[number]
        if matcher is None:
            matcher = self._matchers[number] = Matcher(self._owners[number].groups)
        return matcher

    def _concepts(self, clause: str, asked: frozenset[int]) -> tuple[int, tuple[int, ...]]:
        """The concepts in a clause, and the modifiers that may be in it."""
        waiting = []
        encoded = clause.encode()
        numbers, raw = self._finder.candidates(clause, asked)
        for number in numbers:
            if self._owners[number].modifies:
                waiting.append(number)
            else:
                raw |= self._matcher(number).found(encoded)
        return raw, tuple(waiting)

    def _modifiers(self, clause: str, waiting: tuple[int, ...], speaking: set[int]) -> tuple[tuple[int, int], ...]:
        """The modifiers in a clause, of the families that say anything in the text."""
        kinds: dict[int, int] = {}
        for number in waiting:
            family = self._owners[number].family
            if family in speaking and (found := self._matcher(number).found(clause.encode())):
                kinds[family] = kinds.get(family, 0) | found
        return tuple(kinds.items())

    def active(self, found: Sequence[Found], carried: Sequence[frozenset[int]]) -> list[int]:
        """What of each clause's concepts stands. `carried`: families whose denial goes on from the clause before."""
        revived: dict[int, int] = {}
        for place, clause in enumerate(found):
            revived |= {family: place for family, kinds in clause.modifiers if kinds & _PRESENT}
        result = []
        for place, clause in enumerate(found):
            silenced = 0
            for family, kinds in clause.modifiers:
                if kinds & _NOT_NEGATION:
                    kinds &= ~_NEGATION
                if revived.get(family, -1) >= place:
                    kinds &= ~(_PAST | _HYPOTHETICAL)
                silenced |= self._silenced[family][kinds & _SILENCING]
            for family in carried[place]:
                silenced |= self._silenced[family][_NEGATION]
            result.append(clause.raw & ~silenced)
        return result

    def denies(self, found: Found) -> frozenset[int]:
        """The families in which a clause is a denial."""
        return frozenset(family for family, kinds in found.modifiers if kinds & _NEGATION and not kinds & _NOT_NEGATION)


def _named(rule: Rule) -> set[str]:
    return {name for term in rule.all for name in term} | set(rule.unless)


class _Seams:
    """Idioms, which are taken out, and splitters, where a new clause begins; by family."""

    def __init__(self, files: Sequence[TriageFile], made: Index | None) -> None:
        patterns: dict[tuple[str, str], tuple[str, ...]] = {}
        for kind in ("idiom", "splitters"):
            for file in files:
                key = (kind, file.family)
                patterns[key] = patterns.get(key, ()) + file.clause.get(kind, ())
        self._keys = [key for key, listed in patterns.items() if listed]
        self.index = made or index((patterns[key], False) for key in self._keys)
        self._finder = Finder(self.index, [0] * len(self._keys))
        options = re2.Options()
        options.log_errors = False
        self._compiled = [re2.compile("|".join(f"(?:{p})" for p in patterns[key]), options) for key in self._keys]
        self._asked: dict[frozenset[str], frozenset[int]] = {}

    def cut(self, piece: str, families: frozenset[str]) -> tuple[list[str], bool]:
        asked = self._asked.get(families)
        if asked is None:
            asked = frozenset(number for number, key in enumerate(self._keys) if key[1] in families)
            self._asked[families] = asked
        hits, _ = self._finder.candidates(piece, asked)
        if not hits:
            return [piece], False
        places = set()
        for number in sorted(hits):  # idioms have the lower numbers
            if self._keys[number][0] == "idiom":
                piece = self._compiled[number].sub(" ", piece)
            else:
                places |= {found.start() for found in self._compiled[number].finditer(piece)}
        cuts = sorted(places | {0, len(piece)})
        parts = (" ".join(piece[start:end].split()) for start, end in pairwise(cuts))
        return [part for part in parts if part], 0 in places


_LETTERS = re.compile(r"[^\W\d_]{2,}(?:[\u0900-\u0dff]+[^\W\d_]*)*")
_SYNTAX = re.compile(r"\\[bBdDsSwWnt.+*?()|\[\]{}^$/%'\"-]|\\p\{\w+\}|\{[\d,]+\}|\(\?[:a-zA-Z]*")


def words_of(patterns: Iterable[str]) -> set[str]:
    """The words of two letters or more that these patterns spell out."""
    return {word for pattern in patterns for word in _LETTERS.findall(_SYNTAX.sub(" ", pattern))}


def literals(files: Iterable[TriageFile]) -> frozenset[str]:
    """The words that stand in the patterns, markers and lists of these files."""
    patterns = {pattern for file in files for listed in file.clause.values() for pattern in listed}
    patterns.update(pattern for file in files for concept in file.concepts for pattern in concept.patterns)
    lists = {word for file in files for word in (*file.markers, *file.typos, *file.not_typos)}
    return frozenset(words_of(["\n".join(patterns)]) | lists)

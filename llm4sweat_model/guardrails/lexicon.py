"""What the patterns of all languages mean in a clause.

Every concept is one bit of a number, so that a clause is a number and a rule is a few comparisons. What a clause denies,
places in the past or in a book is silenced here; which rules then fire is `rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain import Category
from llm4sweat_model.guardrails.family import Family, Indexes, Owner, parts
from llm4sweat_model.guardrails.prefilter import look
from llm4sweat_model.guardrails.triage_file import SILENCERS, Rule, TriageFile

EVERY_LANGUAGE = frozenset({Category.EMERGENCY, Category.SELF_HARM})
"""Categories whose rules are tried in every language that is heard in a text."""

_KINDS = (*SILENCERS, "not_negation", "present")
_BIT = {kind: 1 << index for index, kind in enumerate(_KINDS)}
_NEGATION, _PAST, _HYPOTHETICAL, _THIRD = (_BIT[kind] for kind in SILENCERS)
_NOT_NEGATION, _PRESENT = _BIT["not_negation"], _BIT["present"]
_SILENCING = _NEGATION | _PAST | _HYPOTHETICAL | _THIRD


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one clause: all concepts, and the kinds of modifiers by family."""

    raw: int
    modifiers: tuple[tuple[str, int], ...]


Memory = dict[str, tuple[int, tuple[tuple[str, tuple[int, ...]], ...]]]
"""What was found in clauses that may come again: concepts, and by family who must be asked for modifiers."""


class Lexicon:
    """The patterns of all files; knows bits, families and what silences what."""

    def __init__(self, files: Sequence[TriageFile], indexes: Mapping[str, Indexes] | None = None) -> None:
        """`indexes`: those of an earlier lexicon of the same files, so that they need not be made anew."""
        self._bits: dict[tuple[str, str], int] = {}
        self._names: list[str] = []
        self.families = tuple(dict.fromkeys(file.family for file in files))
        self.family_mask = dict.fromkeys(self.families, 0)
        self._silenced = {family: [0] * (_SILENCING + 1) for family in self.families}
        self._families = {
            family: self._family([file for file in files if file.family == family], (indexes or {}).get(family))
            for family in self.families
        }

    @property
    def indexes(self) -> dict[str, Indexes]:
        """What was costly to make, by family."""
        return {name: family.indexes for name, family in self._families.items()}

    def _family(self, files: list[TriageFile], indexes: Indexes | None) -> Family:
        owners = tuple(owner for file in files for owner in self._owned(file))
        idioms, splitters = (
            [pattern for file in files for pattern in file.clause.get(kind, ())] for kind in ("idiom", "splitters")
        )
        return Family(owners, idioms, splitters, indexes)

    def _owned(self, file: TriageFile) -> Iterator[Owner]:
        grave = {name for rule in file.rules if rule.category in EVERY_LANGUAGE for name in _named(rule)}
        kinds = tuple((_BIT[kind], file.clause[kind]) for kind in _KINDS if file.clause.get(kind))
        if kinds:
            yield Owner(kinds)
        for concept in file.concepts:
            bit = 1 << len(self._names)
            self._names.append(concept.name)
            key = (file.family, concept.name)
            self._bits[key] = self._bits.get(key, 0) | bit
            self.family_mask[file.family] |= bit
            self._silence(file.family, bit, sum(_BIT[kind] for kind in set(concept.silenced_by)))
            if concept.patterns:
                yield Owner(((bit, concept.patterns),), bit, concept.name in grave)

    def _silence(self, family: str, bit: int, by: int) -> None:
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
        looked = look(piece)
        hits = [(self._families[family], self._families[family].parting(looked)) for family in families]
        for family, parting in hits:
            if 0 in parting:
                piece = family.without_idioms(piece)
        places = {place for family, parting in hits if 1 in parting for place in family.seams(piece)}
        return parts(piece, places), 0 in places

    def find(
        self, clauses: Sequence[str], families: frozenset[str], heard: frozenset[str], memory: Memory
    ) -> list[Found]:
        """What each clause says: everything in `families`, and what grave rules need in the others that are `heard`."""
        for clause in clauses:
            if clause not in memory:
                memory[clause] = self._concepts(clause, families, heard)
        raw = 0
        for clause in clauses:
            raw |= memory[clause][0]
        speaking = {family for family, mask in self.family_mask.items() if mask & raw}
        return [self._found(clause, *memory[clause], speaking) for clause in clauses]

    def _concepts(
        self, clause: str, families: frozenset[str], heard: frozenset[str]
    ) -> tuple[int, tuple[tuple[str, tuple[int, ...]], ...]]:
        looked = look(clause)
        raw = 0
        waiting = []
        for family in heard:
            bits, asking = self._families[family].concepts(looked, family not in families)
            raw |= bits
            if asking:
                waiting.append((family, asking))
        return raw, tuple(waiting)

    def _found(
        self, clause: str, raw: int, waiting: tuple[tuple[str, tuple[int, ...]], ...], speaking: set[str]
    ) -> Found:
        """With the modifiers of the families that say anything in the text."""
        if not waiting:
            return Found(raw, ())
        kinds = [
            (family, self._families[family].modifiers(clause.encode(), asking))
            for family, asking in waiting
            if family in speaking
        ]
        return Found(raw, tuple((family, kind) for family, kind in kinds if kind))

    def everything(self, clause: str, families: Iterable[str]) -> int:
        """All concepts in a clause, found by asking every pattern: slow, to check `find` by."""
        return sum(self._families[family].everything(clause.encode()) for family in families)

    def active(self, found: Sequence[Found], carried: Sequence[frozenset[str]]) -> list[int]:
        """What of each clause's concepts stands. `carried`: families whose denial goes on from the clause before."""
        revived: dict[str, int] = {}
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

    def denies(self, found: Found) -> frozenset[str]:
        """The families in which a clause is a denial."""
        return frozenset(family for family, kinds in found.modifiers if kinds & _NEGATION and not kinds & _NOT_NEGATION)


def _named(rule: Rule) -> set[str]:
    return {name for term in rule.all for name in term} | set(rule.unless)


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

"""One language's patterns, compiled: which concepts and modifiers a clause holds, and where a new clause begins.

A language is a family of files: Hindi is written in two scripts. What the findings mean is `lexicon.py`, which patterns
are worth asking `prefilter.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import re2

from llm4sweat_model.guardrails.prefilter import Finder, Index, Looked, index

MEMORY = 4 << 20
"""Bytes that RE2 may use for the automaton of one concept; it fills only what texts make it visit."""

_OPTIONS = re2.Options()
_OPTIONS.max_mem, _OPTIONS.log_errors = MEMORY, False


class MatcherError(Exception):
    """RE2 gave up on a text: nothing may be concluded from it. Raise `MEMORY` in guardrails/family.py."""


class Matcher:
    """Which of several groups of patterns are found in a text, in time linear in the text."""

    def __init__(self, groups: Iterable[tuple[int, Iterable[str]]]) -> None:
        """Each group with the bits that it stands for."""
        self._set = re2.Set.SearchSet(_OPTIONS)
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


@dataclass(frozen=True, slots=True)
class Owner:
    """Patterns that are asked together: those of one concept (`bit`), or all modifiers of a file, each kind a group."""

    groups: tuple[tuple[int, tuple[str, ...]], ...]
    bit: int = 0
    grave: bool = False  # a rule that is tried in every language names it

    @property
    def patterns(self) -> list[str]:
        return [pattern for _, patterns in self.groups for pattern in patterns]


Indexes = tuple[Index, Index]
"""Of a family's concepts and modifiers, and of its seams."""


class Family:
    """All patterns of one language. Automata are made when they are first asked: most never are."""

    def __init__(
        self, owners: Sequence[Owner], idioms: Sequence[str], splitters: Sequence[str], indexes: Indexes | None
    ) -> None:
        """`indexes`: those of an earlier family of the same patterns, so that they need not be made anew."""
        self._owners = owners
        self._seams = [_joined(idioms), _joined(splitters)]
        self.indexes = indexes or (
            index((owner.patterns, bool(owner.bit)) for owner in owners),
            index(((idioms, False), (splitters, False))),
        )
        everyone = frozenset(range(len(owners)))
        self._finder = Finder(self.indexes[0], [owner.bit for owner in owners], everyone)
        grave = frozenset(number for number in everyone if owners[number].grave or not owners[number].bit)
        self._grave = Finder(self.indexes[0], [owner.bit for owner in owners], grave)
        self._parting = Finder(self.indexes[1], [0, 0], frozenset({0, 1}))
        self._matchers: list[Matcher | None] = [None] * len(owners)

    def _matcher(self, number: int) -> Matcher:
        matcher = self._matchers[number]
        if matcher is None:
            matcher = self._matchers[number] = Matcher(self._owners[number].groups)
        return matcher

    def concepts(self, clause: Looked, grave: bool) -> tuple[int, tuple[int, ...]]:
        """The bits of the concepts in a clause, and who must be asked for modifiers. `grave`: no more than grave rules need."""
        numbers, raw = (self._grave if grave else self._finder).candidates(clause)
        waiting = []
        for number in numbers:
            if self._owners[number].bit:
                raw |= self._matcher(number).found(clause.encoded)
            else:
                waiting.append(number)
        return raw, tuple(waiting)

    def modifiers(self, clause: bytes, waiting: Iterable[int]) -> int:
        """The kinds of modifiers in a clause. `waiting`: as `concepts` gave it."""
        kinds = 0
        for number in waiting:
            kinds |= self._matcher(number).found(clause)
        return kinds

    def everything(self, clause: bytes) -> int:
        """The bits of all concepts, every pattern asked: what `concepts` finds by asking few."""
        found = (self._matcher(number).found(clause) for number, owner in enumerate(self._owners) if owner.bit)
        return sum(set(found))

    def parting(self, piece: Looked) -> set[int]:
        """Whether a piece may hold an idiom (0) and a splitter (1)."""
        return self._parting.candidates(piece)[0]

    def without_idioms(self, piece: str) -> str:
        """The piece with its idioms blanked out."""
        return str(self._seams[0].sub(" ", piece))

    def seams(self, piece: str) -> list[int]:
        """Where new clauses begin."""
        return [found.start() for found in self._seams[1].finditer(piece)]


def _joined(patterns: Sequence[str]) -> re2._Regexp:
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"[^\s\S]", _OPTIONS)


def parts(piece: str, places: Iterable[int]) -> list[str]:
    """A piece cut at these places."""
    cuts = sorted({*places, 0, len(piece)})
    found = (" ".join(piece[start:end].split()) for start, end in pairwise(cuts))
    return [part for part in found if part]

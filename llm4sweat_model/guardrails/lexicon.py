"""The patterns of all languages, and the names behind the bits in which their findings are counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from llm4sweat_model.guardrails.family import Family
from llm4sweat_model.guardrails.prefilter import Index
from llm4sweat_model.guardrails.triage_file import TriageFile
from llm4sweat_model.language import Spoken


class Lexicon:
    """All families of a pack."""

    def __init__(
        self,
        files: Sequence[TriageFile],
        spoken: Mapping[str, Spoken],
        indexes: Mapping[str, Index] | None = None,
    ) -> None:
        """`spoken`: the languages by family; `indexes`: those of an earlier lexicon of the same files."""
        self._names: list[str] = []
        self.families: dict[str, Family] = {}
        for name in dict.fromkeys(file.family for file in files):
            own = [file for file in files if file.family == name]
            made = (indexes or {}).get(name)
            family = Family(own, len(self._names), spoken[name], made)
            self.families[name] = family
            self._names += family.names

    @property
    def indexes(self) -> dict[str, Index]:
        """What was costly to make, by family."""
        return {name: family.index for name, family in self.families.items()}

    def mask(self, family: str, name: str) -> int:
        """The bits of a concept in one family; 0 when it has none there."""
        return self.families[family].bits(name)

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

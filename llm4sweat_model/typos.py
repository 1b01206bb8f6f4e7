"""Which listed word a misspelt one means: symmetric-delete lookup, then the edit distance.

Only words that a language file lists under `typos` are ever restored, and a word that is known stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

SHORTEST = 4
LONGEST = 24
TWO_EDITS_FROM = 9
"""Letters from which a listed word may be two edits away; shorter words have too many neighbours."""


def _deletes(word: str, edits: int) -> Iterator[str]:
    yield word
    if edits:
        for i in range(len(word)):
            yield from _deletes(word[:i] + word[i + 1 :], edits - 1)


def distance(a: str, b: str) -> int:
    """Damerau's edit distance of neighbours swapped, letters added, dropped or changed."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row = row, [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], before[j - 2] + 1)
        before = last
    return row[-1]


class Typos:
    """The listed words of one or more languages, found by their misspellings."""

    def __init__(self, listed: Iterable[str], known: frozenset[str]) -> None:
        """`known`: words that are never corrected."""
        words = frozenset(listed)
        self._known = known | words
        self._near: dict[str, set[str]] = {}
        for word in sorted(words):
            for short in _deletes(word, self._edits(word)):
                self._near.setdefault(short, set()).add(word)
        self.correct = lru_cache(maxsize=50_000)(self._correct)

    @staticmethod
    def _edits(word: str) -> int:
        return 2 if len(word) >= TWO_EDITS_FROM else 1

    def _correct(self, word: str) -> str:
        """The listed word that this one means, or itself."""
        if word in self._known or not SHORTEST <= len(word) <= LONGEST:
            return word
        found: set[str] = set()
        for short in set(_deletes(word, 2 if len(word) >= TWO_EDITS_FROM - 2 else 1)):
            found |= self._near.get(short, set())
        scored = sorted((distance(word, near), near) for near in found)
        return next((near for far, near in scored if far <= self._edits(near)), word)

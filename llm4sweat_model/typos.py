"""Which listed word a misspelt one means: symmetric-delete lookup, then the edit distance.

Only words that a language file lists under `typos` are ever restored, and a word that is known stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

SHORTEST = 4
LONGEST = 24
TWO_EDITS_FROM = 9
"""Letters from which a listed word may be two edits away; shorter words have too many neighbours."""


def _shorter(words: set[str]) -> set[str]:
    """Each word without one of its letters."""
    return {word[:place] + word[place + 1 :] for word in words for place in range(len(word))}


def _deletes(word: str, edits: int) -> set[str]:
    """The word, and what is left of it when up to so many letters are taken out."""
    found = last = {word}
    for _ in range(edits):
        last = _shorter(last)
        found = found | last
    return found


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
    """The listed words of all languages, found by their misspellings."""

    def __init__(self, listed: Mapping[str, frozenset[str]], known: frozenset[str]) -> None:
        """`listed`: the languages that list each word; `known`: words that are never corrected."""
        self._listed = listed
        self._known = known | listed.keys()
        self._near: dict[str, list[str]] = {}
        for word in sorted(listed):
            for short in _deletes(word, self._edits(word)):
                self._near.setdefault(short, []).append(word)
        self._candidates = lru_cache(maxsize=20_000)(self._find)

    @staticmethod
    def _edits(word: str) -> int:
        return 2 if len(word) >= TWO_EDITS_FROM else 1

    def _find(self, word: str) -> tuple[str, ...]:
        """The listed words that this one may mean, nearest first."""
        shorter = _deletes(word, 2 if len(word) >= TWO_EDITS_FROM - 2 else 1)
        found = {near for short in shorter for near in self._near.get(short, ())}
        scored = sorted((distance(word, near), near) for near in found)
        return tuple(near for far, near in scored if far <= self._edits(near))

    def correct(self, word: str, languages: frozenset[str]) -> str:
        """The word that one of these languages lists and this one means, or itself."""
        if word in self._known or not SHORTEST <= len(word) <= LONGEST:
            return word
        return next((near for near in self._candidates(word) if self._listed[near] & languages), word)

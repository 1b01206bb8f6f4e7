"""Which patterns can match a clause at all: those of whose necessary words it holds one.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked that can have something to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llm4sweat_model.guardrails.needs import needs, surface

REMEMBERED = 20_000
"""Words of texts of which it is remembered what they can mean."""
_LONG, _SHORT, _WITHIN = 4, 2, 2
"""Letters under which the beginning or end of a word is filed, and a part of one."""

Owned = tuple[str, frozenset[int], frozenset[int]]
"""A necessary word, the numbers of those whose patterns need it, and of those for whom it proves a match."""

_About = tuple[frozenset[int], int, tuple[tuple[str, frozenset[int], int], ...]]
"""What a word of a text means: who is to be asked, what it proves, and which longer words it may be part of."""


Shelf = dict[str, list[Owned]]
"""Necessary words under a few of their letters."""


@dataclass(frozen=True, slots=True)
class Index:
    """All necessary words where they are looked up. Costly to make, so it can be kept (`kept`, `revived`).

    `around`: words of several words, under the letters around a space; `whole`: under a word that they hold; `begin`,
    `end`: single words under their first or last letters; `within`: under the first letters, wherever they stand.
    """

    always: frozenset[int]
    around: Shelf
    whole: Shelf
    begin: Shelf
    end: Shelf
    within: Shelf

    def kept(self) -> dict[str, Any]:
        """The index as JSON can hold it."""
        sets: dict[frozenset[int], int] = {}
        shelves = {
            name: {
                key: [[word, sets.setdefault(a, len(sets)), sets.setdefault(b, len(sets))] for word, a, b in words]
                for key, words in getattr(self, name).items()
            }
            for name in _SHELVES
        }
        return {"always": sorted(self.always), "sets": [sorted(some) for some in sets], **shelves}

    @classmethod
    def revived(cls, data: dict[str, Any]) -> Index:
        """The index from what `kept` gave."""
        sets = [frozenset(some) for some in data["sets"]]
        shelves = [
            {key: [(word, sets[a], sets[b]) for word, a, b in words] for key, words in data[name].items()}
            for name in _SHELVES
        ]
        return cls(frozenset(data["always"]), *shelves)


_SHELVES = ("around", "whole", "begin", "end", "within")


def index(owners: Iterable[tuple[Iterable[str], bool]]) -> Index:
    """The necessary words of each owner's patterns. Owners are numbered as given; with each, whether words may prove."""
    always: set[int] = set()
    by_word: dict[str, tuple[set[int], set[int]]] = {}
    for number, (patterns, provable) in enumerate(owners):
        for pattern in patterns:
            words = needs(pattern)
            if words is None:
                always.add(number)
            for word, proves in (words or {}).items():
                needing, proving = by_word.setdefault(word, (set(), set()))
                needing.add(number)
                if proves and provable:
                    proving.add(number)
    found = Index(frozenset(always), {}, {}, {}, {}, {})
    for word, (needing, proving) in sorted(by_word.items()):
        shelf, key = _place(found, word)
        shelf.setdefault(key, []).append((word, frozenset(needing), frozenset(proving)))
    return found


def _place(found: Index, word: str) -> tuple[Shelf, str]:
    around = [word[place - 2 : place + 3] for place in range(2, len(word) - 2) if word[place] == " "]
    if around:
        return found.around, min(around, key=lambda key: len(found.around.get(key, ())))
    if " " not in word:
        return found.within, word[:_WITHIN]
    first, *middle, last = word.split(" ")
    if any(middle):
        return found.whole, max(middle, key=len)
    if last:
        return found.begin, last[: _LONG if len(last) >= _LONG else _SHORT]
    return found.end, first[-_LONG if len(first) >= _LONG else -_SHORT :]


class Finder:
    """Finds the owners of whose patterns one may match. What a word of a text can mean is remembered."""

    def __init__(self, index: Index, bits: Sequence[int]) -> None:
        """`bits`: what each owner stands for; 0 when more must be known than that one of its patterns is there."""
        self._index, self._bits = index, bits
        self._remembered: dict[frozenset[int], dict[str, _About]] = {}

    def candidates(self, clause: str, asked: frozenset[int]) -> tuple[set[int], int]:
        """Those of `asked` to ask about this clause, and the bits of those who need not be asked: they are there."""
        text = surface(clause)
        known = self._remembered.setdefault(asked, {})
        found = set(self._index.always & asked)
        proven = 0
        keys = text.split()
        keys += [text[place - 2 : place + 3] for place, letter in enumerate(text) if letter == " " and place > 1]
        for key in keys:
            sure, bits, possible = known.get(key) or self._about(key, asked, known)
            found |= sure
            proven |= bits
            for word, owners, more in possible:
                if word in text:
                    found |= owners
                    proven |= more
        if not proven or len(text) != len(clause) + 2 or text[1:-1] != clause:
            return found, 0
        return {number for number in found if not self._bits[number] & proven}, proven

    def _about(self, key: str, asked: frozenset[int], known: dict[str, _About]) -> _About:
        sure: set[int] = set()
        proven = 0
        possible = []
        alone = f" {key} "
        for word, needing, proving in self._index.around.get(key, ()) if " " in key else self._filed(key):
            bits = sum({self._bits[number] for number in proving & asked})
            if " " in word.strip():
                if needing & asked:
                    possible.append((word, needing & asked, bits))
            elif word in alone:
                sure |= needing & asked
                proven |= bits
        if len(known) >= REMEMBERED:
            known.clear()
        known[key] = frozenset(sure), proven, tuple(possible)
        return known[key]

    def _filed(self, token: str) -> Iterator[Owned]:
        yield from self._index.whole.get(token, ())
        for key in {token[:size] for size in range(1, _LONG + 1)}:
            yield from self._index.begin.get(key, ())
        for key in {token[-size:] for size in range(1, _LONG + 1)}:
            yield from self._index.end.get(key, ())
        for key in {token[i : i + size] for i in range(len(token)) for size in range(_WITHIN + 1)}:
            yield from self._index.within.get(key, ())

"""Which patterns can match a clause at all: those of whose necessary words it holds one.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked that can have something to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from llm4sweat_model.guardrails.needs import needs, surface

REMEMBERED = 4_000
"""Words of texts of which it is remembered what they can mean."""
_LONG, _SHORT, _WITHIN = 4, 2, 2
"""Letters under which the beginning or end of a word is filed, and a part of one."""

Owned = tuple[str, frozenset[int], frozenset[int]]
"""A necessary word, the numbers of those whose patterns need it, and of those for whom it proves a match."""

_Possible = tuple[str, frozenset[int], int]
"""A longer word that may be there, who is to be asked then, and what it proves."""

_About = tuple[frozenset[int], int, list[_Possible]]
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
            if words is None or not all(map(str.strip, words)):
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


class Looked(NamedTuple):
    """A clause made ready to be looked through: its surface, where to look it up, whether it has no punctuation."""

    text: str
    surface: str
    tokens: list[str]
    around: list[str]
    plain: bool
    encoded: bytes


def look(clause: str) -> Looked:
    """The clause made ready, once for all languages."""
    text = surface(clause)
    around = [text[place - 2 : place + 3] for place, letter in enumerate(text) if letter == " " and place > 1]
    plain = len(text) == len(clause) + 2 and text[1:-1] == clause
    return Looked(clause, text, text.split(), around, plain, clause.encode())


class Finder:
    """Finds the owners of whose patterns one may match. What a word of a text can mean is remembered."""

    def __init__(self, index: Index, bits: Sequence[int], asked: frozenset[int]) -> None:
        """`bits`: what each owner stands for; 0 when more must be known than that one of its patterns is there.

        `asked`: the owners that are ever looked for.
        """
        self._index, self._bits, self._asked = index, bits, asked
        self._always = index.always & asked
        self._known: dict[str, _About] = {}
        self._around = {key: here for key, words in index.around.items() if (here := self._possible(words))}

    def candidates(self, clause: Looked) -> tuple[set[int], int]:
        """The owners to ask about this clause, and the bits of those who need not be asked: they are there."""
        text = clause.surface
        found = set(self._always)
        proven = 0
        longer: list[_Possible] = []
        for token in clause.tokens:
            sure, bits, possible = self._known.get(token) or self._about(token)
            if sure:
                found |= sure
                proven |= bits
            longer += possible
        for around in clause.around:
            if around in self._around:
                longer += self._around[around]
        for word, owners, more in longer:
            if word in text:
                found |= owners
                proven |= more
        if not proven or not clause.plain:
            return found, 0
        return {number for number in found if not self._bits[number] & proven}, proven

    def _possible(self, words: Iterable[Owned]) -> list[_Possible]:
        """The words that somebody here needs."""
        return [
            (word, needing & self._asked, sum({self._bits[number] for number in proving & self._asked}))
            for word, needing, proving in words
            if needing & self._asked
        ]

    def _about(self, token: str) -> _About:
        sure: frozenset[int] = frozenset()
        proven = 0
        longer = []
        alone = f" {token} "
        for word, owners, bits in self._possible(self._filed(token)):
            if " " in word.strip():
                longer.append((word, owners, bits))
            elif word in alone:
                sure |= owners
                proven |= bits
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        about = self._known[token] = (sure, proven, longer)
        return about

    def _filed(self, token: str) -> Iterator[Owned]:
        yield from self._index.whole.get(token, ())
        for key in {token[:_LONG], token[:_SHORT], token[:1]}:
            yield from self._index.begin.get(key, ())
        for key in {token[-_LONG:], token[-_SHORT:], token[-1:]}:
            yield from self._index.end.get(key, ())
        for key in {token[place : place + size] for place in range(len(token)) for size in (1, _WITHIN)}:
            yield from self._index.within.get(key, ())

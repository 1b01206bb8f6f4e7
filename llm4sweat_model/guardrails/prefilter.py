"""Which patterns can match a clause at all: those of whose necessary words it holds one.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked that can have something to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llm4sweat_model.guardrails.needs import needs, surface

REMEMBERED = 20_000
"""Words of texts of which it is remembered what they can mean."""
_EMPTY = frozenset({""})

Owned = tuple[str, frozenset[int], frozenset[int]]
"""A necessary word, the numbers of those whose patterns need it, and of those for whom it proves a match."""

_About = tuple[frozenset[int], int, tuple[tuple[str, frozenset[int], int], ...]]
"""What a word of a text means: who is to be asked, what it proves, and which longer words it may be part of."""


class _Filed:
    """Necessary words by a few letters, so that few of them have to be looked for."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self._sizes = sizes
        self._by_key: dict[str, list[Owned]] = {}

    def add(self, letters: str, owned: Owned, last: bool = False) -> None:
        """Files under the first letters, or the last."""
        size = next((size for size in self._sizes if len(letters) >= size), len(letters))
        self._by_key.setdefault(letters[-size:] if last else letters[:size], []).append(owned)

    def get(self, keys: Iterable[str]) -> Iterator[Owned]:
        for key in keys:
            yield from self._by_key.get(key, ())


class Finder:
    """Finds the owners of whose patterns one may match. Owners are numbered as they were given.

    A necessary word is filed under a whole word that it holds, else under the first or last letters of one, else under
    letters within one. What one word of a text can mean is remembered.
    """

    def __init__(self, owners: Iterable[tuple[Iterable[str], int]]) -> None:
        """Each owner's patterns, and the bit that it stands for; 0 when more must be known than that one is there."""
        always: set[int] = set()
        by_word: dict[str, tuple[set[int], set[int]]] = {}
        self._bits: list[int] = []
        for number, (patterns, bit) in enumerate(owners):
            self._bits.append(bit)
            for pattern in patterns:
                words = needs(pattern)
                if words is None:
                    always.add(number)
                for word, proves in (words or {}).items():
                    needing, proving = by_word.setdefault(word, (set(), set()))
                    needing.add(number)
                    if proves and bit:
                        proving.add(number)
        self._always = frozenset(always)
        self._whole: dict[str, list[Owned]] = {}
        self._begin, self._end, self._within = _Filed((4, 2)), _Filed((4, 2)), _Filed((2,))
        self._remembered: dict[frozenset[int], dict[str, _About]] = {}
        for word, (needing, proving) in sorted(by_word.items()):
            self._file((word, frozenset(needing), frozenset(proving)))

    def _file(self, owned: Owned) -> None:
        first, *middle, last = owned[0].split(" ") if " " in owned[0] else ("", owned[0])
        if any(middle):
            key = min(filter(None, middle), key=lambda key: len(self._whole.get(key, ())))
            self._whole.setdefault(key, []).append(owned)
        elif " " not in owned[0]:
            self._within.add(owned[0], owned)
        elif last:
            self._begin.add(last, owned)
        else:
            self._end.add(first, owned, last=True)

    def candidates(self, clause: str, asked: frozenset[int]) -> tuple[set[int], int]:
        """Those of `asked` to ask about this clause, and the bits of those who need not be asked: they are there."""
        text = surface(clause)
        known = self._remembered.setdefault(asked, {})
        found = set(self._always & asked)
        proven = 0
        for token in text.split():
            sure, bits, possible = known.get(token) or self._about(token, asked, known)
            found |= sure
            proven |= bits
            for word, owners, more in possible:
                if word in text:
                    found |= owners
                    proven |= more
        if not proven or len(text) != len(clause) + 2 or text[1:-1] != clause:
            return found, 0
        return {number for number in found if not self._bits[number] & proven}, proven

    def _about(self, token: str, asked: frozenset[int], known: dict[str, _About]) -> _About:
        sure: set[int] = set()
        proven = 0
        possible = []
        alone = f" {token} "
        for word, needing, proving in self._filed(token):
            bits = sum({self._bits[number] for number in proving & asked})
            if " " not in word.strip() and word in alone:
                sure |= needing & asked
                proven |= bits
            elif " " in word.strip() and needing & asked:
                possible.append((word, needing & asked, bits))
        if len(known) >= REMEMBERED:
            known.clear()
        known[token] = frozenset(sure), proven, tuple(possible)
        return known[token]

    def _filed(self, token: str) -> Iterator[Owned]:
        yield from self._whole.get(token, ())
        yield from self._begin.get({token[:size] for size in range(1, 5)})
        yield from self._end.get({token[-size:] for size in range(1, 5)})
        yield from self._within.get({token[i : i + size] for i in range(len(token)) for size in (1, 2)} | _EMPTY)

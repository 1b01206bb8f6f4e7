"""Which patterns can match a clause at all: those of whose necessary words it holds one.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked that can have something to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from llm4sweat_model.guardrails.needs import needs
from llm4sweat_model.guardrails.surface import surface

REMEMBERED = 4_000
"""Words of texts of which it is remembered what they can mean."""
_LONG, _SHORT, _WITHIN = 4, 2, 2
"""Letters under which the beginning or end of a word is filed, and a part of one."""

Condition = tuple[int, tuple[str, ...]]
"""An owner who is to be asked only if one of these words is there, too."""


class Owned(NamedTuple):
    """A necessary word: whose patterns need it, for whom it proves a match, and whose patterns need another besides."""

    word: str
    needing: frozenset[int]
    proving: frozenset[int]
    besides: tuple[Condition, ...]


class _About(NamedTuple):
    """What a word means: who is to be asked, the bits that it proves, who is to be asked if more is there."""

    asked: frozenset[int]
    proven: int
    besides: tuple[Condition, ...]
    longer: tuple[tuple[str, _About], ...]  # longer words of which it may be a part, and what they mean


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
        """The index as JSON can hold it; what stands in many places is held once."""
        sets: dict[Any, int] = {}
        conditions: dict[Condition, int] = {}

        def rows(words: list[Owned]) -> list[list[Any]]:
            return [
                [
                    one.word,
                    sets.setdefault(one.needing, len(sets)),
                    sets.setdefault(one.proving, len(sets)),
                    [conditions.setdefault(condition, len(conditions)) for condition in one.besides],
                ]
                for one in words
            ]

        shelves = {name: {key: rows(words) for key, words in getattr(self, name).items()} for name in _SHELVES}
        held = {"sets": [sorted(some) for some in sets], "conditions": list(conditions)}
        return {"always": sorted(self.always), **held, **shelves}

    @classmethod
    def revived(cls, data: dict[str, Any]) -> Index:
        """The index from what `kept` gave."""
        sets = [frozenset(some) for some in data["sets"]]
        conditions = [(number, tuple(also)) for number, also in data["conditions"]]

        def words(rows: list[list[Any]]) -> list[Owned]:
            return [Owned(word, sets[a], sets[b], tuple([conditions[c] for c in some])) for word, a, b, some in rows]

        shelves = [{key: words(rows) for key, rows in data[name].items()} for name in _SHELVES]
        return cls(frozenset(data["always"]), *shelves)


_SHELVES = ("around", "whole", "begin", "end", "within")


def index(owners: Iterable[tuple[Iterable[str], bool]]) -> Index:
    """The necessary words of each owner's patterns. Owners are numbered as given; with each, whether words may prove."""
    always: set[int] = set()
    by_word: dict[str, _Needing] = {}
    for number, (patterns, provable) in enumerate(owners):
        for pattern in patterns:
            found = needs(pattern)
            if found is None:
                always.add(number)
                continue
            for word, proves in found.words.items():
                by_word.setdefault(word, _Needing()).add(number, proves and provable, found.also)
    made = Index(frozenset(always), {}, {}, {}, {}, {})
    for word, needing in sorted(by_word.items()):
        shelf, key = _place(made, word)
        shelf.setdefault(key, []).append(needing.owned(word))
    return made


class _Needing:
    """Who needs a word, while they are gathered."""

    def __init__(self) -> None:
        self._alone: set[int] = set()
        self._proving: set[int] = set()
        self._besides: dict[int, set[str]] = {}

    def add(self, number: int, proves: bool, also: tuple[str, ...]) -> None:
        if proves:
            self._proving.add(number)
        if also:
            self._besides.setdefault(number, set()).update(also)
        else:
            self._alone.add(number)

    def owned(self, word: str) -> Owned:
        besides = {number: also for number, also in self._besides.items() if number not in self._alone}
        conditions = tuple((number, tuple(sorted(also))) for number, also in sorted(besides.items()))
        return Owned(word, frozenset(self._alone), frozenset(self._proving), conditions)


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
    around: set[str]
    plain: bool
    encoded: bytes


def look(clause: str) -> Looked:
    """The clause made ready, once for all languages."""
    text = surface(clause)
    around = {text[place - 2 : place + 3] for place, letter in enumerate(text) if letter == " " and place > 1}
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
        self._around = {key: here for key, words in index.around.items() if (here := self._longer(words))}

    def candidates(self, clause: Looked) -> tuple[set[int], int]:
        """The owners to ask about this clause, and the bits of those who need not be asked: they are there."""
        text = clause.surface
        found = set(self._always)
        proven = 0
        besides: list[Condition] = []
        longer: list[tuple[str, _About]] = []
        for token in set(clause.tokens):
            about = self._known.get(token) or self._about(token)
            if about.asked:
                found |= about.asked
                proven |= about.proven
            besides += about.besides
            longer += about.longer
        for around in clause.around:
            if around in self._around:
                longer += self._around[around]
        for word, about in longer:
            if word in text:
                found |= about.asked
                proven |= about.proven
                besides += about.besides
        for number, words in besides:
            if number not in found:
                for word in words:
                    if word in text:
                        found.add(number)
                        break
        if not proven or not clause.plain:
            return found, 0
        return {number for number in found if not self._bits[number] & proven}, proven

    def _meaning(self, words: Iterable[Owned]) -> _About:
        """What these words mean together to those who are asked here."""
        asked: set[int] = set()
        proving: set[int] = set()
        besides: list[Condition] = []
        for one in words:
            asked |= one.needing
            proving |= one.proving
            besides += [condition for condition in one.besides if condition[0] in self._asked]
        bits = sum({self._bits[number] for number in proving & self._asked})
        return _About(frozenset(asked & self._asked), bits, tuple(besides), ())

    def _longer(self, words: Iterable[Owned]) -> tuple[tuple[str, _About], ...]:
        meanings = [(one.word, self._meaning((one,))) for one in words]
        return tuple((word, about) for word, about in meanings if about.asked or about.besides)

    def _about(self, token: str) -> _About:
        alone = f" {token} "
        filed = list(self._filed(token))
        own = self._meaning(one for one in filed if " " not in one.word.strip() and one.word in alone)
        about = own._replace(longer=self._longer(one for one in filed if " " in one.word.strip()))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[token] = about
        return about

    def _filed(self, token: str) -> Iterator[Owned]:
        yield from self._index.whole.get(token, ())
        for key in {token[:_LONG], token[:_SHORT], token[:1]}:
            yield from self._index.begin.get(key, ())
        for key in {token[-_LONG:], token[-_SHORT:], token[-1:]}:
            yield from self._index.end.get(key, ())
        for key in {token[place : place + size] for place in range(len(token)) for size in (1, _WITHIN)}:
            yield from self._index.within.get(key, ())

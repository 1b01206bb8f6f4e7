"""Which pattern sets can match a clause at all: by the words that their patterns cannot do without.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked of whose necessary words the clause holds one. The words may only ever be
too few: `needs` gives up (None, always asked) on whatever it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST, MOST_COMBINED = 600, 64
"""Strings that one part of a pattern may stand for, and those that two parts combined may; beyond it one part is kept."""
LONG_ENOUGH = 8
"""A word this long is rare enough; a longer one gains nothing."""
REMEMBERED = 20_000
"""Words of texts of which it is remembered what they can mean."""
_EDGE = "\b"
_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class _UnknownError(Exception):
    """A construct that `needs` does not follow."""


_EMPTY = frozenset({""})


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern matches: all its strings (`exact`), or else strings of which one must be there (`need`).

    `lead`: strings with one of which every match begins; kept because a boundary of a word often stands before them.
    """

    exact: frozenset[str] | None = None
    need: frozenset[str] | None = None
    lead: frozenset[str] = _EMPTY

    @property
    def necessary(self) -> frozenset[str] | None:
        return self.exact if self.exact is not None and "" not in self.exact else self.need

    @property
    def start(self) -> frozenset[str]:
        return self.exact if self.exact is not None else self.lead


_NOTHING = _Part(_EMPTY)
_ANYTHING = _Part()


def _worth(strings: frozenset[str]) -> tuple[int, int]:
    shortest = min(len(string) for string in strings)
    return (min(shortest, LONG_ENOUGH), -len(strings))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=_worth)


def _joined(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    """Each of one with each of the other; None when these are too many."""
    most = MOST if 1 in (len(one), len(other)) else MOST_COMBINED
    return frozenset(a + b for a in one for b in other) if len(one) * len(other) <= most else None


def _seam(run: frozenset[str]) -> str:
    """The space or boundary with which all of these end, if they do."""
    ends = {string[-1:] for string in run}
    return ends.pop() if len(ends) == 1 and ends <= {" ", _EDGE} else ""


def _sequence(parts: Iterable[_Part]) -> _Part:
    run, need = _EMPTY, None
    lead: frozenset[str] | None = None
    for part in parts:
        joined = _joined(run, part.start)
        if part.exact is not None and joined is not None:
            run = joined
            continue
        reached = joined or run
        need = _better(_better(need, _Part(reached).necessary), part.necessary)
        lead = reached if lead is None else lead
        run = frozenset(_seam(run) + string for string in part.exact) if part.exact else _EMPTY
    if lead is None:
        return _Part(run)
    return _Part(None, _better(need, _Part(run).necessary), lead)


def _either(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    exact = [part.exact for part in parts if part.exact is not None]
    starts = frozenset[str]().union(*(part.start for part in parts))
    if len(exact) == len(parts) and len(starts) <= MOST:
        return _Part(starts)
    needs = [part.necessary for part in parts if part.necessary is not None]
    need = frozenset[str]().union(*needs) if len(needs) == len(parts) else None
    return _Part(None, need, starts if len(starts) <= MOST else _EMPTY)


_TOKEN = re.compile(
    r"(?P<repeat>[?*+]\??|\{(?P<least>\d+)(?:,\d*)?\}\??)|(?P<open>\((?:\?:|\?P?<\w+>)?(?!\?))|(?P<bar>\|)|(?P<close>\))"
    r"|(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])|(?P<any>\.|\\[dDwWS]|\\[pP](?:\w|\{\^?\w+\}))|(?P<edge>\\b)"
    r"|(?P<space>\\s)|(?P<ends>[\^$])|(?P<empty>\\[ABz])|\\(?P<escaped>[^\w])|(?P<letters>[^\\\[\](){}?*+|.^$](?![?*+{]))+"
    r"|(?P<letter>[^\\\[\](){}?*+|.^$])",
)


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._place = pattern, 0

    def read(self) -> _Part:
        part = self._alternatives()
        if self._place < len(self._pattern):
            raise _UnknownError
        return part

    def _alternatives(self) -> _Part:
        found = []
        parts: list[_Part] = []
        while self._place < len(self._pattern):
            token = _TOKEN.match(self._pattern, self._place)
            if token is None:
                raise _UnknownError
            if token["close"]:
                break
            self._place = token.end()
            if token["bar"]:
                found.append(_sequence(parts))
                parts = []
            elif token["repeat"]:
                parts[-1:] = [_repeated(parts[-1], token)] if parts else [_ANYTHING]
            else:
                parts.append(self._one(token))
        found.append(_sequence(parts))
        return _either(found)

    def _one(self, token: re.Match[str]) -> _Part:
        if token["open"]:
            part = self._alternatives()
            if self._pattern[self._place : self._place + 1] != ")":
                raise _UnknownError
            self._place += 1
            return part
        if token["any"]:
            return _ANYTHING
        if token["ends"]:
            return _Part(frozenset({" "}))  # `surface` has a space before its first letter and after its last
        if token["empty"]:
            return _NOTHING
        if token["set"]:
            return _set(token["set"][1:-1])
        text = _EDGE if token["edge"] else " " if token["space"] else token["escaped"] or token.group()
        return _Part(frozenset({text}))


def _repeated(part: _Part, token: re.Match[str]) -> _Part:
    if token["repeat"][0] == "?":
        return _Part(part.exact | _EMPTY) if part.exact is not None else _ANYTHING
    if token["repeat"][0] == "*" or token["least"] == "0":
        return _ANYTHING
    return _Part(None, part.necessary, part.start)


def _set(inside: str) -> _Part:
    letters = inside.replace(r"\s", " ").replace(r"\-", "\0")
    if inside.startswith("^") or "\\" in letters or "[:" in letters or "-" in letters.strip("-"):
        return _ANYTHING
    return _Part(frozenset(letters.replace("\0", "-")))


def needs(pattern: str) -> frozenset[str] | None:
    """Words of which every text that the pattern matches has one, spelled as `surface` does; None: cannot be told."""
    try:
        found = _Reader(pattern).read().necessary
    except _UnknownError:
        return None
    words = sorted(set(map(_spelled, found or ("",))), key=len)
    fewest: list[str] = []
    for word in words:
        if not any(shorter in word for shorter in fewest):
            fewest.append(word)
    return frozenset(fewest) if words[0] else None


def _spelled(word: str) -> str:
    """A word with its boundaries as spaces, where a text is sure to have one."""
    out = []
    for place, letter in enumerate(word):
        if letter != _EDGE:
            out.append(letter)
            continue
        near = word[max(0, place - 1) : place] + word[place + 1 : place + 2]
        if near and all(other in _ASCII_WORD for other in near):
            out.append(" ")
    return _apart("".join(out))


_PUNCTUATION = dict.fromkeys(map(ord, "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"), " ")
_BORDER = re.compile(r"(?<=[a-z0-9_])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z0-9_])")


def _apart(text: str) -> str:
    text = text.translate(_PUNCTUATION)
    return text if text.isascii() else _BORDER.sub(" ", text)


def surface(clause: str) -> str:
    """A clause as the necessary words are looked for in it: every boundary of a word is a space."""
    return f" {_apart(clause)} "


Owned = tuple[str, frozenset[int]]
"""A necessary word and the numbers of those whose patterns need it."""


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

    def __init__(self, owners: Iterable[Iterable[str]]) -> None:
        always: set[int] = set()
        by_word: dict[str, set[int]] = {}
        for number, patterns in enumerate(owners):
            for pattern in patterns:
                words = needs(pattern)
                if words is None:
                    always.add(number)
                for word in words or ():
                    by_word.setdefault(word, set()).add(number)
        self._always = frozenset(always)
        self._whole: dict[str, list[Owned]] = {}
        self._begin, self._end, self._within = _Filed((4, 2)), _Filed((4, 2)), _Filed((2,))
        self._remembered: dict[str, tuple[frozenset[int], tuple[Owned, ...]]] = {}
        for word in sorted(by_word):
            self._file((word, frozenset(by_word[word])))

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

    def candidates(self, clause: str) -> set[int]:
        """The owners to ask about this clause."""
        text = surface(clause)
        found = set(self._always)
        for token in set(text.split()):
            sure, possible = self._about(token)
            found |= sure
            for word, owners in possible:
                if word in text:
                    found |= owners
        return found

    def _about(self, token: str) -> tuple[frozenset[int], tuple[Owned, ...]]:
        """Who needs this very word and nothing else, and which longer necessary words it may be part of."""
        known = self._remembered.get(token)
        if known is None:
            sure: set[int] = set()
            possible = []
            alone = f" {token} "
            for word, owners in self._filed(token):
                if " " in word.strip():
                    possible.append((word, owners))
                elif word in alone:
                    sure |= owners
            known = frozenset(sure), tuple(possible)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[token] = known
        return known

    def _filed(self, token: str) -> Iterator[Owned]:
        yield from self._whole.get(token, ())
        yield from self._begin.get({token[:size] for size in range(1, 5)})
        yield from self._end.get({token[-size:] for size in range(1, 5)})
        yield from self._within.get({token[i : i + size] for i in range(len(token)) for size in (1, 2)} | _EMPTY)

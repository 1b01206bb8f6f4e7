"""Which pattern sets can match a clause at all: by the words that their patterns cannot do without.

One automaton over the patterns of all languages visits a new state at nearly every letter of an unseen text, because it
remembers every pattern that has matched so far (42 ms for 4,096 characters of two languages). So each concept has an
automaton of its own, and only those are asked of whose necessary words the clause holds one. The words may only ever be
too few: `needs` gives up (None, always asked) on whatever it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST = 64
"""Strings of one alternative set; beyond it the parts stand for the whole."""
LONG_ENOUGH = 8
"""A word this long is rare enough; a longer one gains nothing."""
_GRAMS = (1, 2, 3, 5)
"""Lengths of the letter groups by which words are filed; Chinese needs the short ones."""
_EDGE = "\b"
_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class _UnknownError(Exception):
    """A construct that `needs` does not follow."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern matches: all its strings (`exact`), or else strings of which one must be there (`need`)."""

    exact: frozenset[str] | None = None
    need: frozenset[str] | None = None

    @property
    def necessary(self) -> frozenset[str] | None:
        return self.exact if self.exact is not None and "" not in self.exact else self.need


_NOTHING = _Part(frozenset({""}))
_ANYTHING = _Part()


def _worth(strings: frozenset[str]) -> tuple[int, int]:
    shortest = min(len(string.replace(_EDGE, "")) for string in strings)
    return (min(shortest, LONG_ENOUGH), -len(strings))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=_worth)


def _sequence(parts: Iterable[_Part]) -> _Part:
    run: frozenset[str] = frozenset({""})
    need: frozenset[str] | None = None
    whole = True
    for part in parts:
        if part.exact is not None and len(run) * len(part.exact) <= MOST:
            run = frozenset(a + b for a in run for b in part.exact)
            continue
        need = _better(_better(need, _Part(run).necessary), part.need)
        run = part.exact or frozenset({""})
        whole = False
    if whole:
        return _Part(run)
    return _Part(None, _better(need, _Part(run).necessary))


def _either(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    exact = [part.exact for part in parts if part.exact is not None]
    union = frozenset[str]().union(*exact)
    if len(exact) == len(parts) and len(union) <= MOST:
        return _Part(union)
    needs = [part.necessary for part in parts if part.necessary is not None]
    return _Part(None, frozenset[str]().union(*needs)) if len(needs) == len(parts) else _ANYTHING


_TOKEN = re.compile(
    r"(?P<repeat>[?*+]\??|\{(?P<least>\d+)(?:,\d*)?\}\??)|(?P<open>\((?:\?:|\?P?<\w+>)?(?!\?))|(?P<bar>\|)|(?P<close>\))"
    r"|(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])|(?P<any>\.|\\[dDwWS]|\\[pP](?:\w|\{\^?\w+\}))|(?P<edge>\\b)"
    r"|(?P<space>\\s)|(?P<empty>[\^$]|\\[ABz])|\\(?P<escaped>[^\w])|(?P<letters>[^\\\[\](){}?*+|.^$](?![?*+{]))+"
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
        if token["empty"]:
            return _NOTHING
        if token["set"]:
            return _set(token["set"][1:-1])
        text = _EDGE if token["edge"] else " " if token["space"] else token["escaped"] or token.group()
        return _Part(frozenset({text}))


def _repeated(part: _Part, token: re.Match[str]) -> _Part:
    if token["repeat"][0] == "?":
        return _Part(part.exact | {""}) if part.exact is not None else _ANYTHING
    if token["repeat"][0] == "*" or token["least"] == "0":
        return _ANYTHING
    return _Part(None, part.necessary)


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


class Finder:
    """Finds the owners of whose patterns one may match. Owners are numbered as they were given."""

    def __init__(self, owners: Iterable[Iterable[str]]) -> None:
        self._always: set[int] = set()
        by_word: dict[str, list[int]] = {}
        for number, patterns in enumerate(owners):
            for pattern in patterns:
                words = needs(pattern)
                if words is None:
                    self._always.add(number)
                for word in words or ():
                    owning = by_word.setdefault(word, [])
                    if not owning or owning[-1] != number:
                        owning.append(number)
        self._by_gram: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        for word in sorted(by_word):
            self._by_gram.setdefault(self._rarest(word), []).append((word, tuple(by_word[word])))
        sizes = {size: frozenset(gram for gram in self._by_gram if len(gram) == size) for size in _GRAMS}
        self._grams = [(size, grams) for size, grams in sizes.items() if grams]

    def _rarest(self, word: str) -> str:
        """The few neighbouring letters of the word that the fewest words so far are filed under."""
        size = max(size for size in _GRAMS if size <= len(word))
        grams = [word[start : start + size] for start in range(len(word) - size + 1)]
        return min(grams, key=lambda gram: len(self._by_gram.get(gram, ())))

    def candidates(self, clause: str) -> set[int]:
        """The owners to ask about this clause."""
        text = surface(clause)
        found = set(self._always)
        for size, grams in self._grams:
            for gram in grams.intersection([text[i : i + size] for i in range(len(text) - size + 1)]):
                for word, owners in self._by_gram[gram]:
                    if word in text:
                        found.update(owners)
        return found

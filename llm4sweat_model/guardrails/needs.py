"""What a pattern cannot do without: words of which every text that it matches has one.

Reads the patterns' syntax only as far as it must. The words may only ever be too few or too short: what is not
understood is `None`, and such a pattern is asked about every clause. Looking for the words is `prefilter.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from llm4sweat_model.guardrails.surface import EDGE, END, proves, spelled

MOST, MOST_COMBINED = 600, 64
"""Strings that one part of a pattern may stand for, and those that two parts combined may; beyond it one part is kept."""
MOST_COMPARED = 40
"""Words that are compared with each other; to find the superfluous ones among more takes longer than it saves."""
MOST_ALSO = 24
"""Words of a second set; to look for more of them takes as long as to ask the pattern."""

_EMPTY = frozenset({""})
_NONE = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Needs:
    """Necessary words as `surface` spells them.

    `words`: one of these must be there; True: in a clause without punctuation it alone proves the match. `also`: one of
    these must be there too; empty when nothing is known.
    """

    words: Mapping[str, bool]
    also: tuple[str, ...]


class _UnknownError(Exception):
    """A construct that is not followed."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern matches: all its strings (`exact`), or else strings of which one must be there (`need`).

    `lead`, `tail`: strings with one of which every match begins, and ends; what stands beside them lengthens them.
    `some`: strings that it matches as a whole, not necessarily all. `also`: a second set like `need`, of another place.
    """

    exact: frozenset[str] | None = None
    need: frozenset[str] | None = None
    lead: frozenset[str] = _EMPTY
    some: frozenset[str] = _NONE
    tail: frozenset[str] = _EMPTY
    also: frozenset[str] | None = None

    @property
    def necessary(self) -> frozenset[str] | None:
        return self.exact if self.exact is not None and "" not in self.exact else self.need

    @property
    def start(self) -> frozenset[str]:
        return self.exact if self.exact is not None else self.lead

    @property
    def finish(self) -> frozenset[str]:
        return self.exact if self.exact is not None else self.tail


def _all(strings: frozenset[str]) -> _Part:
    return _Part(strings, some=strings)


_ANYTHING = _Part()
_OPTIONAL = _Part(some=_EMPTY)


def _rarity(string: str) -> float:
    """How often a string is in a clause, roughly: a letter makes it six times rarer, a digit or a Chinese sign more."""
    known = string.strip(EDGE + END + " ")
    if not known:
        return 1.0
    if known.isascii():
        return 6.0 ** -min(len(string), 8) * (0.1 if known.isdecimal() else 1.0)
    return 6.0 ** -min(len(string) + (known >= "\u3400"), 8)


def _cost(strings: frozenset[str]) -> float:
    return sum(map(_rarity, strings))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=_cost)


def _joined(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    """Each of one with each of the other; None when these are too many."""
    most = MOST if len(one) == 1 or len(other) == 1 else MOST_COMBINED
    return frozenset([a + b for a in one for b in other]) if len(one) * len(other) <= most else None


def _seam(run: frozenset[str]) -> str:
    """The boundary of a word with which all of these end, if they do."""
    return EDGE if all(string[-1:] in {" ", EDGE, END} for string in run) else ""


def _sequence(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    run, some = _EMPTY, _EMPTY
    lead: frozenset[str] | None = None
    sets: list[frozenset[str] | None] = []
    for part in parts:
        some = _joined(some, part.some) or _NONE
        joined = _joined(run, part.start)
        if part.exact is not None and joined is not None:
            run = joined
            continue
        reached = joined or run
        sets += [_better(_Part(reached).necessary, part.necessary), part.also]
        lead = reached if lead is None else lead
        run = part.tail if part.exact is None else frozenset(_seam(run) + string for string in part.exact)
    if lead is None:
        return _all(run)
    need, also = _best_two([*sets, _Part(run).necessary])
    return _Part(None, need, lead, some, run, also)


def _best_two(sets: list[frozenset[str] | None]) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    known = sorted((words for words in sets if words is not None), key=_cost)
    return (*known, None, None)[0], (*known, None, None)[1]


def _either(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    starts = _NONE.union(*[part.start for part in parts])
    if " " in starts:
        starts -= {END}  # `(?:^|\s)` is any space of the surface
    if len(starts) <= MOST and all(part.exact is not None for part in parts):
        return _all(starts)
    needs = [part.necessary for part in parts]
    need = _NONE.union(*[words for words in needs if words is not None]) if None not in needs else None
    some = _NONE.union(*[part.some for part in parts])
    tails = _NONE.union(*[part.finish for part in parts])
    return _Part(None, need, _few(starts, _EMPTY), _few(some, _NONE), _few(tails, _EMPTY))


def _few(strings: frozenset[str], otherwise: frozenset[str]) -> frozenset[str]:
    return strings if len(strings) <= MOST else otherwise


_TOKEN = re.compile(
    r"(?P<repeat>[?*+]\??|\{(?P<least>\d+)(?:,\d*)?\}\??)|(?P<open>\((?:\?:|\?P?<\w+>)?(?!\?))|(?P<bar>\|)|(?P<close>\))"
    r"|(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])|(?P<rest>\\w\*\\b)|(?P<digit>\\d)"
    r"|(?P<any>\.|\\[DwWS]|\\[pP](?:\w|\{\^?\w+\}))|(?P<edge>\\b)|(?P<space>\\s)|(?P<ends>[\^$])"
    r"|(?P<empty>\\[ABz])|\\(?P<escaped>[^\w])|(?P<letters>[^\\\[\](){}?*+|.^$](?![?*+{]))+"
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
                parts[-1:] = [_repeated(parts[-1], token) if parts else _ANYTHING]
            else:
                parts.append(self._one(token))
        found.append(_sequence(parts))
        return _either(found)

    def _one(self, token: re.Match[str]) -> _Part:
        kind = token.lastgroup
        if kind == "open":
            part = self._alternatives()
            if self._pattern[self._place : self._place + 1] != ")":
                raise _UnknownError
            self._place += 1
            return part
        if kind == "set":
            return _set(token["set"][1:-1])
        return _KINDS[kind or ""] if kind in _KINDS else _all(frozenset({token["escaped"] or token.group()}))


_KINDS = {
    "rest": _OPTIONAL,  # the rest of a word and its end are always there
    "digit": _all(frozenset("0123456789")),
    "any": _ANYTHING,
    "edge": _all(frozenset({EDGE})),
    "space": _all(frozenset({" "})),
    "ends": _all(frozenset({END})),
    "empty": _Part(_EMPTY),
}


def _repeated(part: _Part, token: re.Match[str]) -> _Part:
    if token["repeat"][0] == "?":
        return _all(part.exact | _EMPTY) if part.exact is not None else _Part(some=part.some | _EMPTY)
    if token["repeat"][0] == "*" or token["least"] == "0":
        return _OPTIONAL
    once = token["repeat"][0] == "+" or token["least"] == "1"
    return _Part(None, part.necessary, part.start, part.some if once else _NONE, part.finish, part.also)


_RANGE = re.compile(r"([a-z0-9а-я])-([a-z0-9а-я])")


def _set(inside: str) -> _Part:
    letters = inside.replace(r"\s", " ").replace(r"\-", "\0").replace(r"\d", "0-9")
    letters = _RANGE.sub(lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), letters)
    if inside.startswith("^") or "\\" in letters or "[:" in letters or "-" in letters.strip("-"):
        return _ANYTHING
    return _all(frozenset(letters.replace("\0", "-")))


@cache
def needs(pattern: str) -> Needs | None:
    """The necessary words of a pattern; None when they cannot be told."""
    try:
        part = _Reader(pattern).read()
    except _UnknownError:
        return None
    words = part.necessary
    if not words:
        return None
    forms: dict[str, bool] = {}
    for word in words:
        proven = word in part.some and proves(word)
        form = spelled(word)
        forms[form] = forms.get(form, proven) and proven
    if not all(map(str.strip, forms)):
        return None
    also = _fewest(set(map(spelled, part.also or ())))
    return Needs(
        {word: forms[word] for word in _fewest(set(forms))},
        tuple(also) if len(also) <= MOST_ALSO and all(map(str.strip, also)) else (),
    )


def _fewest(words: set[str]) -> list[str]:
    """The words without those that hold another of them."""
    if len(words) > MOST_COMPARED:
        return sorted(words)
    by_length = sorted(words, key=lambda word: (len(word), word))
    return [
        word
        for word in by_length
        if len(word) == len(by_length[0]) or not any(other in word for other in by_length if len(other) < len(word))
    ]

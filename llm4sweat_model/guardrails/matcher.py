"""Patterns searched for together by RE2, in time linear in the text: no pattern and no text can stall it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import re2

MEMORY = 4 << 20
"""Bytes that RE2 may use for the automaton of one concept; it fills only what texts make it visit."""

OPTIONS = re2.Options()
OPTIONS.max_mem, OPTIONS.log_errors = MEMORY, False


class MatcherError(Exception):
    """RE2 gave up on a text: nothing may be concluded from it. Raise `MEMORY` in guardrails/matcher.py."""


class Matcher:
    """Which of several groups of patterns are found in a text."""

    def __init__(self, groups: Iterable[tuple[int, Iterable[str]]]) -> None:
        """Each group with the bits that it stands for."""
        self._set = re2.Set.SearchSet(OPTIONS)
        self._bits = {self._set.Add(either(patterns)): bits for bits, patterns in groups}
        self._bits[self._set.Add("")] = 0  # a set that ran out of memory reports nothing at all, not even this
        self._set.Compile()
        self.found(b"")

    def found(self, text: bytes) -> int:
        """The bits of the groups that are found. `text` in UTF-8."""
        matched = self._set.Match(text)
        if not matched:
            raise MatcherError
        result = 0
        for number in matched:
            result |= self._bits[number]
        return result


def either(patterns: Iterable[str]) -> str:
    """One pattern that matches where one of these does."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


class Seam:
    """Patterns of which the places count. Made when it is first used."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._compiled: re2._Regexp | None = None

    def _regexp(self) -> re2._Regexp:
        if self._compiled is None:
            self._compiled = re2.compile(either(self._patterns), OPTIONS)
        return self._compiled

    def starts(self, text: str) -> set[int]:
        """Where the patterns begin in a text."""
        return {found.start() for found in self._regexp().finditer(text)}

    def blanked(self, text: str) -> str:
        """The text without what the patterns match."""
        return str(self._regexp().sub(" ", text))

"""In which language a text is written: by its letters and by small words, as listed in the pack.

Recognises the covered languages and, so that nothing is sent to somebody whose words no rule understands, the most
frequent others. A short text that shows nothing has no language; the rules of all are then tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from llm4sweat_model.condition_files import File, Table
from llm4sweat_model.guardrails.triage_file import TriageFile
from llm4sweat_model.text import normalise

LONGEST = 4_000
"""Characters that are looked at: a language shows in its first lines."""

ENOUGH = 0.9
"""One small word of one language, or its equal; less shows nothing."""

CLOSE = 0.6
"""A covered language with this share of the best one's evidence is a candidate too: people mix languages."""

FOREIGN, FOREIGN_TO_THE_PERSON = 1.15, 1.6
"""Evidence for an uncovered language must exceed that for every covered one, and for the person's own, by this factor."""

FOREIGN_SHARE = 0.15
"""Evidence for an uncovered language that each word of a text asks for: one word of it among many is there by chance."""

WORD_OF_THE_RULES = 0.34
"""A word that stands in a language's rules counts this much of a marker: loan words stand in many."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One language as it shows: small words, and letters (a character class) of which each one weighs `weight`."""

    code: str
    covered: bool
    markers: frozenset[str]
    words: frozenset[str] = frozenset()
    letters: str = ""
    weight: float = 0.0
    list_words: frozenset[str] = frozenset()  # "or" and what may stand in a denied list
    none_of: tuple[str, ...] = ()  # what denies the list before it: "none of that"


@dataclass(frozen=True, slots=True)
class Guess:
    """The covered languages that a text may be in, likeliest first, or the uncovered one that it is in.

    `lettered`: the covered languages whose own letters stand in the text, be it in one word.
    """

    covered: tuple[str, ...] = ()
    uncovered: str | None = None
    lettered: frozenset[str] = frozenset()

    @property
    def language(self) -> str | None:
        """The likeliest language, covered or not; None when the text shows none."""
        return self.uncovered or next(iter(self.covered), None)


class Languages:
    """All languages that can be told apart, ready to be asked."""

    def __init__(self, spoken: Iterable[Spoken]) -> None:
        self._covered: dict[str, bool] = {}
        self._letters: list[tuple[str, float, re.Pattern[str]]] = []
        self._weights: dict[str, list[tuple[str, float]]] = {}
        known = list(spoken)
        self._add_words([(one.code, one.markers) for one in known], 1.0)
        self._add_words([(one.code, one.words - one.markers) for one in known], WORD_OF_THE_RULES)
        for one in known:
            self._covered[one.code] = one.covered
            if one.letters:
                self._letters.append((one.code, one.weight, re.compile(f"[{one.letters}]")))

    def _add_words(self, lists: list[tuple[str, frozenset[str]]], weight: float) -> None:
        owners: dict[str, set[str]] = {}
        for code, listed in lists:
            for word in listed:
                owners.setdefault(word, set()).add(code)
        for word, codes in owners.items():
            share = weight / sqrt(len(codes))
            self._weights.setdefault(word, []).extend((code, share) for code in sorted(codes))

    def guess(self, raw: str, words: Sequence[str], given: str | None = None) -> Guess:
        """`raw`: the text as it was written; `words`: of its normalised form; `given`: the person's own language."""
        letters = self._lettered(raw[:LONGEST])
        scores = dict(letters)
        for word in words[: LONGEST // 5]:
            for code, share in self._weights.get(word, ()):
                scores[code] = scores.get(code, 0.0) + share
        covered = sorted((-score, code) for code, score in scores.items() if self._covered[code])
        other = sorted((-score, code) for code, score in scores.items() if not self._covered[code])
        best = -covered[0][0] if covered else 0.0
        own = scores.get(given or "", 0.0)
        lettered = frozenset(code for code in letters if self._covered[code])
        least = max(ENOUGH, best * FOREIGN, own * FOREIGN_TO_THE_PERSON, FOREIGN_SHARE * len(words))
        if other and -other[0][0] >= least:
            return Guess((), other[0][1], lettered)
        if best < ENOUGH:
            return Guess((), None, lettered)
        near = [code for score, code in covered if -score >= best * CLOSE]
        if given in near:
            near = [code for code in near if code == given or scores[code] > own]
        return Guess(tuple(near), None, lettered)

    def _lettered(self, raw: str) -> dict[str, float]:
        """The evidence of letters that few languages have."""
        if raw.isascii():
            return {}
        raw = unicodedata.normalize("NFC", raw.lower())
        alphabet = "".join(set(raw))
        return {
            code: weight * len(letters.findall(raw))
            for code, weight, letters in self._letters
            if letters.search(alphabet)
        }


def parse(file: File, triage: Sequence[TriageFile], vocabulary: dict[str, frozenset[str]]) -> list[Spoken]:
    """The languages of `languages.toml` and of the rules. `vocabulary`: the words of each family's patterns."""
    top = Table(file, file.toml())
    families = sorted({one.family for one in triage})
    covered = top.table("covered", "[covered", needed=False)
    markers = {
        family: frozenset(word for one in triage if one.family == family for word in one.markers) for family in families
    }
    spoken = []
    for family in families:
        table = Table(file, covered.data.get(family, {}), f"[covered.{family}]")
        letters, weight = table.text("letters", ""), table.number("weight", 0)
        listed = frozenset(map(normalise, table.texts("list_words", ())))
        none_of = tuple(map(normalise, table.texts("none_of", ())))
        table.done()
        known = vocabulary.get(family, frozenset())
        spoken.append(Spoken(family, True, markers[family], known, _class(table, letters), weight, listed, none_of))
    uncovered = top.table("uncovered", "[uncovered.")
    for code, data in uncovered.data.items():
        table = Table(file, data, f"[uncovered.{code}]")
        table.text("name")
        found = frozenset(word for marker in table.texts("markers", ()) for word in normalise(marker).split())
        letters, weight = table.text("letters", ""), table.number("weight", 1)
        spoken.append(Spoken(code, False, found, frozenset(), _class(table, letters), weight))
        table.done()
    top.done()
    return spoken


def _class(table: Table, letters: str) -> str:
    try:
        re.compile(f"[{letters}]" if letters else "")
    except re.error as error:
        table.wrong("letters", f"`letters` is no set of characters ({error})", "write letters and ranges such as а-я")
        return ""
    return letters

"""Numbers with units in a text of any covered language: doses, strengths, frequencies, durations, as canonical values.

The words come from the pack (`[quantity.units]`, `[quantity.numbers]`, `[quantity.frequency]`). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from llm4sweat_model.condition import Quantities
from llm4sweat_model.text import normalise

_DIGITS = re.compile(r"\d+(?:[.,]\d+)?")
_RANGE = r"(?:\s*(?:-|–|—|to|bis|a|à|bis zu|से|至|到|до|الى)\s*)"
DOSES = frozenset({"mg", "g", "ml", "percent", "unit", "ma", "tablet", "pump", "cloth", "drop"})
"""Units that are a dose or a strength wherever they stand."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its canonical unit; a frequency has the unit "per_day"."""

    value: float
    unit: str


class Quantifier:
    """Finds quantities in texts of one language (with the digits and symbols that all share)."""

    def __init__(self, words: Iterable[Quantities]) -> None:
        units: dict[str, str] = {"%": "percent", "mg": "mg", "ml": "ml"}
        numbers: dict[str, float] = {}
        frequency: dict[str, float] = {}
        for one in words:
            units |= dict(one.units)
            numbers |= dict(one.numbers)
            frequency |= dict(one.frequency)
        self._units, self._numbers, self._frequency = units, numbers, frequency

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        number = rf"(?:{_DIGITS.pattern}|{_any(self._numbers)})" if self._numbers else _DIGITS.pattern
        return re.compile(
            rf"(?<![\w.,])(?P<first>{number})(?:{_RANGE}(?P<last>{number}))?\s*-?\s*(?P<unit>{_any(self._units)})(?![a-z])"
        )

    @cached_property
    def _often(self) -> re.Pattern[str] | None:
        return re.compile(rf"(?<![a-z])(?P<often>{_any(self._frequency)})(?![a-z])") if self._frequency else None

    def find(self, text: str) -> frozenset[Quantity]:
        """All quantities of a text. A range gives both its ends."""
        spelled = normalise(text)
        found = set()
        for match in self._pattern.finditer(spelled):
            unit = self._units[match["unit"]]
            for number in (match["first"], match["last"]):
                if number is not None:
                    found.add(Quantity(self._number(number), unit))
        if self._often is not None:
            found |= {Quantity(round(self._frequency[m["often"]], 4), "per_day") for m in self._often.finditer(spelled)}
        return frozenset(found)

    def _number(self, word: str) -> float:
        if word in self._numbers:
            return self._numbers[word]
        return float(word.replace(",", "."))


def _any(words: Mapping[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

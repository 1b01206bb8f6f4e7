"""Which rules fire on a text. Pure and in memory: an emergency is answered from here before any I/O.

Reads a text once (`Rules.read`), then asks what it says (`Reading.has`), which rules fire (`Rules.verdicts`) and which
boundaries a draft oversteps (`Rules.judge`). What a verdict leads to is `policy.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from core.domain import Category, Disposition, Verdict
from llm4sweat_model.guardrails.family import EVERY_LANGUAGE, Clause
from llm4sweat_model.guardrails.prefilter import Index
from llm4sweat_model.guardrails.reading import Reader, Reading, Version, together
from llm4sweat_model.guardrails.triage_file import WITHIN, Rule, TriageFile
from llm4sweat_model.language import Spoken

__all__ = ["ASKS", "Clause", "Condition", "Reading", "Rules"]

ASKS = {
    Category.EMERGENCY: Disposition.EMERGENCY,
    Category.SELF_HARM: Disposition.EMERGENCY,
    Category.URGENT_MEDICAL: Disposition.HOLD,
    Category.PREGNANCY_OR_MINOR: Disposition.HOLD,
    Category.MEDICATION_DOSING: Disposition.HOLD,
    Category.PROMPT_INJECTION: Disposition.DECLINE,
    Category.ABUSE: Disposition.DECLINE,
    Category.OUT_OF_SCOPE: Disposition.DECLINE,
}
RECENT = 64
"""Texts whose reading is kept for a moment: what the alarm has read, the reply reads again."""
_ORDER = {category: place for place, category in enumerate(Category)}


class Condition(Protocol):
    """What rules and boundaries share: a combination of concepts."""

    @property
    def all(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def unless(self) -> tuple[str, ...]: ...
    @property
    def within(self) -> str: ...


Combination = TypeVar("Combination", bound=Condition)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A combination in the bits of one family; `everywhere`: its `unless` in all families."""

    all: tuple[int, ...]
    unless: int
    everywhere: int

    def fits(self, active: int, absent: int) -> bool:
        return not absent and all(active & mask for mask in self.all)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule, ready to be tried."""

    rule: Rule
    family: str
    bits: _Compiled


class Rules:
    """The rules of all languages, ready to read texts. Immutable after construction; safe to share between threads."""

    def __init__(
        self, files: Sequence[TriageFile], spoken: Sequence[Spoken], indexes: Mapping[str, Index] | None = None
    ) -> None:
        """`spoken`: all languages, covered or not, that a text may be in; `indexes`: as for `Lexicon`."""
        self.files = tuple(files)
        self._reader = Reader(files, spoken, indexes, self._may_be_grave)
        self._read = lru_cache(RECENT)(self._reader.read)
        self.lexicon = self._reader.lexicon
        self._by_bit: dict[str, dict[int, list[_Ready]]] = {within: {} for within in WITHIN}
        self._grave: dict[str, list[_Ready]] = {}
        self._judged: dict[tuple[Condition, str], _Compiled] = {}
        for file in files:
            for rule in file.rules:
                self._index(_Ready(rule, file.family, self._compile(rule, file.family)))

    def _compile(self, combination: Condition, family: str) -> _Compiled:
        return _Compiled(
            tuple(together(self.lexicon.mask(family, name) for name in term) for term in combination.all),
            together(self.lexicon.mask(family, name) for name in combination.unless),
            together(self.lexicon.masks(name, self.lexicon.families) for name in combination.unless),
        )

    def _index(self, ready: _Ready) -> None:
        """Files a rule under the concepts of its narrowest term: where none of them stands it cannot fire."""
        if ready.rule.category in EVERY_LANGUAGE and ready.bits.all:
            self._grave.setdefault(ready.family, []).append(ready)
        first = min(ready.bits.all, key=int.bit_count, default=0)
        by_bit = self._by_bit.get(ready.rule.within, {})
        while first:
            low = first & -first
            by_bit.setdefault(low, []).append(ready)
            first ^= low

    def read(self, text: str, language: str | None = None, *, disguised: bool = True) -> Reading:
        """The text understood once. `language`: what is said to be its language, counted beside what it shows.

        `disguised`: misspelt and hidden words are undone too; a machine's draft needs that not.
        """
        return self._read(text, language, disguised)

    def verdicts(self, text: str | Reading, language: str | None = None) -> tuple[Verdict, ...]:
        """Every rule that fires, the gravest category first. `language`: the person's own, tried beside the text's."""
        reading = text if isinstance(text, Reading) else self.read(text, language)
        if not set(self._reader.families(reading.guess, language)) <= set(reading.families):
            reading = self.read(reading.source, language)
        fired = {rule.id: rule for version in reading.versions for rule in self._fired(version, reading)}
        return tuple(
            Verdict(rule.id, rule.version, rule.category, ASKS[rule.category], rule.reason, None, rule.text)
            for rule in sorted(fired.values(), key=lambda rule: (_ORDER[rule.category], rule.id))
        )

    def _may_be_grave(self, family: str, bits: int) -> bool:
        """Whether a rule that is tried in every language can fire where these concepts are found, standing or not."""
        return any(ready.bits.fits(bits, 0) for ready in self._grave.get(family, ()))

    def _fired(self, version: Version, reading: Reading) -> Iterator[Rule]:
        for family, clauses in version.items():
            for within, active in _units(clauses):
                by_bit = self._by_bit[within]
                left = active
                while left:
                    low = left & -left
                    left ^= low
                    for ready in by_bit.get(low, ()):
                        if self._fires(ready, active, reading) and self._counts(ready.rule, family, reading):
                            yield ready.rule

    def _fires(self, ready: _Ready, active: int, reading: Reading) -> bool:
        if ready.rule.within != "message":
            return ready.bits.fits(active, active & ready.bits.unless)
        # what the writer said in another of their languages counts as well
        reach = reading.own | self.lexicon.families[ready.family].mask
        return ready.bits.fits(active, reading.active & ready.bits.everywhere & reach)

    def _counts(self, rule: Rule, family: str, reading: Reading) -> bool:
        spoken = rule.category in EVERY_LANGUAGE or family in reading.families
        return spoken and reading.words >= rule.min_words

    def judge(self, draft: Reading, boundaries: Iterable[Combination]) -> tuple[Combination, ...]:
        """The boundaries that a draft oversteps, matched like rules, each in one language at a time."""
        units = {
            family: [unit for version in draft.versions for unit in _units(version[family])]
            for family in draft.families
        }
        return tuple(
            boundary
            for boundary in boundaries
            if any(self._oversteps(boundary, family, units[family]) for family in draft.families)
        )

    def _oversteps(self, boundary: Condition, family: str, units: list[tuple[str, int]]) -> bool:
        bits = self._judged.get((boundary, family))
        if bits is None:
            bits = self._judged[boundary, family] = self._compile(boundary, family)
        return any(within == boundary.within and bits.fits(active, active & bits.unless) for within, active in units)


def _units(clauses: Sequence[Clause]) -> list[tuple[str, int]]:
    """What stands together in each clause, each sentence and the whole text; what says nothing is left out."""
    sentences: dict[int, int] = {}
    found = []
    whole = 0
    for clause in clauses:
        if clause.active:
            found.append(("clause", clause.active))
            sentences[clause.sentence] = sentences.get(clause.sentence, 0) | clause.active
            whole |= clause.active
    found.extend(("sentence", bits) for bits in sentences.values())
    found.append(("message", whole))
    return found

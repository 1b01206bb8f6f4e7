"""Which rules fire on a text. Pure and in memory: an emergency is answered from here before any I/O.

Reads a text once (`Rules.read`), then asks what it says (`Reading.has`), which rules fire (`Rules.verdicts`) and which
boundaries a draft oversteps (`Rules.judge`). What a verdict leads to is `policy.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from core.domain import Category, Disposition, Verdict
from llm4sweat_model.disguise import readings
from llm4sweat_model.guardrails.lexicon import Found, Lexicon, literals
from llm4sweat_model.guardrails.triage_file import Rule, TriageFile
from llm4sweat_model.language import Guess, Languages, Spoken
from llm4sweat_model.text import count_words, normalise, pieces, words
from llm4sweat_model.typos import Typos

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
EVERY_LANGUAGE = frozenset({Category.EMERGENCY, Category.SELF_HARM})
"""Categories whose rules are tried on every text, whatever its language."""

_ORDER = {category: place for place, category in enumerate(Category)}
LIST_MEMBER = 4
"""Words that a further member of a denied list has at most ("no fever, chills or weight loss"); more is a statement."""


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
class Clause:
    """One clause: its words, its sentence, all its concepts and those that stand, as bits."""

    text: str
    sentence: int
    raw: int
    active: int


class Reading:
    """A text as the rules understood it. `guess`: its language; `clauses`: as it was written; `others`: further readings."""

    def __init__(
        self,
        lexicon: Lexicon,
        text: str,
        guess: Guess,
        families: frozenset[str],
        clauses: tuple[Clause, ...],
        others: tuple[tuple[Clause, ...], ...],
    ) -> None:
        """`families`: the languages whose concepts count, those that the text may be in, or all when it shows none."""
        self.lexicon, self.text, self.guess, self.families = lexicon, text, guess, families
        self.clauses, self.others = clauses, others

    @cached_property
    def active(self) -> int:
        """All concepts that stand anywhere in any reading, as bits."""
        return _together(clause.active for clauses in (self.clauses, *self.others) for clause in clauses)

    @cached_property
    def raw(self) -> int:
        """The same with those that are silenced."""
        return _together(clause.raw for clauses in (self.clauses, *self.others) for clause in clauses)

    @cached_property
    def words(self) -> int:
        """How many words the text has."""
        return sum(count_words(clause.text) for clause in self.clauses)

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The names of the concepts that stand."""
        return self.lexicon.names(self.active & self._mine)

    @cached_property
    def _mine(self) -> int:
        return sum(self.lexicon.family_mask[family] for family in self.families)

    def has(self, concept: str, silenced: bool = False) -> bool:
        """Whether the text says this and it stands; with `silenced`, whether it says it at all."""
        bits = self.raw if silenced else self.active
        return bool(bits & self.lexicon.masks(concept, self.families))


def _together(bits: Iterable[int]) -> int:
    result = 0
    for some in bits:
        result |= some
    return result


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule in bits."""

    rule: Rule
    all: tuple[int, ...]
    unless: int
    everywhere: int  # `unless` in all families, for a rule on the whole message

    def fires(self, active: int, whole: int) -> bool:
        """`active`: what stands in the unit; `whole`: what stands anywhere, in the languages that count."""
        absent = whole & self.everywhere if self.rule.within == "message" else active & self.unless
        return not absent and all(active & mask for mask in self.all)


class Rules:
    """The rules of all languages, ready to read texts. Immutable after construction; safe to share between threads."""

    def __init__(self, files: Sequence[TriageFile], spoken: Sequence[Spoken]) -> None:
        """`spoken`: all languages, covered or not, that a text may be in."""
        self.files = tuple(files)
        self.lexicon = Lexicon(files)
        self._languages = Languages(spoken)
        self._or_words = frozenset(word for one in spoken for word in one.list_words)
        self._markers = frozenset(word for file in files for word in file.markers)
        self._vocabulary = literals(files)
        self._typos = {
            family: Typos((word for file in files if file.family == family for word in file.typos), self._vocabulary)
            for family in self.lexicon.families
        }
        self._all_typos = Typos((word for file in files for word in file.typos), self._vocabulary)
        self._by_bit: dict[int, list[_Compiled]] = {}
        for file in files:
            for rule in file.rules:
                self._index(rule, file.family)

    def _index(self, rule: Rule, family: str) -> None:
        masks = tuple(_together(self.lexicon.mask(family, name) for name in term) for term in rule.all)
        compiled = _Compiled(
            rule,
            masks,
            _together(self.lexicon.mask(family, name) for name in rule.unless),
            _together(self.lexicon.masks(name, self.lexicon.families) for name in rule.unless),
        )
        first = min(masks, key=int.bit_count, default=0)
        while first:
            low = first & -first
            self._by_bit.setdefault(low.bit_length() - 1, []).append(compiled)
            first ^= low

    def read(self, text: str, language: str | None = None) -> Reading:
        """The text understood once. `language`: what is said to be its language, counted beside what it shows."""
        spelled = normalise(text)
        guess = self._languages.guess(text, words(spelled))
        families = self._families(guess, language)
        memory: dict[str, Found] = {}
        further = readings(spelled, self._vocabulary, self._correct(families))
        clauses = self._clauses(spelled, families, memory)
        others = tuple(self._clauses(other, families, memory) for other in further)
        return Reading(self.lexicon, spelled, guess, families, clauses, others)

    def _families(self, guess: Guess, language: str | None) -> frozenset[str]:
        given = {language.split("-")[0]} & set(self.lexicon.families) if language else set()
        return frozenset(guess.covered) | given or frozenset(self.lexicon.families)

    def _correct(self, families: frozenset[str]) -> Callable[[str], str]:
        if len(families) == 1:
            return self._typos[next(iter(families))].correct
        return self._all_typos.correct

    def _clauses(self, text: str, families: frozenset[str], memory: dict[str, Found]) -> tuple[Clause, ...]:
        cut = []
        for piece in pieces(text):
            parts, anew = self.lexicon.cut(piece.text, families)
            for index, part in enumerate(parts):
                cut.append((part, piece.sentence, piece.comma and index == 0 and not anew))
        found = []
        for part, _, _ in cut:
            if part not in memory:
                memory[part] = self.lexicon.find(part)
            found.append(memory[part])
        active = self.lexicon.active(found, self._carried(cut, found))
        return tuple(
            Clause(part, sentence, clause.raw, bits)
            for (part, sentence, _), clause, bits in zip(cut, found, active, strict=True)
        )

    def _carried(self, cut: list[tuple[str, int, bool]], found: list[Found]) -> list[frozenset[int]]:
        """Where a denial goes on through a list that ends with "or"."""
        carried: list[frozenset[int]] = [frozenset()] * len(cut)
        for start, clause in enumerate(found):
            denying = self.lexicon.denies(clause)
            if not denying:
                continue
            end = start + 1
            while end < len(cut) and self._is_member(cut[end], cut[start][1]) and not found[end].modifiers:
                end += 1
            while end > start + 1 and not self._or_words & set(cut[end - 1][0].split()):
                end -= 1
            for place in range(start + 1, end):
                carried[place] |= denying
        return carried

    def _is_member(self, part: tuple[str, int, bool], sentence: int) -> bool:
        tokens = [token for token in part[0].split() if token not in self._or_words]
        plain = self._markers.isdisjoint(tokens)
        return part[2] and part[1] == sentence and len(tokens) <= LIST_MEMBER and plain

    def verdicts(self, text: str | Reading, language: str | None = None) -> tuple[Verdict, ...]:
        """Every rule that fires, the gravest category first. `language`: the person's own, tried beside the text's."""
        reading = text if isinstance(text, Reading) else self.read(text, language)
        fired = self._fired(reading, self._families(reading.guess, language))
        ordered = sorted(fired.values(), key=lambda rule: (_ORDER[rule.category], rule.id))
        return tuple(
            Verdict(rule.id, rule.version, rule.category, ASKS[rule.category], rule.reason, None, rule.text)
            for rule in ordered
        )

    def _fired(self, reading: Reading, families: frozenset[str]) -> dict[str, Rule]:
        own = _together(self.lexicon.family_mask[family] for family in families)
        fired: dict[str, Rule] = {}
        for clauses in (reading.clauses, *reading.others):
            for within, active in _units(clauses):
                for compiled in self._near(active):
                    rule = compiled.rule
                    if rule.id in fired or rule.within != within or not self._speaks(rule, families):
                        continue
                    reach = reading.active & (-1 if rule.category in EVERY_LANGUAGE else own)
                    if compiled.fires(active, reach) and reading.words >= rule.min_words:
                        fired[rule.id] = rule
        return fired

    @staticmethod
    def _speaks(rule: Rule, families: frozenset[str]) -> bool:
        return rule.category in EVERY_LANGUAGE or rule.language.split("-")[0] in families

    def _near(self, active: int) -> Iterable[_Compiled]:
        while active:
            low = active & -active
            yield from self._by_bit.get(low.bit_length() - 1, ())
            active ^= low

    def judge(self, draft: Reading, boundaries: Iterable[Combination]) -> tuple[Combination, ...]:
        """The boundaries that a draft oversteps, matched like rules, each in one language at a time."""
        units = [unit for clauses in (draft.clauses, *draft.others) for unit in _units(clauses)]
        return tuple(
            boundary
            for boundary in boundaries
            if any(self._oversteps(boundary, family, units) for family in draft.families)
        )

    def _oversteps(self, boundary: Condition, family: str, units: list[tuple[str, int]]) -> bool:
        needed = [_together(self.lexicon.mask(family, name) for name in term) for term in boundary.all]
        unless = _together(self.lexicon.mask(family, name) for name in boundary.unless)
        return any(
            within == boundary.within and not active & unless and all(active & mask for mask in needed)
            for within, active in units
        )


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

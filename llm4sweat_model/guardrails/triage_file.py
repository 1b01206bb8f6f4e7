"""How people of one language say things: `triage/<lang>.toml` as frozen data, every mistake in it reported with its line.

The patterns are spelled as the texts are (`llm4sweat_model.text`). Matching them is `rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import re2

from core.domain import Category
from llm4sweat_model.condition_files import File, Table
from llm4sweat_model.guardrails.needs import needs
from llm4sweat_model.text import fold_pattern, normalise

SCRIPTS = ("latin", "cyrillic", "arabic", "devanagari", "han")
SILENCERS = ("negation", "past", "hypothetical", "third")
SILENCED_BY_DEFAULT = ("negation", "past", "hypothetical")
MODIFIERS = ("splitters", "negation", "not_negation", "past", "present", "hypothetical", "third", "idiom")
WITHIN = ("clause", "sentence", "message")
UNITS = (
    "mg", "g", "ml", "percent", "unit", "ma", "minute", "hour", "day", "week", "month", "year", "time", "tablet",
    "pump", "cloth", "session", "drop", "degree",
)  # fmt: skip
RULE_CATEGORIES = tuple(category.value for category in Category if category is not Category.ROUTINE)


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning and the patterns that say it."""

    name: str
    patterns: tuple[str, ...]
    silenced_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which concepts together ask for caution. `all` must be there, each one of its alternatives; `unless` must not."""

    id: str
    category: Category
    text: str | None
    all: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    within: str
    min_words: int
    reason: str
    sources: tuple[str, ...]
    version: str
    language: str
    line: int


@dataclass(frozen=True, slots=True)
class Quantities:
    """Words for units (to the canonical unit), numbers and frequencies (times a day), as `normalise` spells them."""

    units: Mapping[str, str]
    numbers: Mapping[str, float]
    frequency: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TriageFile:
    """One language in one script. `family` is the language without the script: hi for hi-Latn."""

    language: str
    script: str
    reviewed: str
    markers: tuple[str, ...]
    typos: tuple[str, ...]
    not_typos: tuple[str, ...]
    clause: Mapping[str, tuple[str, ...]]
    concepts: tuple[Concept, ...]
    rules: tuple[Rule, ...]
    quantities: Quantities
    name: str
    version: str

    @property
    def family(self) -> str:
        return self.language.split("-")[0]


_UPPER = re.compile(r"(?<!\\)(?<!\\p\{)(?<!\[:)[A-ZÀ-ÞА-ЯЁ]")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def _pattern(table: Table, pattern: str) -> str | None:
    """The pattern as it is matched, or None with the problem noted."""
    folded = fold_pattern(pattern)
    try:
        empty = _matches_nothing(folded)
    except re2.error as error:
        what = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        table.wrong(pattern, f"the pattern '{pattern}' does not compile ({what})", "RE2 has no look-around or \\1")
        return None
    if _UPPER.search(pattern) and _UPPER.search(re.sub(r"\\[pPxQE]\{?\w*\}?", "", pattern)):
        table.wrong(pattern, f"the pattern '{pattern}' has a capital letter", "texts are lower case: write it so")
    if empty:
        table.wrong(pattern, f"the pattern '{pattern}' matches an empty text", "make one part of it necessary")
        return None
    return folded


def _matches_nothing(pattern: str) -> bool:
    """Whether a pattern matches an empty text. Adding to a set is the cheapest way to see that it compiles at all."""
    try:
        re2.Set.SearchSet(_OPTIONS).Add(pattern)
    except re2.error:
        re2.compile(pattern, _OPTIONS)  # says why
        raise
    return needs(pattern) is None and re2.compile(pattern, _OPTIONS).search("") is not None


def _patterns(table: Table, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    found = (_pattern(table, pattern) for pattern in table.texts(key, default))
    return tuple(dict.fromkeys(pattern for pattern in found if pattern))


def _concept(table: Table, name: str) -> Concept:
    silenced_by = table.texts("silenced_by", SILENCED_BY_DEFAULT)
    for silencer in set(silenced_by) - set(SILENCERS):
        table.wrong(silencer, f"{silencer!r} silences nothing", f"write some of: {', '.join(SILENCERS)}")
    known = tuple(silencer for silencer in silenced_by if silencer in SILENCERS)
    concept = Concept(name, _patterns(table, "patterns"), known)
    if not concept.patterns and not table.data.get("patterns"):
        table.wrong("", f"the concept {name!r} has no pattern", "give it one or take it out")
    table.done()
    return concept


def terms(table: Table, key: str, default: tuple[str, ...] | None = None) -> tuple[tuple[str, ...], ...]:
    """Terms such as "pain|pressure", each as its alternatives."""
    return tuple(tuple(part.strip() for part in term.split("|")) for term in table.texts(key, default))


def _rule(table: Table, language: str, known: frozenset[str]) -> Rule:
    file = table.file
    category = table.text("category", among=RULE_CATEGORIES)
    text = table.text("text", "")
    rule = Rule(
        id=table.text("id"),
        category=Category(category) if category in RULE_CATEGORIES else Category.OUT_OF_SCOPE,
        text=text or None,
        all=terms(table, "all"),
        unless=tuple(name for term in terms(table, "unless", ()) for name in term),
        within=table.text("within", "clause", among=WITHIN),
        min_words=int(table.number("min_words", 0)),
        reason=table.text("reason"),
        sources=table.texts("sources", ()),
        version=file.version,
        language=language,
        line=file.line(*table.place, start=table.start),
    )
    table.done()
    if not rule.id.startswith(f"{language}."):
        table.wrong("", f"the rule id {rule.id!r} does not begin with {language!r}", f"write {language}.{rule.id}")
    if category in {"emergency", "self_harm", "urgent_medical"} and not text:
        table.wrong("", f"the rule {rule.id!r} names no text", "add `text`, a key of messages/")
    if not rule.all:
        table.wrong("", f"the rule {rule.id!r} needs nothing, so it would always fire", "name concepts in `all`")
    for name in {name for term in rule.all for name in term} | set(rule.unless):
        if name not in known:
            table.wrong(name, f"the rule {rule.id!r} names the unknown concept {name!r}", "define it or mend the name")
    return rule


def _quantities(table: Table) -> Quantities:
    units = table.table("units", "[quantity.units]", needed=False)
    words: dict[str, str] = {}
    for unit in units.data:
        if unit not in UNITS:
            units.wrong(unit, f"{unit!r} is no unit", f"write one of: {', '.join(UNITS)}")
        words |= {normalise(word): unit for word in units.texts(unit)}
    numbers = table.table("numbers", "[quantity.numbers]", needed=False)
    frequency = table.table("frequency", "[quantity.frequency]", needed=False)
    table.done()
    return Quantities(
        words,
        {normalise(word): numbers.number(word) for word in numbers.data},
        {normalise(word): frequency.number(word) for word in frequency.data},
    )


def parse(file: File, also: frozenset[str] = frozenset()) -> TriageFile:
    """The file as data; its mistakes are in `file.problems`. `also`: concepts that the language's other file defines."""
    top = Table(file, file.toml())
    language = top.text("language")
    clause = top.table("clause", "[clause]")
    modifiers = {key: _patterns(clause, key, ()) for key in MODIFIERS}
    clause.done()
    concepts = top.table("concepts", "[concepts.")
    found = [_concept(Table(file, data, f"[concepts.{name}]"), name) for name, data in concepts.data.items()]
    known = frozenset(concepts.data) | also
    rules = [_rule(table, language, known) for table in top.tables("rule", "id")]
    for twice in {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}:
        top.wrong(twice, f"the rule id {twice!r} stands twice", "give each rule its own id")
    result = TriageFile(
        language=language,
        script=top.text("script", among=SCRIPTS),
        reviewed=top.text("reviewed"),
        markers=tuple(map(normalise, top.texts("markers"))),
        typos=tuple(map(normalise, top.texts("typos", ()))),
        not_typos=tuple(map(normalise, top.texts("not_typos", ()))),
        clause=modifiers,
        concepts=tuple(found),
        rules=tuple(rules),
        quantities=_quantities(top.table("quantity", "[quantity", needed=False)),
        name=file.name,
        version=file.version,
    )
    top.done()
    return result

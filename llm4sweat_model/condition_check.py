"""Whether the files of a pack fit together: what one names, another must have."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain import Purpose
from llm4sweat_model.condition_files import File, Problem, read
from llm4sweat_model.condition_triage import wanted
from llm4sweat_model.golden import coverage
from llm4sweat_model.guardrails.triage_file import TriageFile

if TYPE_CHECKING:
    from llm4sweat_model.condition import Condition

EVERY_PACK = (
    "in_scope", "smalltalk", "about_bot", "follow_up", "feeling_sad", "feeling_anxious", "feeling_angry", "feeling_hope",
)  # fmt: skip
"""Concepts that every language of every pack defines, whatever the condition: code asks for them."""


class _Lines:
    """The texts of the files, read again only when a problem needs its line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, File | None] = {}

    def problem(self, name: str, needles: Iterable[str], what: str, mend: str) -> Problem:
        if name not in self._files:
            self._files[name] = read(self._folder, name, [])
        file = self._files[name]
        return Problem(name, file.line(*needles) if file else 0, what, mend)

    def passage(self, language: str, name: str, what: str, mend: str) -> Problem:
        """A problem at the passage of this id."""
        for path in sorted((self._folder / "knowledge" / language).glob("*.toml")):
            problem = self.problem(path.relative_to(self._folder).as_posix(), (f'id = "{name}"',), what, mend)
            if problem.line:
                return problem
        return Problem(f"knowledge/{language}", 0, what, mend)


def cross_check(condition: Condition, folder: Path, partial: bool) -> list[Problem]:
    """Everything that does not fit. With `partial`, what is missing because a language is unfinished is left out."""
    lines = _Lines(folder)
    found = [*_rules(condition, lines), *_strays(condition, folder), *_boundaries(condition, lines)]
    found += coverage(condition.rules.files, condition.golden)
    found += [*_treatments(condition, lines), *_translations(condition, lines)]
    if not partial:
        found += [*_concepts(condition), *_complete(condition)]
    return found


def _rules(condition: Condition, lines: _Lines) -> Iterable[Problem]:
    keys = condition.messages.texts.get("en", {})
    for file in condition.rules.files:
        for rule in file.rules:
            for source in rule.sources:
                if source not in condition.sources:
                    mend = "add it to sources.toml or mend the id"
                    yield lines.problem(file.name, (rule.id, source), f"the rule {rule.id!r} cites {source!r}", mend)
            if rule.text and keys and rule.text not in keys:
                what = f"the rule {rule.id!r} names the text {rule.text!r}, which messages/en.toml lacks"
                yield lines.problem(file.name, (rule.id, rule.text), what, "add it to messages/ or mend the key")
    for country in (condition.fallback, *condition.countries.values()):
        for source in country.sources:
            if source not in condition.sources:
                what = f"{country.code or 'the fallback'} cites {source!r}"
                table = f"[country.{country.code}]" if country.code else "[fallback]"
                yield lines.problem("crisis.toml", (table, source), what, "add it to sources.toml or mend the id")


def _strays(condition: Condition, folder: Path) -> Iterable[Problem]:
    expected = {"triage": wanted(condition.languages), "messages": condition.languages}
    for name, stems in expected.items():
        for path in sorted((folder / name).glob("*.toml")):
            if path.stem not in stems and condition.languages:
                what = f"{path.stem!r} is no language of this pack"
                yield Problem(f"{name}/{path.name}", 0, what, "add it to `languages` in condition.toml or remove it")


def _names(files: Iterable[TriageFile]) -> frozenset[str]:
    return frozenset(concept.name for file in files for concept in file.concepts)


def _boundaries(condition: Condition, lines: _Lines) -> Iterable[Problem]:
    known = _names(condition.rules.files)
    for boundary in condition.boundaries:
        for name in sorted({name for term in boundary.all for name in term} | set(boundary.unless)):
            if known and name not in known:
                what = f"the boundary {boundary.id!r} names the unknown concept {name!r}"
                where = (f'"{boundary.id}"', name)
                yield lines.problem("boundaries.toml", where, what, "define it in triage/ or mend the name")


def _treatments(condition: Condition, lines: _Lines) -> Iterable[Problem]:
    known = _names(condition.rules.files)
    for row in condition.contraindications if known else ():
        for name in (row.treatment, row.fact):
            if name not in known:
                what = f"no language defines {name!r}"
                yield lines.problem("contraindications.toml", (f'"{name}"',), what, "define it in triage/ or mend it")
    for language, passages in condition.passages.items():
        for passage in passages if known else ():
            for name in sorted((passage.treatments | passage.sites) - known):
                what = f"the passage {passage.id!r} ({language}) names the unknown concept {name!r}"
                yield lines.passage(language, passage.id, what, "define it in triage/ or mend the name")


def _translations(condition: Condition, lines: _Lines) -> Iterable[Problem]:
    english = {passage.id: passage for passage in condition.passages.get("en", ())}
    for language, passages in condition.passages.items():
        for passage in passages:
            model = english.get(passage.id)
            if model is None:
                what = f"the passage {passage.id!r} has no English one"
                yield Problem(f"knowledge/{language}", 0, what, "write it in English too, with its ways of asking")
            elif (model.treatments, model.sites) != (passage.treatments, passage.sites):
                what = f"the passage {passage.id!r} has other treatments or sites than in English"
                yield lines.passage(language, passage.id, what, "make them the same")


def _concepts(condition: Condition) -> Iterable[Problem]:
    families: dict[str, list[TriageFile]] = {}
    for file in condition.rules.files:
        families.setdefault(file.family, []).append(file)
    for files in families.values():
        for name in sorted((_used(condition) | set(EVERY_PACK)) - _names(files)):
            yield Problem(
                files[0].name,
                0,
                f"defines no concept {name!r}",
                f"add [concepts.{name}]: all languages have it",
            )


def _used(condition: Condition) -> set[str]:
    """Concepts that the pack's tables name, in whatever language a text is."""
    found = {name for row in condition.contraindications for name in (row.treatment, row.fact)}
    found |= {name for boundary in condition.boundaries for term in (*boundary.all, boundary.unless) for name in term}
    for passages in condition.passages.values():
        found |= {name for passage in passages for name in passage.treatments | passage.sites}
    return found


def _complete(condition: Condition) -> Iterable[Problem]:
    if Purpose.DRAFT not in condition.prompts:
        yield Problem("prompts/draft.toml", 0, "the file is missing", "add it with `system` and `user`")
    if not condition.passages.get("en"):
        yield Problem("knowledge/en", 0, "there is no passage", "add one: without any nothing can be answered")

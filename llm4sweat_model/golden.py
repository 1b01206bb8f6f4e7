"""Golden cases: what each rule must and must not catch, as lines of `golden/<lang>.jsonl`, and whether it does.

A rule without cases stops the process at start (`coverage`); that the cases hold is seen by `pack_check.py` and the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain import Category
from llm4sweat_model.condition_files import File, Problem, read
from llm4sweat_model.guardrails.lexicon import words_of
from llm4sweat_model.guardrails.rules import Rules
from llm4sweat_model.guardrails.triage_file import Rule, TriageFile
from llm4sweat_model.text import normalise


@dataclass(frozen=True, slots=True)
class Golden:
    """One case: `rule` with `fires`, or `category` of the whole decision; `at` is file:line."""

    rule: str | None
    fires: bool
    category: str | None
    text: str
    why: str
    language: str
    file: str
    line: int


_SHAPES = ({"rule", "fires", "text", "why"}, {"category", "text", "why"})


def _case(file: File, number: int, line: str, language: str) -> Golden | None:
    try:
        data = json.loads(line)
    except ValueError:
        file.wrong(number, "not JSON", "write one object in braces on the line, with double quotes")
        return None
    if not isinstance(data, dict) or set(data) not in _SHAPES or not isinstance(data.get("fires", True), bool):
        file.wrong(
            number,
            "has other keys than a case",
            'write {"rule", "fires", "text", "why"} or {"category", "text", "why"}',
        )
        return None
    if any(not isinstance(data[key], str) or not data[key].strip() for key in data if key != "fires"):
        file.wrong(number, "has an empty value", "write rule or category, text and why as texts")
        return None
    category = data.get("category")
    if category is not None and category not in set(Category):
        file.wrong(number, f"the category is {category!r}", f"write one of: {', '.join(Category)}")
        return None
    return Golden(
        data.get("rule"),
        data.get("fires", False),
        category,
        data["text"],
        data["why"],
        language,
        file.name,
        number,
    )


def read_golden(folder: Path, names: Iterable[str], problems: list[Problem]) -> list[Golden]:
    """All cases of these languages' files."""
    found = []
    for name in names:
        file = read(folder, f"golden/{name}.jsonl", problems)
        for number, line in enumerate(file.text.split("\n") if file else (), 1):
            if file and line.strip() and (case := _case(file, number, line, name)):
                found.append(case)
    return found


def miss(rules: Rules, case: Golden) -> str | None:
    """What the rules do instead of what the case says; None when they do it."""
    verdicts = rules.verdicts(case.text, case.language)
    fired = [verdict.check for verdict in verdicts]
    said = ", ".join(fired) or "nothing"
    if case.rule:
        if (case.rule in fired) is case.fires:
            return None
        return f"{case.rule} should {'fire' if case.fires else 'not fire'}; fired: {said}"
    category = str(verdicts[0].category) if verdicts else str(Category.ROUTINE)
    return None if category == case.category else f"should be {case.category}, is {category}; fired: {said}"


def longest_literal(rule: Rule, file: TriageFile) -> str:
    """The longest word that the patterns of the rule's concepts spell out."""
    names = {name for term in rule.all for name in term}
    words = [word for concept in file.concepts if concept.name in names for word in words_of(concept.patterns)]
    return max(sorted(words), key=len, default="")


def coverage(files: Sequence[TriageFile], cases: Iterable[Golden]) -> list[Problem]:
    """Rules without a case that must or must not fire, and cases of unknown rules."""
    by_rule: dict[str, list[Golden]] = {}
    problems = []
    known = {rule.id for file in files for rule in file.rules}
    for case in cases:
        if case.rule:
            by_rule.setdefault(case.rule, []).append(case)
            if case.rule not in known:
                problems.append(Problem(case.file, case.line, f"no rule {case.rule!r}", "mend the id or add the rule"))
    for file in files:
        for rule in file.rules:
            problems += _covered(rule, file, by_rule.get(rule.id, []))
    return problems


def _covered(rule: Rule, file: TriageFile, cases: list[Golden]) -> list[Problem]:
    golden = f"golden/{file.language}.jsonl"
    problems = []
    for fires in (True, False):
        if not any(case.fires is fires for case in cases):
            mend = f'add a line {{"rule": "{rule.id}", "fires": {str(fires).lower()}, …}} to {golden}'
            what = f"the rule {rule.id!r} has no golden case that must {'' if fires else 'not '}fire"
            problems.append(Problem(file.name, rule.line, what, mend))
    return problems


def variety(files: Sequence[TriageFile], cases: Iterable[Golden]) -> list[Problem]:
    """Rules of which more than half of the cases that must fire contain the longest word of their own patterns."""
    by_rule: dict[str, list[str]] = {}
    for case in cases:
        if case.rule and case.fires:
            by_rule.setdefault(case.rule, []).append(normalise(case.text))
    problems = []
    for file in files:
        for rule in file.rules:
            literal, texts = longest_literal(rule, file), by_rule.get(rule.id, [])
            using = sum(literal in text for text in texts)
            if literal and using * 2 > len(texts):
                what = f"{using} of {len(texts)} golden cases of {rule.id!r} contain its longest literal {literal!r}"
                problems.append(Problem(file.name, rule.line, what, "say it in other words in at least half of them"))
    return problems

"""What a finished pack must show beyond loading: golden cases that hold in other words than the rules', and what is unsigned."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from llm4sweat_model.condition import Condition, load
from llm4sweat_model.condition_files import PackError, Problem
from llm4sweat_model.golden import Golden, miss, variety


def check(path: Path | str) -> tuple[Condition | None, tuple[Problem, ...]]:
    """The pack, if it loads, and everything that is wrong with it."""
    try:
        condition = load(path)
    except PackError as error:
        return None, error.problems
    problems = [problem for case in condition.golden if (problem := _missed(condition, case))]
    return condition, tuple(sorted([*problems, *variety(condition.rules.files, condition.golden)]))


def _missed(condition: Condition, case: Golden) -> Problem | None:
    wrong = miss(condition.rules, case)
    mend = f"mend the rule in triage/{case.language}.toml, or the case"
    return Problem(case.file, case.line, wrong, mend) if wrong else None


def summary(condition: Condition) -> str:
    """Name, version and sizes in one line."""
    rules = sum(len(file.rules) for file in condition.rules.files)
    passages = sum(map(len, condition.passages.values()))
    sizes = f"{rules} rules, {len(condition.golden)} golden cases, {passages} passages"
    return f"{condition.name} {condition.version}: {sizes}, {len(condition.languages)} languages"


def unsigned(condition: Condition) -> list[str]:
    """What no clinician has signed: files and passages with `reviewed = "no"`."""
    found = [] if condition.signed else ["condition.toml and every file without a `reviewed` of its own"]
    found += [file.name for file in condition.rules.files if file.reviewed == "no"]
    for language, passages in condition.passages.items():
        waiting = [passage.id for passage in passages if not passage.reviewed]
        if waiting:
            found.append(f"knowledge/{language}: {len(waiting)} of {len(passages)} passages")
    return found


def overdue(condition: Condition, today: date) -> list[str]:
    """The passages whose review date has passed."""
    return sorted(name for name, asked in condition.asked.items() if asked.review_by < today)

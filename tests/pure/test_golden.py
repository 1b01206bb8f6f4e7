"""All golden cases of the real pack, and that looking for few patterns finds what looking for all of them finds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from llm4sweat_model.condition import Condition, load
from llm4sweat_model.golden import miss, variety

PACKS = sorted(path.parent for path in (Path(__file__).parents[2] / "conditions").glob("*/condition.toml"))
FILES = [(pack, path.name) for pack in PACKS for path in sorted((pack / "golden").glob("*.jsonl"))]


@pytest.fixture(scope="module")
def packs() -> dict[Path, Condition]:
    return {pack: load(pack) for pack in PACKS}


@pytest.mark.parametrize(("pack", "name"), FILES, ids=[f"{pack.name}-{name}" for pack, name in FILES])
def test_golden(packs: dict[Path, Condition], pack: Path, name: str) -> None:
    condition = packs[pack]
    cases = [case for case in condition.golden if case.file == f"golden/{name}"]
    missed = [f"{case.file}:{case.line}: {wrong}" for case in cases if (wrong := miss(condition.rules, case))]
    assert cases
    assert not missed, "\n" + "\n".join(missed)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_cases_are_said_in_other_words_than_the_rules(packs: dict[Path, Condition], pack: Path) -> None:
    problems = variety(packs[pack].rules.files, packs[pack].golden)
    assert not problems, "\n" + "\n".join(map(str, problems))


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_no_pattern_is_overlooked(packs: dict[Path, Condition], pack: Path) -> None:
    rules = packs[pack].rules
    some = random.Random(4).sample([case.text for case in packs[pack].golden], 60)
    clauses = {
        clause.text
        for text in some
        for version in rules.read(text).versions
        for own in version.values()
        for clause in own
    }
    odd = {change for text in sorted(clauses)[:40] for change in (text + "'s", "汗" + text, text.replace(" ", "-", 1))}
    for clause in clauses | odd:
        for name, family in rules.lexicon.families.items():
            asked, all_asked = family.concepts(clause), family.everything(clause)
            assert rules.lexicon.names(asked ^ all_asked) == frozenset(), f"{name}: {clause!r}"

"""What fires: silencing by clause, revival, idioms, disguises, languages, units of matching, boundaries."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.domain import Category, Disposition
from llm4sweat_model.condition import Condition, load
from tests.pure import tiny_pack


@pytest.fixture(scope="module")
def condition(tmp_path_factory: pytest.TempPathFactory) -> Condition:
    folder: Path = tmp_path_factory.mktemp("pack")
    return load(tiny_pack.write(folder))


def fired(condition: Condition, text: str, language: str | None = None) -> set[str]:
    return {verdict.check for verdict in condition.rules.verdicts(text, language)}


CHEST, ATTACK, DIE = "en.emergency.chest", "en.emergency.attack", "en.self_harm.die"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my chest hurts", {CHEST}),
        ("no pain in my chest", set()),
        ("no pain but my chest is numb", {CHEST}),
        ("no tea, my chest hurts", {CHEST}),
        ("not only my chest hurts", {CHEST}),
        ("my chest doesn't hurt", set()),
        ("heart attack ten years ago", set()),
        ("heart attack ten years ago, same thing now", {ATTACK}),
        ("now fine. heart attack ten years ago", set()),
        ("what are the signs of a heart attack", set()),
        ("what are the signs of a heart attack? i have it still", {ATTACK}),
        ("my hand. a cake to die for", set()),
        ("a cake to die for and i want to die", {DIE}),
        ("heart of stone attack", set()),
        ("my chest. it hurts", set()),
        ("i want to k i l l   m y s e l f", {DIE}),
        ("I want to commit su1cide", {DIE}),
        ("suicde", {DIE}),
        ("I can't breeathe", {"en.emergency.breath"}),
        ("", set()),
    ],
)
def test_clauses_silence_only_themselves(condition: Condition, text: str, expected: set[str]) -> None:
    assert fired(condition, text) - {"en.out_of_scope.other"} == expected


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("no pain, chills or loss of weight", False),
        ("no pain, loss of weight, chills or fever", False),
        ("no pain, chills", True),
        ("no pain, chills and fever", True),
        ("no pain, but fever or chills", True),
        ("no pain, i have a fever or chills", True),
        ("no pain. fever or chills", True),
        ("fever, loss of weight, none of that", False),
        ("i have a fever, none of that", True),
    ],
)
def test_a_denied_list(condition: Condition, text: str, fires: bool) -> None:
    assert ("en.urgent_medical.fever" in fired(condition, text)) is fires


def test_unless_counts_within_the_unit(condition: Condition) -> None:
    assert "en.urgent_medical.fever" in fired(condition, "i have a fever. the tea is good")
    assert "en.urgent_medical.fever" not in fired(condition, "i have a fever, the tea is good")


def test_a_message_is_one_unit_when_a_rule_says_so(condition: Condition) -> None:
    assert "en.medication_dosing.pill" in fired(condition, "here is my 💊. do i take it")
    assert "en.medication_dosing.pill" not in fired(condition, "here is my 💊. my friend does take it")


def test_too_few_words(condition: Condition) -> None:
    assert fired(condition, "what is the weather in paris") == {"en.out_of_scope.other"}
    assert fired(condition, "what is it") == set()
    assert fired(condition, "what is the matter with my hand") == set()
    assert fired(condition, "what is the matter with my h4nd") == set()


def test_emergencies_are_tried_in_every_language(condition: Condition) -> None:
    assert fired(condition, "o que tenho é muito, uma dor no peito", "en") == {"pt.emergency.chest"}
    assert fired(condition, "não tenho dor no peito") == set()
    assert fired(condition, "dor no peito") == {"pt.emergency.chest"}, "the English `no` silences nothing Portuguese"


def test_other_rules_are_tried_in_the_languages_that_count(condition: Condition) -> None:
    text = "qual o jantar com muito"
    assert fired(condition, text) == {"pt.out_of_scope.other"}
    assert fired(condition, "qual the dinner and my house") == set()
    assert fired(condition, "qual the dinner and my house", "pt") == {"pt.out_of_scope.other"}


def test_a_verdict_says_what_it_asks(condition: Condition) -> None:
    first, *rest = condition.rules.verdicts("my chest hurts. i want to die. i have a fever")
    assert (first.check, first.category, first.asks) == (CHEST, Category.EMERGENCY, Disposition.EMERGENCY)
    assert (first.text, first.reason, len(first.version)) == ("emergency.general", "Pain in the chest", 12)
    assert [verdict.category for verdict in rest] == [Category.SELF_HARM, Category.URGENT_MEDICAL]
    assert [verdict.asks for verdict in rest] == [Disposition.EMERGENCY, Disposition.HOLD]


def test_a_reading_knows_what_was_said(condition: Condition) -> None:
    reading = condition.rules.read("i am not tired, the tea is good")
    assert reading.has("treatment_tea")
    assert not reading.has("fact_tired")
    assert reading.has("fact_tired", silenced=True)
    assert not reading.has("unheard_of")
    assert reading.concepts == {"treatment_tea"}
    assert reading.guess.covered == ("en",)
    assert condition.rules.verdicts(reading) == condition.rules.verdicts("i am not tired, the tea is good")


def test_an_uncovered_language_is_named(condition: Condition) -> None:
    assert condition.rules.read("ho le mani che non sono asciutte").guess.uncovered == "it"


def test_boundaries(condition: Condition) -> None:
    rules, boundaries = condition.rules, condition.boundaries
    assert [one.id for one in rules.judge(rules.read("The tea cures you."), boundaries)] == ["cure"]
    assert rules.judge(rules.read("There is no cure, nothing cures everybody."), boundaries) == ()
    assert rules.judge(rules.read("Tea is warm."), boundaries) == ()


@pytest.mark.parametrize(
    "text",
    ["a " * 5000, "(" * 10_000, "a," * 5000, "k.i." * 2500, "аa" * 5000, "1a!" * 3000, "heeelp" * 1700,
     "\u0301" * 10_000, "汗 " * 5000, "no " * 3000, "'" * 10_000, "- " * 5000, "🔪" * 5000, "\U000e0041" * 9000, "x" * 40_000],
)  # fmt: skip
def test_no_text_stalls(condition: Condition, text: str) -> None:
    began = time.perf_counter()
    condition.rules.verdicts(text)
    assert time.perf_counter() - began < 1.0
    assert CHEST in fired(condition, f"my chest hurts. {text}")

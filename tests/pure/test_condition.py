"""A pack is read strictly: a whole one loads, and each kind of mistake names its file, line and mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.domain import Disposition, Purpose
from llm4sweat.pack import app
from llm4sweat_model import condition_cache
from llm4sweat_model.condition import PackError, load
from llm4sweat_model.pack_check import check, overdue, unsigned
from tests.pure import tiny_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tiny_pack.write(tmp_path)


Change = Callable[[str, str, str], None]


@pytest.fixture
def change(pack: Path) -> Change:
    def replace(name: str, old: str, new: str) -> None:
        text = (pack / name).read_text(encoding="utf-8")
        assert old in text
        (pack / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def test_a_whole_pack(pack: Path) -> None:
    condition = load(pack)
    assert (condition.name, condition.languages, condition.floor) == ("tiny", ("en", "pt"), Disposition.SEND)
    assert condition.threshold("share") == 0.5
    assert condition.messages.get("en", "emergency.general", emergency="911") == "Call 911."
    assert condition.messages.keys("button.") == ("button.safe",)
    assert condition.country("BR").crisis[0].number == "188"
    assert condition.country("XX") == condition.country(None) == condition.fallback
    assert condition.fallback.emergency == ("112",)
    (passage,) = condition.passages["en"]
    assert passage.sentences == ("Tea is drunk.", "It is warm.", "Do not drink it when you are tired.")
    assert (passage.sources[0].title, passage.reviewed) == ("A book", False)
    assert condition.asked["tea.how"].asks["pt"] == ("e chá?", "o chá ajuda?")
    assert condition.quantities["en"].units == {"mg": "mg", "milligram": "mg"}
    assert condition.prompts[Purpose.DRAFT].user == "{question}"
    with pytest.raises(FrozenInstanceError):
        condition.name = "other"  # type: ignore[misc]


def test_the_version_changes_with_any_file(pack: Path, change: Change) -> None:
    before = load(pack).version
    assert load(pack).version == before
    change("messages/pt.toml", "Estou bem", "Estou muito bem")
    assert load(pack).version != before


MISTAKES = [
    ("condition.toml", "languages = [", "langages = [", "condition.toml", 3, "did you mean `languages`?"),
    ("condition.toml", 'floor = "send"', 'floor = "sent"', "condition.toml", 4, "write one of: send, review, hold"),
    ("condition.toml", 'reviewed = "no"', 'reviewed = "yes"', "condition.toml", 5, "name and date"),
    ("condition.toml", "value = 0.5", 'value = "half"', "condition.toml", 8, "write `value` as a number"),
    ("condition.toml", "[threshold.share]", "[threshold.share", "condition.toml", 7, "not TOML"),
    ("condition.toml", '["en", "pt"]', '["pt"]', "condition.toml", 3, "English is not among"),
    ("triage/en.toml", r"['\bnumb\b']", r"['\bnumb(\b']", "triage/en.toml", 32, "does not compile (missing ): "),
    ("triage/en.toml", r"['\bnumb\b']", r"['(?<=x)numb']", "triage/en.toml", 32, "does not compile"),
    ("triage/en.toml", r"['\bnumb\b']", r"['\bNumb\b']", "triage/en.toml", 32, "capital letter"),
    ("triage/en.toml", r"['\bnumb\b']", r"['(?:numb)?']", "triage/en.toml", 32, "matches an empty text"),
    ("triage/en.toml", r"['\bnumb\b']", "[]", "triage/en.toml", 31, "has no pattern"),
    ("triage/en.toml", '["negation", "third"]', '["negatoin"]', "triage/en.toml", 39, "silences nothing"),
    ("triage/en.toml", "idiom = ", "idioms = ", "triage/en.toml", 16, "did you mean `idiom`?"),
    ("triage/en.toml", '"pain|numb"', '"pane|numb"', "triage/en.toml", 80, "unknown concept 'pane'"),
    ("triage/en.toml", 'category = "urgent_medical"', 'category = "urgent"', "triage/en.toml", 107, "write one of"),
    ("triage/en.toml", 'text = "crisis.self"', "", "triage/en.toml", 92, "names no text"),
    ("triage/en.toml", '"crisis.self"', '"crisis.me"', "triage/en.toml", 94, "messages/en.toml lacks"),
    ("triage/en.toml", 'all = ["attack"]', "all = []", "triage/en.toml", 85, "would always fire"),
    ("triage/en.toml", '"en.emergency.attack"', '"en.emergency.chest"', "triage/en.toml", 77, "stands twice"),
    ("triage/en.toml", '"en.emergency.attack"', '"de.emergency.attack"', "triage/en.toml", 85, "does not begin"),
    ("triage/en.toml", 'sources = ["book"]', 'sources = ["bok"]', "triage/en.toml", 82, "cites 'bok'"),
    ("triage/en.toml", "[concepts.feeling_hope]", "[concepts.feeling_joy]", "triage/en.toml", 0, "no concept 'feeling_hope'"),
    ("triage/pt.toml", "[concepts.fact_tired]", "[concepts.fact_awake]", "triage/pt.toml", 0, "no concept 'fact_tired'"),
    ("triage/pt.toml", 'language = "pt"', 'language = "es"', "triage/pt.toml", 1, "as in the file's name"),
    ("triage/en.toml", 'mg = ["mg"', 'kg = ["mg"', "triage/en.toml", 131, "'kg' is no unit"),
    ("golden/en.jsonl", '"fires": true', '"fire": true', "golden/en.jsonl", 1, "other keys"),
    ("golden/en.jsonl", '{"rule"', '"rule"', "golden/en.jsonl", 1, "not JSON"),
    ("golden/en.jsonl", '"en.emergency.attack"', '"en.emergency.atack"', "golden/en.jsonl", 3, "no rule"),
    ("golden/en.jsonl", '"en.emergency.attack"', '"en.self_harm.die"', "triage/en.toml", 85, "no golden case that must fire"),
    ("messages/pt.toml", "{emergency}", "{number}", "messages/pt.toml", 1, "other placeholders"),
    ("messages/pt.toml", "{emergency}", "{emergency", "messages/pt.toml", 1, "a brace without"),
    ("messages/pt.toml", '"button.safe"', '"button.save"', "messages/pt.toml", 4, "unknown key 'button.save'"),
    ("messages/pt.toml", "Estou bem", "Estou " + 60 * "m", "messages/pt.toml", 4, "at most 60"),
    ("crisis.toml", 'grade_emergency = "B"', 'grade_emergency = "C"', "crisis.toml", 10, "write one of: A, B"),
    ("crisis.toml", '["192"]', "[]", "crisis.toml", 5, "no number to call"),
    ("crisis.toml", "country.BR", "country.Brazil", "crisis.toml", 5, "no country code"),
    ("crisis.toml", 'sources = ["book"]', 'sources = ["bok"]', "crisis.toml", 3, "cites 'bok'"),
    ("knowledge/en/tea.toml", '["book"]', '["bok"]', "knowledge/en/tea.toml", 8, "not in sources.toml"),
    ("knowledge/en/tea.toml", '["book"]', '["blog"]', "knowledge/en/tea.toml", 9, "write C"),
    ("knowledge/en/tea.toml", '"treatment_tea"', '"treatment_tee"', "knowledge/en/tea.toml", 2, "unknown concept"),
    ("knowledge/en/tea.toml", '"e chá?", ', "", "knowledge/en/tea.toml", 12, "fewer than 2 ways of asking in 'pt'"),
    ("knowledge/en/tea.toml", "2027-05-23", '"soon"', "knowledge/en/tea.toml", 10, "a date such as"),
    ("contraindications.toml", '"never"', '"always"', "contraindications.toml", 4, "write one of: never, ask"),
    ("contraindications.toml", "fact_tired", "fact_tried", "contraindications.toml", 3, "no language defines"),
    ("boundaries.toml", "b_no_cure", "b_no_care", "boundaries.toml", 4, "unknown concept 'b_no_care'"),
    ("boundaries.toml", "hard = true", 'hard = "yes"', "boundaries.toml", 6, "true or false"),
    ("prompts/draft.toml", "{language}", "{langage}", "prompts/draft.toml", 1, "unknown {langage}"),
    ("languages.toml", "ぁ-ヿ", "ヿ-ぁ", "languages.toml", 15, "no set of characters"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "file", "line", "says"), MISTAKES)
def test_a_mistake_is_named(
    pack: Path, change: Change, name: str, old: str, new: str, file: str, line: int, says: str
) -> None:
    change(name, old, new)
    with pytest.raises(PackError) as caught:
        load(pack)
    found = [(problem.file, problem.line) for problem in caught.value.problems if says in str(problem)]
    assert found[:1] == [(file, line)], str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["condition.toml", "sources.toml", "languages.toml", "triage/pt.toml", "golden/pt.jsonl", "messages/pt.toml",
     "crisis.toml", "knowledge/en/tea.toml", "contraindications.toml", "boundaries.toml", "prompts/draft.toml"],
)  # fmt: skip
def test_a_missing_file_is_named(pack: Path, name: str) -> None:
    (pack / name).unlink()
    with pytest.raises(PackError) as caught:
        load(pack)
    assert any(problem.file in name and problem.mend for problem in caught.value.problems), str(caught.value)


def test_a_file_of_no_language_is_named(pack: Path) -> None:
    (pack / "triage/xx.toml").write_text("")
    with pytest.raises(PackError, match=r"triage/xx\.toml:0: 'xx' is no language of this pack"):
        load(pack)


def test_all_mistakes_are_told_at_once(pack: Path, change: Change) -> None:
    change("condition.toml", 'floor = "send"', "")
    change("triage/en.toml", r"'\bnumb\b'", r"'(numb'")
    (pack / "messages/pt.toml").unlink()
    with pytest.raises(PackError) as caught:
        load(pack)
    assert {problem.file for problem in caught.value.problems} >= {
        "condition.toml",
        "triage/en.toml",
        "messages/pt.toml",
    }


def test_an_unfinished_pack_loads_only_when_asked_so(pack: Path) -> None:
    for name in ("triage/pt.toml", "golden/pt.jsonl", "messages/pt.toml"):
        (pack / name).unlink()
    with pytest.raises(PackError):
        load(pack)
    assert load(pack, partial=True).rules.verdicts("my chest hurts")


def test_check_runs_the_golden_cases(pack: Path, change: Change) -> None:
    condition, problems = check(pack)
    assert condition is not None
    assert all("longest literal" in str(problem) for problem in problems)
    assert unsigned(condition)[-1] == "knowledge/en: 1 of 1 passages"
    assert overdue(condition, date(2027, 5, 23)) == []
    assert overdue(condition, date(2027, 5, 24)) == ["tea.how"]
    change("golden/en.jsonl", "my chest is fine", "my chest is in pain")
    _, problems = check(pack)
    assert any("golden/en.jsonl:2: en.emergency.chest should not fire" in str(problem) for problem in problems)


def test_what_is_derived_is_kept_until_a_file_changes(
    pack: Path, change: Change, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(condition_cache, "folder", lambda: cache)
    monkeypatch.setattr(condition_cache, "WORTH_KEEPING", 0)
    first, second = load(pack), load(pack)
    assert first.rules.files == second.rules.files
    assert first.rules.verdicts("my chest hurts") == second.rules.verdicts("my chest hurts") != ()
    assert len(list(cache.glob("rules-*.json"))) == 1
    change("triage/en.toml", r"'\bchest\b'", r"'\bbreast\b'")
    assert load(pack).rules.verdicts("my breast hurts")
    assert len(list(cache.glob("rules-*.json"))) == 2
    for path in cache.glob("rules-*.json"):
        path.write_text("{")
    assert load(pack).rules.verdicts("my breast hurts"), "an unreadable cache is passed over"


def test_a_cache_that_cannot_be_written_is_no_hindrance(
    pack: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path_factory.mktemp("cache") / "file"
    blocked.write_text("")
    monkeypatch.setattr(condition_cache, "folder", lambda: blocked / "below")
    monkeypatch.setattr(condition_cache, "WORTH_KEEPING", 0)
    assert load(pack).rules.verdicts("my chest hurts")


def test_the_command(pack: Path, change: Change) -> None:
    result = CliRunner().invoke(app, ["check", str(pack)])
    assert result.exit_code == 1
    assert "longest literal" in result.output
    assert "signed by no clinician" in result.output
    change("condition.toml", 'floor = "send"', 'flor = "send"')
    result = CliRunner().invoke(app, ["check", str(pack)])
    assert result.exit_code == 1
    assert "condition.toml:4: has the unknown key `flor`: did you mean `floor`?" in result.output

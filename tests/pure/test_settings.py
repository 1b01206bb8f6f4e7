"""The settings: deploy/env.example and `core.settings` agree; what is wrong is named, and its value is never shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from core import settings
from core.settings import Settings, SettingsError

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "env.example"
_LINE = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name.upper() for name in Settings.model_fields}
    for name in [name for name in os.environ if name.upper() in names]:
        monkeypatch.delenv(name)


def test_the_example_names_every_setting_once() -> None:
    assert [name.lower() for name, _ in _LINE.findall(EXAMPLE.read_text())] == list(Settings.model_fields)


def test_every_line_of_the_example_is_a_comment() -> None:
    assert [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")] == []


def test_the_example_holds_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = settings.load()
    for name, value in _LINE.findall(EXAMPLE.read_text()):
        monkeypatch.setenv(name, value)
    assert settings.load() == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_MODE", "carrier-pigeon"),
        ("TELEGRAM_API_URL", "https://api.example.org/bot-pigeon"),
        ("TELEGRAM_WEBHOOK_PORT", "pigeon"),
        ("SLACK_MODE", "pigeon"),
        ("ALLOW_UNREVIEWED", "pigeon"),
        ("JOIN_SECONDS", "-17"),
        ("JOIN_SECONDS", "31"),
        ("SEND_PER_SECOND", "0"),
        ("SEND_PER_CHAT", "pigeon"),
        ("TYPING", "pigeon"),
        ("PEDIGREE_PORT", "pigeon"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        settings.load()
    said = str(raised.value)
    assert name in said
    if value not in ("0", "31"):  # a bound that is told may hold such a digit
        assert value not in said
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "pigeon")
    monkeypatch.setenv("SEND_PER_CHAT", "-1")
    with pytest.raises(SettingsError, match=r"TELEGRAM_MODE.*SEND_PER_CHAT"):
        settings.load()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hunter2@db/x")
    with pytest.raises(SettingsError) as raised:
        settings.require(settings.load(), "telegram_token", "database_url", "patient_key")
    assert "set TELEGRAM_TOKEN, PATIENT_KEY and start again" in str(raised.value)
    assert "docs/settings.md" in str(raised.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET",
               "VLLM_API_KEY", "PATIENT_KEY")  # fmt: skip
    for name in secrets:
        monkeypatch.setenv(name, "hunter2")
    found = settings.load()
    assert "hunter2" not in f"{found} {found!r}"
    assert all(getattr(found, name.lower()).get_secret_value() == "hunter2" for name in secrets)


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("JOIN_SECONDS", "")
    assert (settings.load().telegram_token, settings.load().join_seconds) == (None, None)


def test_only_the_settings_read_the_environment() -> None:
    root = EXAMPLE.parents[1]
    reads = re.compile(r"os\.environ(?!\[\w+\] = )|os\.getenv|envvar=")
    found = {
        str(path.relative_to(root))
        for package in ("core", "llm4sweat_model", "bot", "review", "llm4sweat")
        for path in (root / package).rglob("*.py")
        if reads.search(path.read_text(encoding="utf-8"))
    }
    # the commands take the pack's folder as an argument or, as typer does it, from the environment
    assert found == {"llm4sweat/answers.py", "llm4sweat/pack.py"}

"""Writes what can be read off `core.settings`: docs/settings.md and deploy/env.example.

`python -m llm4sweat.settings_page` writes both; tests/pure/test_docs.py fails while either differs. What a setting means
stands in its description in `core/settings.py`; here stands only who needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from core.settings import Settings

PAGE, EXAMPLE = Path("docs/settings.md"), Path("deploy/env.example")
NEEDED = {
    "telegram_token": "the bot",
    "database_url": "the bot, `migrate`, `pedigree`",
    "patient_key": "the bot",
    "telegram_webhook_url": "the bot in webhook mode",
    "telegram_webhook_secret": "the bot in webhook mode",
}
"""Who stops at start without it, with a sentence that names it."""
NOT_YET = frozenset(
    {"slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_api_url", "slack_mode", "redis_url"}
)
"""Read and checked, but used by nothing that exists yet."""

_HEAD = """\
# Settings

Written by `python -m llm4sweat.settings_page` from `core/settings.py`. Change it there; a test fails while this page differs.

A setting is an environment variable. `core/settings.py` is the only place that reads the environment. A wrong value stops
the process at start with the names of all that are wrong, never with their values. An empty value counts as not set, and a
variable that no row names is ignored.
`deploy/env.example` lists them all, ready to be copied. `llm4sweat doctor` tries what they lead to.

`make demo` sets all it needs by itself. `make run` needs `TELEGRAM_TOKEN` only (see `telegram.md`).

| variable | value | default | what it is | needed by |
|---|---|---|---|---|
"""
_TAIL = """\

*not used yet*: reserved for parts that the [changelog](../CHANGELOG.md) does not list yet.

Three of them deserve care:

- `PATIENT_KEY` is the key of the hash that names a patient wherever the chat id must not stand. Changed, it gives the same
  person a second name. Keep a copy, in another place than the backups of the database.
- `ALLOW_UNREVIEWED` lets the bot say what no clinician has signed. Off, all such answers wait for an expert. Only the demo
  sets it, and `llm4sweat doctor` warns of it.
- `STATE_DIR` holds raw updates while PostgreSQL is away: its file has mode 0600 and is emptied when the database is back. Each
  process needs its own folder, on a disk that survives a restart.
"""
_EXAMPLE_HEAD = """\
# Every setting with its default. Written by `python -m llm4sweat.settings_page`; docs/settings.md is the same as a table.
# Copy it, take the # away from the lines that you change, keep the copy out of version control and readable by you only.
"""


def page() -> str:
    """The whole of docs/settings.md."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items()) + _TAIL


def example() -> str:
    """The whole of deploy/env.example."""
    return _EXAMPLE_HEAD + "".join(_lines(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    default = f"`{_default(field)}`" if _default(field) else "none"
    needed = NEEDED.get(name, "*not used yet*" if name in NOT_YET else "")
    return f"| `{name.upper()}` | {_value(field)} | {default} | {field.description} | {needed} |\n"


def _lines(name: str, field: FieldInfo) -> str:
    needed = f"; needed by {NEEDED[name].replace('`', '')}" if name in NEEDED else ""
    unused = "; not used yet" if name in NOT_YET else ""
    return f"\n# {field.description} ({_value(field).replace('`', '')}){needed}{unused}\n#{name.upper()}={_default(field)}\n"


def _default(field: FieldInfo) -> str:
    """The default as it is written in an environment; empty for none."""
    if field.default is None:
        return ""
    return {True: "yes", False: "no"}[field.default] if isinstance(field.default, bool) else str(field.default)


def _value(field: FieldInfo) -> str:
    """What may stand there, in words."""
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(kind))
    kinds = {k for k in get_args(kind) if k is not type(None)} if get_origin(kind) in (Union, _NEW_UNION) else {kind}
    words = next((word for known, word in _WORDS.items() if known in kinds), "text")
    bounds = [
        f"{word} {getattr(rule, sign)}" for rule in field.metadata for sign, word in _BOUNDS if hasattr(rule, sign)
    ]
    return ", ".join([words, *bounds])


_NEW_UNION = type(int | None)
_WORDS = {SecretStr: "secret", bool: "`yes` or `no`", int: "whole number", float: "number", Path: "folder", str: "text"}
_BOUNDS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


def write(root: Path) -> None:
    """Write both files under the root of the repository."""
    (root / PAGE).write_text(page(), encoding="utf-8")
    (root / EXAMPLE).write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    write(Path())

"""`llm4sweat doctor`: tries each thing that the product needs, and prints the mend for what fails. Exit status 1 then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import typer

from core.settings import Settings, SettingsError, load


class Trouble(Exception):
    """What is wrong, and the mend."""


def doctor() -> None:
    """Try settings, pack, PostgreSQL, Telegram and the model, one by one."""
    try:
        settings = load()
    except SettingsError as error:
        typer.echo(f"settings   wrong   {error}")
        raise typer.Exit(1) from None
    failed = 0
    for name, attempt in _CHECKS.items():
        try:
            state, words = "ok", attempt(settings)
        except Trouble as trouble:
            state, words, failed = "FAILED", str(trouble), 1
        typer.echo(f"{name:10} {state:7} {words}")
    raise typer.Exit(failed)


def _pack(settings: Settings) -> str:
    from llm4sweat_model.condition import PackError
    from llm4sweat_model.condition import load as read

    try:
        condition = read(settings.condition_dir)
    except PackError as error:
        first = str(error).splitlines()[0]
        raise Trouble(f"{first} (and what `llm4sweat pack check` lists)") from None
    signed = "signed" if condition.signed else "signed by no clinician"
    loose = "; ALLOW_UNREVIEWED is on: it is said all the same (for a demo only)" if settings.allow_unreviewed else ""
    return f"{condition.name} {condition.version}, {len(condition.passages['en'])} passages, {signed}{loose}"


def _database(settings: Settings) -> str:
    from core.store import Store, StoreError, intake
    from core.store.migrate import migrate

    if settings.database_url is None:
        raise Trouble("set DATABASE_URL to a PostgreSQL 15 or newer (or use `make run`, which starts one)")
    store = Store(settings.database_url)
    try:
        store.open(timeout=5.0)
        migrate(store)
        with store.transaction() as db:
            version = db.execute("SHOW server_version").fetchone()
            claimed = db.execute(
                "SELECT update_id FROM intake WHERE state = 'new' ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED"
            ).fetchall()
            oldest = intake.oldest_open(db)
            db.rollback()
    except StoreError as error:
        raise Trouble(
            f"{error}: check DATABASE_URL, that the server runs, and that its user may create tables"
        ) from None
    finally:
        store.close()
    return f"PostgreSQL {version['server_version'] if version else '?'}, a claim was rolled back ({len(claimed)} open, oldest due {oldest:.0f} s)"


def _telegram(settings: Settings) -> str:
    from telegram.error import InvalidToken, TelegramError

    from bot.wire import make_bot

    if settings.telegram_token is None:
        raise Trouble("set TELEGRAM_TOKEN (docs/telegram.md says how to get one from BotFather)")

    async def me() -> str:
        async with make_bot(settings, read_timeout=10.0) as bot:
            return (await bot.get_me()).username or ""

    try:
        return f"@{asyncio.run(me())} answers"
    except InvalidToken:
        raise Trouble(
            "Telegram refuses TELEGRAM_TOKEN: copy it again from BotFather, or make a new one there"
        ) from None
    except TelegramError as error:
        raise Trouble(f"{type(error).__name__}: check the network and TELEGRAM_API_URL") from None


def _model(settings: Settings) -> str:
    from core.domain import Purpose, Request
    from llm4sweat_model.backends import Vllm
    from llm4sweat_model.condition import PackError
    from llm4sweat_model.condition import load as read

    if settings.vllm_url is None:
        return "none configured: answers come from the pack (set VLLM_URL for a model)"
    try:
        condition = read(settings.condition_dir)
    except PackError:
        raise Trouble("mend the pack first") from None
    answer = Vllm(settings, condition, tokens=1).one_token(Request(Purpose.DRAFT, "hello", "en"))
    if answer is not None:
        raise Trouble(f"{answer}: check VLLM_URL (it ends in /v1), VLLM_MODEL, VLLM_API_KEY and the server's log")
    return f"{settings.vllm_model} completed one token"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "pack": _pack,
    "postgres": _database,
    "telegram": _telegram,
    "model": _model,
}

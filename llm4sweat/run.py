"""`llm4sweat bot | migrate | pedigree`: the production process, the database's form, and what led to a text."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import NoReturn

import typer

from core import logs, settings
from llm4sweat_model.condition import PackError


def bot() -> None:
    """Run the Telegram bot until it is told to stop."""
    from bot import app

    logs.start()
    sys.setswitchinterval(0.0005)  # a visit's thread must not hold up the loop that hears emergencies
    try:
        asyncio.run(app.main(settings.load()))
    except (settings.SettingsError, PackError) as error:
        _stop(error)
    except Exception as error:  # a traceback could show the token or a patient's words
        logs.failed("bot_crashed", error)
        raise typer.Exit(1) from None


def migrate() -> None:
    """Bring the database to this version."""
    from core.store import Store, StoreError
    from core.store.migrate import migrate as run_all

    try:
        found = settings.load()
        settings.require(found, "database_url")
        store = Store(found.database_url or "")
        store.open(timeout=10.0)
        for name in run_all(store) or ["nothing to do"]:
            typer.echo(name)
        store.close()
    except (settings.SettingsError, StoreError) as error:
        _stop(error)


def pedigree(update_id: int) -> None:
    """Print everything that led to the answer to one update, as JSON."""
    from core.store import Store, StoreError
    from core.store import pedigree as pedigrees

    try:
        found = settings.load()
        settings.require(found, "database_url")
        store = Store(found.database_url or "")
        store.open(timeout=5.0)
        with store.transaction() as db:
            led = pedigrees.of_update(db, update_id)
        store.close()
    except (settings.SettingsError, StoreError) as error:
        _stop(error)
    if led is None:
        typer.echo(f"no update {update_id} is known", err=True)
        raise typer.Exit(1)
    typer.echo(json.dumps(led, ensure_ascii=False, indent=2))


def _stop(error: Exception) -> NoReturn:
    typer.echo(str(error) or type(error).__name__, err=True)
    raise typer.Exit(1) from None

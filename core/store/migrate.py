"""Runs the numbered SQL of `core/migrations`, forward only, once each, one process at a time."""

from __future__ import annotations

from importlib.resources import files

from core.store.pool import Store

_LOCK = 4_915_253  # any number, the same everywhere: two processes that start together take turns


def migrate(store: Store) -> list[str]:
    """Bring the database to this version. Returns the names of the migrations that ran now."""
    done: list[str] = []
    with store.transaction() as db:
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        db.execute(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())"
        )
        ran = {row["name"] for row in db.execute("SELECT name FROM migration").fetchall()}
        for script in sorted(files("core.migrations").iterdir(), key=lambda f: f.name):
            if not script.name.endswith(".sql") or script.name in ran:
                continue
            db.execute(script.read_bytes())
            db.execute("INSERT INTO migration (name) VALUES (%s)", (script.name,))
            done.append(script.name)
    return done

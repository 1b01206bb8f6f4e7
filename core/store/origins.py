"""Where a text may come from: the rows that fixed, cited and approved texts must name."""

from __future__ import annotations

from collections.abc import Iterable

from core.store.pool import Connection


def register(db: Connection, rows: Iterable[tuple[str, str]], version: str) -> None:
    """Make known the pack's message keys ("fixed") and passages ("cited"). Rows of older packs stay: deliveries name them."""
    db.cursor().executemany(
        """INSERT INTO origin (id, kind, version) VALUES (%s, %s, %s)
           ON CONFLICT (id, kind) DO UPDATE SET version = excluded.version WHERE origin.version <> excluded.version""",
        [(name, kind, version) for name, kind in rows],
    )

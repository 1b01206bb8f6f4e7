"""Everything that led to a text: update, turn, verdicts, passages, draft, deliveries, case, timings."""

from __future__ import annotations

from typing import Any

from core.store.pool import Connection


def of_update(db: Connection, update_id: int) -> dict[str, Any] | None:
    """The pedigree of the answer to one update, ready for JSON; None while there is none."""
    arrived = db.execute(
        "SELECT update_id, kind, state, emergency, attempts, reason, arrived_at FROM intake WHERE update_id = %s",
        (update_id,),
    ).fetchone()
    if arrived is None:
        return None
    turn = db.execute(
        """SELECT t.id AS turn_id, t.text, t.redacted, t.language AS turn_language, t.update_ids, r.*
           FROM turn t JOIN reply r ON r.turn_id = t.id WHERE %s = ANY(t.update_ids) ORDER BY r.at DESC LIMIT 1""",
        (update_id,),
    ).fetchone()
    found: dict[str, Any] = {"update": _plain(arrived)}
    if turn is not None:
        found.update(_reply(db, turn))
    return found


def _reply(db: Connection, row: dict[str, Any]) -> dict[str, Any]:
    reply_id = row["id"]
    verdicts = db.execute(
        "SELECT check_id AS check, version, category, asks, reason FROM verdict WHERE reply_id = %s ORDER BY n",
        (reply_id,),
    ).fetchall()
    owed = db.execute(
        """SELECT id, kind, state, mark, body AS text, body_hash AS hash, origin_id, message_id, reason,
               extract(epoch FROM sent_at - at) * 1000 AS ms FROM delivery WHERE reply_id = %s ORDER BY seq""",
        (reply_id,),
    ).fetchall()
    case = db.execute(
        "SELECT pseudonym, cause, category, lenses, state, due_at FROM review_case WHERE reply_id = %s ORDER BY at DESC LIMIT 1",
        (reply_id,),
    ).fetchone()
    draft = {"text": row["draft"], "kind": row["draft_kind"], "backend": row["backend"], "adapter": row["adapter"]}
    return {
        "turn": {
            "id": str(row["turn_id"]),
            "text": row["text"],
            "redacted": row["redacted"],
            "update_ids": row["update_ids"],
        },
        "reply": str(reply_id),
        "category": row["category"],
        "disposition": row["disposition"],
        "language": row["language"],
        "pack": row["pack"],
        "verdicts": [_plain(v) for v in verdicts],
        "passages": row["passages"],
        "draft": draft if row["draft"] else None,
        "deliveries": [_plain(d) for d in owed],
        "case": _plain(case) if case else None,
        "timings": row["timings"],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Values that JSON knows: ids and times as text, decimals as numbers."""
    return {
        name: value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else _number_or_text(value)
        for name, value in row.items()
    }


def _number_or_text(value: Any) -> float | str:
    try:
        return round(float(value), 2)
    except (TypeError, ValueError):
        return str(value)

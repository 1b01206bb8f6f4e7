"""Texts owed to chats: each is leased, marked `sending` before the call, and ends sent, uncertain or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from core.domain import Mark, Text, TextKind, text_hash
from core.store.pool import Connection


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One text owed to one chat. `fence` is the number of the lease under which it is being sent."""

    id: UUID
    chat_id: int
    kind: str
    body: str
    mark: Mark
    language: str
    reply_id: UUID | None
    extras: Mapping[str, Any] = field(default_factory=dict)
    urgent: bool = False
    attempts: int = 0
    fence: int = 0
    repeat: bool = False
    begun: bool = False  # marked `sending` already, in the transaction that wrote it down

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> DeliveryRow:
        """Build from a claimed row joined with its patient's chat id."""
        return cls(
            row["id"], row["chat_id"], row["kind"], row["body"], Mark(row["mark"]), row["language"], row["reply_id"],
            row["extras"], row["urgent"], row["attempts"], row["fence"], row["repeat"],
        )  # fmt: skip


def owe(
    db: Connection,
    patient_id: UUID,
    chat_id: int,
    text: Text,
    language: str,
    *,
    reply: tuple[UUID, str] | None = None,
    extras: Mapping[str, Any] | None = None,
    urgent: bool = False,
    begun: bool = False,
    lease: float = 60.0,
) -> DeliveryRow:
    """Write down a text owed, already leased to this process for `lease` seconds (0: to whoever claims it).

    `reply` is the reply's id and disposition name. `begun`: it is sent at once, so it is marked `sending` with this very
    write. The database refuses a fixed, cited or approved text whose source row is unknown, and a draft whose reply does not allow it.
    """
    delivery_id = uuid4()
    kind = text.kind.value
    origin = None if text.kind is TextKind.DRAFT else text.origin
    db.execute(
        """INSERT INTO delivery (id, patient_id, reply_id, disposition, kind, body, body_hash, mark, language, origin_id,
               origin_kind, extras, urgent, state, attempts, lease_until, fence)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
               CASE WHEN %s > 0 THEN clock_timestamp() + make_interval(secs => %s) END, 1)""",
        (
            delivery_id, patient_id, reply[0] if reply else None, reply[1] if reply else None, kind, text.body, text.hash,
            text.mark.value, language, origin, kind if origin else None, json.dumps(dict(extras or {})), urgent,
            "sending" if begun else "due", int(begun), lease, lease,
        ),
    )  # fmt: skip
    reply_id = reply[0] if reply else None
    return DeliveryRow(
        delivery_id, chat_id, kind, text.body, text.mark, language, reply_id, extras or {}, urgent, int(begun), 1, begun=begun
    )  # fmt: skip


def owe_released(
    db: Connection,
    patient_id: UUID,
    reply: tuple[UUID, str],
    release_id: UUID,
    body: str,
    language: str,
    extras: Mapping[str, Any],
) -> UUID:
    """Write down a text that an expert let go, due at once to whoever claims it; sent once more when nobody knows whether it arrived.

    The database refuses it unless the release has this very text's hash.
    """
    delivery_id = uuid4()
    db.execute(
        """INSERT INTO delivery (id, patient_id, reply_id, disposition, kind, body, body_hash, mark, language, release_id, extras, urgent)
           VALUES (%s, %s, %s, %s, 'held', %s, %s, 'checked', %s, %s, %s, true)""",
        (
            delivery_id, patient_id, reply[0], reply[1], body, text_hash(body), language, release_id,
            json.dumps(dict(extras)),
        ),
    )  # fmt: skip
    return delivery_id


_FORBIDDEN = """EXISTS (SELECT 1 FROM release x WHERE x.id = d.release_id
    AND (x.withdrawn_at IS NOT NULL OR x.unless_facts && (p.facts || CASE WHEN p.adult = false THEN ARRAY['fact_minor'] ELSE '{}' END)))"""
_STOPPED = f"""(p.unreachable OR (d.kind <> 'fixed' AND (p.emergency_at IS NOT NULL OR p.paused)) OR {_FORBIDDEN})"""


def begin(db: Connection, delivery_id: UUID, fence: int) -> bool:
    """Mark as `sending`, just before the call. False: it is not ours any more, or this patient gets only fixed texts now."""
    row = db.execute(
        f"""UPDATE delivery d SET state = 'sending', attempts = attempts + 1,
                lease_until = clock_timestamp() + interval '60 seconds'
            FROM patient p WHERE p.id = d.patient_id AND d.id = %s AND d.fence = %s AND d.state = 'due' AND NOT {_STOPPED}
            RETURNING d.id""",
        (delivery_id, fence),
    ).fetchone()
    return row is not None


def sent(db: Connection, delivery_id: UUID, fence: int, message_id: int) -> None:
    """Telegram took it."""
    db.execute(
        """UPDATE delivery SET state = 'sent', message_id = %s, sent_at = clock_timestamp(), lease_until = NULL
           WHERE id = %s AND fence = %s""",
        (message_id, delivery_id, fence),
    )


def again(db: Connection, delivery_id: UUID, fence: int, seconds: float, reason: str) -> None:
    """Surely not sent: due once more after `seconds`."""
    db.execute(
        """UPDATE delivery SET state = 'due', lease_until = NULL, reason = %s,
               due_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s AND fence = %s AND state <> 'sent'""",
        (reason, seconds, delivery_id, fence),
    )


def end(db: Connection, delivery_id: UUID, fence: int, state: str, reason: str) -> None:
    """It ends without a message id: `uncertain` (Telegram may have taken it) or `refused`."""
    db.execute(
        "UPDATE delivery SET state = %s, reason = %s, lease_until = NULL WHERE id = %s AND fence = %s AND state <> 'sent'",
        (state, reason, delivery_id, fence),
    )


def claim_due(db: Connection, limit: int = 20, lease: float = 60.0) -> list[DeliveryRow]:
    """Lease texts that are due and nobody's. Emergencies first; none to a patient who gets only fixed texts now."""
    rows = db.execute(
        f"""WITH due AS (
                SELECT d.id FROM delivery d JOIN patient p ON p.id = d.patient_id
                WHERE d.state = 'due' AND d.due_at <= clock_timestamp()
                  AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp()) AND NOT {_STOPPED}
                ORDER BY d.urgent DESC, d.seq LIMIT %s FOR UPDATE OF d SKIP LOCKED)
            UPDATE delivery d SET lease_until = clock_timestamp() + make_interval(secs => %s), fence = d.fence + 1
            FROM due, patient p WHERE d.id = due.id AND p.id = d.patient_id
            RETURNING d.*, p.chat_id, coalesce(d.reason = 'repeat', false) AS repeat""",
        (limit, lease),
    ).fetchall()
    return [DeliveryRow.from_row(row) for row in sorted(rows, key=lambda r: r["seq"])]


def settle_lost(db: Connection) -> list[dict[str, Any]]:
    """Sends whose process died in the call: urgent ones are due once more, marked as a repeat; others are uncertain.

    Returns the rows that became uncertain (id, patient_id, reply_id, language), for a person to see.
    """
    db.execute(
        """UPDATE delivery SET state = 'due', reason = 'repeat', lease_until = NULL, fence = fence + 1
           WHERE state = 'sending' AND lease_until < clock_timestamp() AND urgent AND attempts < 2"""
    )
    return db.execute(
        """UPDATE delivery SET state = 'uncertain', reason = 'process_died', lease_until = NULL, fence = fence + 1
           WHERE state = 'sending' AND lease_until < clock_timestamp()
           RETURNING id, patient_id, reply_id, language"""
    ).fetchall()


def refuse_forbidden(db: Connection) -> list[UUID]:
    """Released texts that must not go any more: the release was withdrawn, or something was learned of the person since.

    Returns the replies whose cases a person must look at again.
    """
    rows = db.execute(
        f"""UPDATE delivery d SET state = 'refused', reason = 'learned', lease_until = NULL FROM patient p
            WHERE p.id = d.patient_id AND d.state = 'due' AND d.kind = 'held' AND {_FORBIDDEN} RETURNING d.reply_id"""
    ).fetchall()
    return [row["reply_id"] for row in rows]


def drop_all(db: Connection, patient_id: UUID, reason: str) -> None:
    """Refuse everything still owed to a patient (who blocked the bot, or withdrew)."""
    db.execute(
        "UPDATE delivery SET state = 'refused', reason = %s, lease_until = NULL WHERE patient_id = %s AND state = 'due'",
        (reason, patient_id),
    )


def drop_stopped(db: Connection, patient_id: UUID) -> None:
    """An emergency stops all but fixed texts: what was owed besides is dropped, not sent late."""
    db.execute(
        """UPDATE delivery SET state = 'refused', reason = 'emergency', lease_until = NULL
           WHERE patient_id = %s AND state = 'due' AND kind <> 'fixed'""",
        (patient_id,),
    )


def sources_of(db: Connection, delivery_id: UUID, chat_id: int) -> dict[str, Any] | None:
    """The extras of a text sent to this chat (its sources), or None when there is none."""
    row = db.execute(
        """SELECT d.extras, d.language, d.reply_id FROM delivery d JOIN patient p ON p.id = d.patient_id
           WHERE d.id = %s AND p.chat_id = %s""",
        (delivery_id, chat_id),
    ).fetchone()
    return dict(row) if row else None

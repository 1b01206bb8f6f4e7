"""Cases: what experts should look at, the cards that show them, and the claims on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.cases import Flag, ReviewCase
from core.domain import Category, Disposition, Lens
from core.store.pool import Connection

GRAVEST_FIRST = """CASE WHEN c.category IN ('emergency', 'self_harm') THEN 0 WHEN r.disposition = 'HOLD' THEN 1
    WHEN c.cause IN ('reported', 'unanswered') THEN 2 ELSE 3 END, c.due_at"""

_READ = """SELECT c.*, r.disposition, r.language AS reply_language, r.draft, r.draft_kind, r.passages, t.redacted, t.at AS asked_at,
        p.language AS own_language, p.country, p.adult, p.facts, p.version AS patient_version, p.consent_training,
        w.name AS claimer, d.action, dr.name AS decider,
        EXISTS (SELECT 1 FROM delivery x WHERE x.reply_id = r.id AND x.kind IN ('draft', 'cited', 'approved') AND x.state = 'sent'
                AND x.body = r.draft) AS sent
    FROM review_case c LEFT JOIN reply r ON r.id = c.reply_id LEFT JOIN turn t ON t.id = r.turn_id
        LEFT JOIN patient p ON p.id = c.patient_id
        LEFT JOIN reviewer w ON w.id = c.claimed_by AND c.claimed_until > clock_timestamp()
        LEFT JOIN LATERAL (SELECT action, reviewer_id FROM decision WHERE case_id = c.id AND action <> 'rate'
                           ORDER BY at DESC LIMIT 1) d ON true
        LEFT JOIN reviewer dr ON dr.id = d.reviewer_id"""


@dataclass(frozen=True, slots=True)
class Card:
    """Where a case's card stands in Slack, and the lease under which it is being shown."""

    case_id: UUID
    channel: str | None
    ts: str | None
    fence: int
    attempts: int


def read(db: Connection, case_id: UUID) -> ReviewCase | None:
    """A case as an expert sees it; None when it is gone."""
    row = db.execute(f"{_READ} WHERE c.id = %s", (case_id,)).fetchone()
    return _case(db, row) if row else None


def waiting(db: Connection, limit: int = 20, lens: str | None = None) -> list[ReviewCase]:
    """Open cases, the gravest first."""
    rows = db.execute(
        f"{_READ} WHERE c.state = 'open' AND (%s::text IS NULL OR %s = ANY(c.lenses)) ORDER BY {GRAVEST_FIRST} LIMIT %s",
        (lens, lens, limit),
    ).fetchall()
    return [_case(db, row) for row in rows]


def _case(db: Connection, row: dict[str, Any]) -> ReviewCase:
    hidden = row["wordless"] or row["blanked"]
    flags = db.execute(
        "SELECT check_id, asks, reason FROM verdict WHERE reply_id = %s AND asks <> 'SEND' ORDER BY n",
        (row["reply_id"],),
    ).fetchall()
    earlier = [] if hidden else _earlier(db, row)
    return ReviewCase(
        row["id"], row["version"], row["pseudonym"], row["cause"], Category(row["category"]),
        Disposition[row["disposition"]] if row["disposition"] else Disposition.HOLD,
        tuple(Lens(name) for name in row["lenses"]), row["state"] == "open",
        row["reply_language"] or row["own_language"] or "en", row["country"], row["adult"],
        tuple(row["facts"] or ()), "" if hidden else row["redacted"] or "", tuple(earlier),
        "" if hidden else row["draft"] or "", row["draft_kind"] or "", tuple(row["passages"] or ()),
        tuple(Flag(f["check_id"], Disposition[f["asks"]], f["reason"]) for f in flags), row["note"] or "",
        row["due_at"], row["at"], row["patient_id"], row["patient_version"] or 0, row["reply_id"], bool(row["sent"]),
        bool(row["consent_training"]), row["claimer"] or "",
        f"{row['action']} by {row['decider']}" if row["action"] else "", row["blanked"],
    )  # fmt: skip


def _earlier(db: Connection, row: dict[str, Any]) -> list[str]:
    """What the same person asked just before, and since: redacted, oldest first."""
    rows = db.execute(
        """SELECT redacted, at FROM turn WHERE patient_id = %s AND at > %s::timestamptz - interval '1 day' AND redacted <> %s
           ORDER BY at DESC LIMIT 3""",
        (row["patient_id"], row["at"], row["redacted"] or ""),
    ).fetchall()
    return [r["redacted"] for r in reversed(rows)]


def claim_cards(db: Connection, limit: int = 10, lease: float = 30.0) -> list[Card]:
    """Lease cases whose card is due, the gravest first; counts the attempt, which the caller commits before the call."""
    rows = db.execute(
        f"""WITH due AS (
                SELECT c.id FROM review_case c LEFT JOIN reply r ON r.id = c.reply_id
                WHERE c.card_state = 'due' AND c.card_due_at <= clock_timestamp()
                  AND (c.card_lease IS NULL OR c.card_lease < clock_timestamp())
                ORDER BY {GRAVEST_FIRST} LIMIT %s FOR UPDATE OF c SKIP LOCKED)
            UPDATE review_case c SET card_lease = clock_timestamp() + make_interval(secs => %s),
                card_fence = card_fence + 1, card_attempts = card_attempts + 1
            FROM due WHERE c.id = due.id RETURNING c.id, card_channel, card_ts, card_fence, card_attempts, c.due_at""",
        (limit, lease),
    ).fetchall()
    return [Card(r["id"], r["card_channel"], r["card_ts"], r["card_fence"], r["card_attempts"]) for r in rows]


def shown(db: Connection, card: Card, channel: str, ts: str) -> bool:
    """The card stands in Slack. False: somebody else took it over meanwhile."""
    row = db.execute(
        """UPDATE review_case SET card_channel = %s, card_ts = %s, card_state = 'shown', card_lease = NULL, card_attempts = 0
           WHERE id = %s AND card_fence = %s RETURNING id""",
        (channel, ts, card.case_id, card.fence),
    ).fetchone()
    return row is not None


def show_later(db: Connection, card: Card, seconds: float, *, counted: bool = True) -> None:
    """Slack did not take it: due again. `counted` False: it said to wait, which is no failure."""
    db.execute(
        """UPDATE review_case SET card_lease = NULL, card_due_at = clock_timestamp() + make_interval(secs => %s),
               card_attempts = card_attempts - %s WHERE id = %s AND card_fence = %s""",
        (seconds, 0 if counted else 1, card.case_id, card.fence),
    )


def set_aside(db: Connection, card: Card) -> None:
    """Slack refuses this card for good: a person finds it in the queue."""
    db.execute(
        "UPDATE review_case SET card_state = 'aside', card_lease = NULL WHERE id = %s AND card_fence = %s",
        (card.case_id, card.fence),
    )


def show_again(db: Connection, case_id: UUID) -> None:
    """What the card says has changed."""
    db.execute(
        "UPDATE review_case SET card_state = 'due', card_due_at = clock_timestamp() WHERE id = %s AND card_state = 'shown'",
        (case_id,),
    )


def claim(db: Connection, case_id: UUID, reviewer_id: UUID, minutes: float) -> bool:
    """Take a case for a while, so that two do not work on it. False: it is closed or another's."""
    row = db.execute(
        """UPDATE review_case SET claimed_by = %s, claimed_until = clock_timestamp() + make_interval(mins => %s)
           WHERE id = %s AND state = 'open'
             AND (claimed_by IS NULL OR claimed_by = %s OR claimed_until < clock_timestamp()) RETURNING id""",
        (reviewer_id, minutes, case_id, reviewer_id),
    ).fetchone()
    if row:
        show_again(db, case_id)
    return row is not None


def overdue(db: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """Open held cases that nobody decided in time and whose patient was not told so yet (id, patient, language)."""
    return db.execute(
        """SELECT c.id, c.patient_id, p.chat_id, p.language, p.country, c.category FROM review_case c
           JOIN patient p ON p.id = c.patient_id LEFT JOIN reply r ON r.id = c.reply_id
           WHERE c.state = 'open' AND c.due_at < clock_timestamp() AND c.gave_up_at IS NULL AND r.disposition = 'HOLD'
           ORDER BY c.due_at LIMIT %s FOR UPDATE OF c SKIP LOCKED""",
        (limit,),
    ).fetchall()


def gave_up(db: Connection, case_id: UUID) -> None:
    """The patient was told that nobody could answer in time; the case stays open."""
    db.execute("UPDATE review_case SET gave_up_at = clock_timestamp() WHERE id = %s", (case_id,))
    show_again(db, case_id)


def to_blank(db: Connection, days: float, limit: int = 20) -> int:
    """Closed cards older than this lose their words. Returns how many."""
    rows = db.execute(
        """UPDATE review_case SET blanked = true, card_state = CASE WHEN card_ts IS NULL THEN card_state ELSE 'due' END,
               card_due_at = clock_timestamp()
           WHERE id IN (SELECT id FROM review_case WHERE state = 'closed' AND NOT blanked
                        AND closed_at < clock_timestamp() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)
           RETURNING id""",
        (days * 86_400, limit),
    ).fetchall()
    return len(rows)


def counts(db: Connection) -> dict[str, int]:
    """How many open cases there are of each category."""
    rows = db.execute(
        "SELECT category, count(*) AS n FROM review_case WHERE state = 'open' GROUP BY category"
    ).fetchall()
    return {row["category"]: row["n"] for row in rows}


def oldest_due(db: Connection) -> datetime | None:
    """When the oldest open case was due."""
    row = db.execute("SELECT min(due_at) AS at FROM review_case WHERE state = 'open'").fetchone()
    return row["at"] if row else None


def ids_of(db: Connection, pseudonyms: Sequence[str]) -> list[UUID]:
    """The cases with these pseudonyms."""
    rows = db.execute("SELECT id FROM review_case WHERE pseudonym = ANY(%s)", (list(pseudonyms),)).fetchall()
    return [row["id"] for row in rows]

"""Turns and replies: what a patient said, what was decided about it, and the case that an expert should see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from core.domain import Passage, Reply, Said, Turn, Who
from core.store.pool import Connection


@dataclass(frozen=True, slots=True)
class CaseWanted:
    """A case to open with a reply. `wordless`: without consent to review it holds no words."""

    pseudonym: str
    cause: str
    category: str
    lenses: tuple[str, ...]
    due_minutes: int
    wordless: bool = False
    note: str | None = None


def put_turn(
    db: Connection, patient_id: UUID, turn: Turn, update_ids: Sequence[int], message_ids: Sequence[int]
) -> None:
    """Keep what was said. Turns of this patient that were never answered were cut off half-way and are replaced."""
    db.execute(
        """WITH cut_off AS (DELETE FROM turn WHERE patient_id = %s AND NOT answered AND id <> %s)
           INSERT INTO turn (id, patient_id, update_ids, message_ids, text, redacted, language)
           VALUES (%s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (id) DO UPDATE SET update_ids = excluded.update_ids, message_ids = excluded.message_ids,
               text = excluded.text, redacted = excluded.redacted, language = excluded.language""",
        (
            patient_id, turn.id,
            turn.id, patient_id, list(update_ids), list(message_ids), turn.text, turn.redacted, turn.language,
        ),
    )  # fmt: skip


def history(db: Connection, patient_id: UUID, limit: int = 12) -> tuple[Said, ...]:
    """The last lines of the conversation, oldest first: what was said and what reached the patient."""
    rows = db.execute(
        """(SELECT 'patient' AS who, text, at FROM turn WHERE patient_id = %(p)s AND answered ORDER BY at DESC LIMIT %(n)s)
           UNION ALL
           (SELECT 'bot', body, at FROM delivery WHERE patient_id = %(p)s AND state = 'sent' AND reply_id IS NOT NULL
            ORDER BY at DESC LIMIT %(n)s)
           ORDER BY at DESC LIMIT %(n)s""",
        {"p": patient_id, "n": limit},
    ).fetchall()
    return tuple(Said(Who(row["who"]), row["text"], row["at"]) for row in reversed(rows))


def put_reply(
    db: Connection, patient_id: UUID, turn_id: UUID, reply: Reply, pack: str, timings: Mapping[str, float]
) -> UUID:
    """Keep a decision with every verdict; the turn is answered. Returns the reply's id."""
    reply_id = uuid4()
    draft = reply.draft
    db.execute(
        """WITH answered AS (UPDATE turn SET answered = true WHERE id = %s)
           INSERT INTO reply (id, patient_id, turn_id, category, disposition, language, draft, draft_kind, backend,
               adapter, passages, pack, timings) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            turn_id, reply_id, patient_id, turn_id, reply.category.value, reply.disposition.name, reply.language,
            draft.text if draft else None, draft.kind.value if draft else None, draft.backend if draft else None,
            draft.adapter if draft else None, json.dumps(_passages(draft.passages if draft else ())), pack,
            json.dumps(dict(timings)),
        ),
    )  # fmt: skip
    if reply.verdicts:
        all_of = reply.verdicts
        db.execute(
            """INSERT INTO verdict (reply_id, n, check_id, version, category, asks, reason)
               SELECT %s, u.n - 1, u.check_id, u.version, u.category, u.asks, u.reason
               FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                    WITH ORDINALITY AS u (check_id, version, category, asks, reason, n)""",
            (
                reply_id, [v.check for v in all_of], [v.version for v in all_of],
                [v.category.value if v.category else None for v in all_of], [v.asks.name for v in all_of],
                [v.reason for v in all_of],
            ),
        )  # fmt: skip
    return reply_id


def _passages(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    return [
        {
            "id": p.id,
            "language": p.language,
            "version": p.version,
            "title": p.title,
            "score": round(p.score, 3),
            "sources": [{"title": s.title, "url": s.url, "grade": s.grade} for s in p.sources],
        }
        for p in passages
    ]


def open_case(db: Connection, patient_id: UUID | None, reply_id: UUID | None, wanted: CaseWanted) -> UUID | None:
    """Ask an expert to look; one open case a reply. Returns its id, or None when there was one already."""
    row = db.execute(
        """INSERT INTO review_case (reply_id, patient_id, pseudonym, cause, category, lenses, wordless, note, due_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(mins => %s))
           ON CONFLICT DO NOTHING RETURNING id""",
        (
            reply_id, patient_id, wanted.pseudonym, wanted.cause, wanted.category, list(wanted.lenses),
            wanted.wordless, wanted.note, wanted.due_minutes,
        ),
    ).fetchone()  # fmt: skip
    return row["id"] if row else None


def feedback(db: Connection, patient_id: UUID, reply_id: UUID, word: str) -> str | None:
    """Keep what the patient thought of a reply. Returns the reply's category, or None when it is not theirs."""
    row = db.execute(
        "UPDATE reply SET feedback = %s WHERE id = %s AND patient_id = %s RETURNING category",
        (word, reply_id, patient_id),
    ).fetchone()
    return row["category"] if row else None


def open_delivery_case(db: Connection, delivery_id: UUID, cause: str, lenses: Sequence[str], note: str) -> None:
    """Ask a person to look at a text of which nobody knows whether it arrived."""
    db.execute(
        """INSERT INTO review_case (reply_id, patient_id, pseudonym, cause, category, lenses, wordless, note, due_at)
           SELECT d.reply_id, d.patient_id, left(md5(d.id::text), 8), %s, coalesce(r.category, 'routine'), %s,
                  p.consent_review = 0, %s, clock_timestamp() + interval '1 day'
           FROM delivery d JOIN patient p ON p.id = d.patient_id LEFT JOIN reply r ON r.id = d.reply_id
           WHERE d.id = %s ON CONFLICT DO NOTHING""",
        (cause, list(lenses), note, delivery_id),
    )

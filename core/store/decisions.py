"""Decisions: kept once and for ever, with what they let go: releases, ratings, approved answers, preference pairs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from core.cases import Filled, Rating, ReviewCase, Reviewer
from core.domain import text_hash
from core.store.pool import Connection


def lock(db: Connection, case_id: UUID) -> bool:
    """Lock the case's patient, then the case: the order in which the bot locks them. False: the case is gone."""
    db.execute("SET LOCAL statement_timeout = 1500")
    row = db.execute("SELECT patient_id FROM review_case WHERE id = %s", (case_id,)).fetchone()
    if row is None:
        return False
    if row["patient_id"]:
        db.execute("SELECT 1 FROM patient WHERE id = %s FOR UPDATE", (row["patient_id"],))
    return db.execute("SELECT 1 FROM review_case WHERE id = %s FOR UPDATE", (case_id,)).fetchone() is not None


def known(db: Connection, key: str) -> bool:
    """Whether this form was taken already."""
    return db.execute("SELECT 1 FROM decision WHERE key = %s", (key,)).fetchone() is not None


def put(db: Connection, filled: Filled, reviewer: Reviewer, body: str | None) -> UUID:
    """Keep a decision. `body`: the text that it releases."""
    row = db.execute(
        """INSERT INTO decision (key, case_id, case_version, reviewer_id, lens, action, body, body_hash, note, fits_anyone,
               for_training) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
        (
            filled.key, filled.case_id, filled.version, reviewer.id, filled.lens.value, filled.action.value, body,
            text_hash(body) if body is not None else None, filled.note, filled.fits_anyone, filled.for_training,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    decision_id: UUID = row["id"]
    return decision_id


def rate(db: Connection, case_id: UUID, reviewer: Reviewer, lens: str, rating: Rating) -> None:
    """Keep a rating; a second one of the same expert through the same lens replaces it."""
    db.execute(
        """INSERT INTO rating (case_id, reviewer_id, lens, accuracy, appropriateness, empathy, tags)
           VALUES (%s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (case_id, reviewer_id, lens) DO UPDATE SET accuracy = excluded.accuracy,
               appropriateness = excluded.appropriateness, empathy = excluded.empathy, tags = excluded.tags, at = clock_timestamp()""",
        (case_id, reviewer.id, lens, rating.accuracy, rating.appropriateness, rating.empathy, list(rating.tags)),
    )


def close(db: Connection, case: ReviewCase) -> None:
    """The case is decided; its card is due to say so."""
    db.execute(
        """UPDATE review_case SET state = 'closed', version = version + 1, closed_at = clock_timestamp(), claimed_until = NULL,
               card_state = CASE WHEN card_state = 'shown' THEN 'due' ELSE card_state END, card_due_at = clock_timestamp()
           WHERE id = %s""",
        (case.id,),
    )


def hand_on(db: Connection, case: ReviewCase, lenses: Sequence[str], note: str) -> None:
    """The case stays open for others: a lead, or another lens. What was opened on its old version is out of date."""
    db.execute(
        """UPDATE review_case SET version = version + 1, lenses = %s, note = %s, claimed_by = NULL, claimed_until = NULL,
               card_state = CASE WHEN card_state = 'shown' THEN 'due' ELSE card_state END, card_due_at = clock_timestamp()
           WHERE id = %s""",
        (list(lenses), note, case.id),
    )


def reopen(db: Connection, reply_id: UUID, note: str) -> None:
    """A release did not go out after all: its case is open again, with the reason."""
    db.execute(
        """UPDATE review_case SET state = 'open', version = version + 1, note = %s, closed_at = NULL,
               card_state = CASE WHEN card_state = 'shown' THEN 'due' ELSE card_state END, card_due_at = clock_timestamp()
           WHERE id = (SELECT id FROM review_case WHERE reply_id = %s ORDER BY at DESC LIMIT 1)
             AND NOT EXISTS (SELECT 1 FROM review_case WHERE reply_id = %s AND state = 'open')""",
        (note, reply_id, reply_id),
    )


def release(db: Connection, decision_id: UUID, reply_id: UUID, body: str, unless_facts: Iterable[str]) -> UUID:
    """Let a text of this reply go, bound to its very words."""
    row = db.execute(
        "INSERT INTO release (reply_id, body_hash, decision_id, unless_facts) VALUES (%s, %s, %s, %s) RETURNING id",
        (reply_id, text_hash(body), decision_id, sorted(unless_facts)),
    ).fetchone()
    assert row is not None
    release_id: UUID = row["id"]
    return release_id


def propose(db: Connection, case: ReviewCase, reviewer: Reviewer, body: str, boundary: str) -> bool:
    """Keep a text that breaks a hard boundary. True: another expert proposed the very same, so it may go."""
    db.execute(
        """INSERT INTO proposal (case_id, reviewer_id, body, boundary) VALUES (%s, %s, %s, %s)
           ON CONFLICT (case_id, reviewer_id) DO UPDATE SET body = excluded.body, boundary = excluded.boundary""",
        (case.id, reviewer.id, body, boundary),
    )
    row = db.execute(
        "SELECT 1 FROM proposal WHERE case_id = %s AND reviewer_id <> %s AND body = %s", (case.id, reviewer.id, body)
    ).fetchone()
    return row is not None


def proposed(db: Connection, case_id: UUID) -> str | None:
    """The text that waits for a second expert."""
    row = db.execute("SELECT body FROM proposal WHERE case_id = %s ORDER BY at DESC LIMIT 1", (case_id,)).fetchone()
    return row["body"] if row else None


def approve(
    db: Connection,
    decision_id: UUID,
    case: ReviewCase,
    filled: Filled,
    answer: str,
    passages: Sequence[Mapping[str, Any]],
    review_by: date,
) -> UUID:
    """Keep an answer that experts stand behind. An earlier one of the same case is superseded."""
    row = db.execute(
        """INSERT INTO approved_answer (decision_id, patient_id, question, answer, body_hash, language, country, category,
               lenses, fits_anyone, for_training, passages, review_by)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
        (
            decision_id, case.patient_id, case.question, answer, text_hash(answer), case.language, case.country,
            case.category.value, [filled.lens.value], filled.fits_anyone, filled.for_training,
            json.dumps([dict(p) for p in passages]), review_by,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    db.execute(
        """UPDATE approved_answer SET superseded_by = %s WHERE superseded_by IS NULL AND id <> %s
           AND decision_id IN (SELECT id FROM decision WHERE case_id = %s)""",
        (row["id"], row["id"], case.id),
    )
    db.execute(
        "INSERT INTO origin (id, kind, version) VALUES (%s, 'approved', '1') ON CONFLICT DO NOTHING", (str(row["id"]),)
    )
    answer_id: UUID = row["id"]
    return answer_id


def second_lens(db: Connection, case_id: UUID, lens: str) -> None:
    """An expert of the other lens stands behind the answer, too."""
    db.execute(
        """UPDATE approved_answer SET lenses = array_append(lenses, %s) WHERE superseded_by IS NULL AND NOT %s = ANY(lenses)
           AND decision_id IN (SELECT id FROM decision WHERE case_id = %s)""",
        (lens, lens, case_id),
    )


def prefer(db: Connection, decision_id: UUID, draft: str, final: str, distance: int, reason: str) -> None:
    """Keep a draft that an expert changed, and what replaced it."""
    db.execute(
        "INSERT INTO preference (decision_id, draft, final, distance, reason) VALUES (%s, %s, %s, %s, %s)",
        (decision_id, draft, final, distance, reason),
    )


def sent_of(db: Connection, reply_id: UUID) -> list[dict[str, Any]]:
    """What of this reply's answer has reached the patient: message ids, bodies, kinds, oldest first."""
    return db.execute(
        """SELECT id, message_id, body, kind FROM delivery WHERE reply_id = %s AND state = 'sent' AND message_id IS NOT NULL
           AND kind <> 'fixed' ORDER BY seq""",
        (reply_id,),
    ).fetchall()


def withdraw(db: Connection, reply_id: UUID) -> None:
    """What was released for this reply and did not go yet shall not go."""
    db.execute(
        "UPDATE release SET withdrawn_at = clock_timestamp() WHERE reply_id = %s AND withdrawn_at IS NULL", (reply_id,)
    )
    db.execute(
        """UPDATE delivery SET state = 'refused', reason = 'superseded', lease_until = NULL
           WHERE reply_id = %s AND kind = 'held' AND state = 'due'""",
        (reply_id,),
    )


def revised(db: Connection, case: ReviewCase) -> int:
    """Open a decided case once more for another decision. Returns its new version."""
    row = db.execute(
        "UPDATE review_case SET version = version + 1 WHERE id = %s RETURNING version", (case.id,)
    ).fetchone()
    assert row is not None
    return int(row["version"])

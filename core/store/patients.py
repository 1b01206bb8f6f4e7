"""Patients: who writes to us, what they agreed to, where the first conversation stands, and the lease on each."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.domain import Consent, Patient, Profile
from core.store.pool import Connection

_FIELDS = """id, key, chat_id, language, country, consent_chat, consent_review, consent_training, step, adult, sites,
    hdss, facts, denied, opener, version, paused, unreachable, emergency_at, fence,
    coalesce(emergency_at > clock_timestamp() - interval '10 minutes', false) AS recent_emergency"""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient and the state that only the store and the bot know. `fence` is the number of the lease held."""

    patient: Patient
    chat_id: int
    step: str
    opener: str | None
    version: int
    paused: bool
    unreachable: bool
    emergency_at: datetime | None
    recent_emergency: bool
    fence: int

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> PatientRow:
        """Build from a row that selects the fields above."""
        profile = Profile(
            row["adult"], tuple(row["sites"]), row["hdss"], frozenset(row["facts"]), frozenset(row["denied"])
        )
        consent = Consent(row["consent_chat"], row["consent_review"], row["consent_training"])
        patient = Patient(row["id"], row["key"], row["language"], row["country"], consent, profile)
        return cls(
            patient,
            row["chat_id"],
            row["step"],
            row["opener"],
            row["version"],
            row["paused"],
            row["unreachable"],
            row["emergency_at"],
            row["recent_emergency"],
            row["fence"],
        )


def patient_key(chat_id: int, secret: str) -> str:
    """The keyed hash that names a patient outside the store: HMAC-SHA256 of the chat id, hex, 32 characters."""
    return hmac.new(secret.encode(), str(chat_id).encode(), hashlib.sha256).hexdigest()[:32]


def ensure(db: Connection, chat_id: int, key: str, language: str) -> None:
    """Make the patient's row if there is none."""
    db.execute(
        "INSERT INTO patient (key, chat_id, language) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (key, chat_id, language),
    )


def claim(db: Connection, chat_id: int, by: UUID | None = None, seconds: float = 60.0) -> PatientRow | None:
    """Take the lease on a patient, or return None while another process holds it (or there is no such patient).

    `by`: a process that visits each patient once at a time; what a cut left to it, it takes again at once.
    """
    row = db.execute(
        f"""UPDATE patient SET lease_until = clock_timestamp() + make_interval(secs => %s), lease_by = %s, fence = fence + 1
            WHERE chat_id = %s AND (lease_until IS NULL OR lease_until < clock_timestamp() OR lease_by = %s) RETURNING {_FIELDS}""",
        (seconds, by, chat_id, by),
    ).fetchone()
    return PatientRow.from_row(row) if row else None


def held(db: Connection, patient_id: UUID, fence: int) -> PatientRow | None:
    """Lock and read the patient if the lease with this fencing number is still ours."""
    row = db.execute(
        f"SELECT {_FIELDS} FROM patient WHERE id = %s AND fence = %s AND lease_until IS NOT NULL FOR UPDATE",
        (patient_id, fence),
    ).fetchone()
    return PatientRow.from_row(row) if row else None


def release_lease(db: Connection, patient_id: UUID, fence: int) -> None:
    """Give the lease back."""
    db.execute("UPDATE patient SET lease_until = NULL WHERE id = %s AND fence = %s", (patient_id, fence))


def by_chat(db: Connection, chat_id: int) -> PatientRow | None:
    """The patient of a chat, without the lease."""
    row = db.execute(f"SELECT {_FIELDS} FROM patient WHERE chat_id = %s", (chat_id,)).fetchone()
    return PatientRow.from_row(row) if row else None


def chat_of(db: Connection, patient_id: UUID) -> int:
    """The chat of a patient, for a text that is owed."""
    row = db.execute("SELECT chat_id FROM patient WHERE id = %s", (patient_id,)).fetchone()
    assert row is not None
    return int(row["chat_id"])


def remember(db: Connection, limit: int) -> list[PatientRow]:
    """The patients seen last, for what the bot keeps in memory to answer an emergency without I/O."""
    rows = db.execute(f"SELECT {_FIELDS} FROM patient ORDER BY created_at DESC LIMIT %s", (limit,)).fetchall()
    return [PatientRow.from_row(row) for row in rows]


def set_consent(db: Connection, patient_id: UUID, part: str, version: int) -> None:
    """Record what was agreed to (version 0: refused or withdrawn), on the row and in the log. An answer in the making is stale."""
    column = {"chat": "consent_chat", "review": "consent_review", "training": "consent_training"}[part]
    db.execute(f"UPDATE patient SET {column} = %s, version = version + 1 WHERE id = %s", (version, patient_id))
    db.execute("INSERT INTO consent_log (patient_id, part, version) VALUES (%s, %s, %s)", (patient_id, part, version))


_SETTABLE = frozenset(
    {"language", "country", "step", "adult", "sites", "hdss", "facts", "denied", "opener", "paused", "unreachable"}
)


def update(db: Connection, patient_id: UUID, **values: Any) -> None:
    """Set named columns of one patient."""
    unknown = values.keys() - _SETTABLE
    if unknown:
        raise ValueError(f"a patient has no settable {', '.join(sorted(unknown))}")
    if values:
        columns = ", ".join(f"{name} = %s" for name in values)
        db.execute(f"UPDATE patient SET {columns} WHERE id = %s", (*values.values(), patient_id))


def stop_for_emergency(db: Connection, patient_id: UUID) -> None:
    """From now on only fixed texts go to this patient, until an expert or the patient lets go."""
    db.execute(
        "UPDATE patient SET emergency_at = clock_timestamp(), version = version + 1 WHERE id = %s", (patient_id,)
    )


def let_go(db: Connection, patient_id: UUID) -> bool:
    """End the stop. Returns whether there was one."""
    row = db.execute(
        """UPDATE patient SET emergency_at = NULL, version = version + 1
           WHERE id = %s AND emergency_at IS NOT NULL RETURNING id""",
        (patient_id,),
    ).fetchone()
    return row is not None


def reachable_again(db: Connection, chat_id: int, reachable: bool) -> None:
    """Telegram says that the patient blocked the bot, or lets it write again."""
    db.execute(
        "UPDATE patient SET unreachable = %s, version = version + 1 WHERE chat_id = %s", (not reachable, chat_id)
    )


def forget(db: Connection, patient_id: UUID, chat_id: int) -> None:
    """Delete all rows of the patient. What is left of the chat is the ids of updates that were seen, without words."""
    db.execute(
        "UPDATE intake SET body = NULL, state = 'done', chat_id = NULL, reason = 'forgotten' WHERE chat_id = %s",
        (chat_id,),
    )
    db.execute("DELETE FROM patient WHERE id = %s", (patient_id,))

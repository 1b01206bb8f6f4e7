"""Raw updates as they arrived: written before Telegram is told, worked through in order, emptied when done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Arrived:
    """One update on its way in. `body` is the raw JSON; `stale` when it makes an answer in the making out of date."""

    update_id: int
    chat_id: int | None
    kind: str
    body: str | None
    emergency: bool = False
    key: str | None = None
    language: str = "en"
    delay: float = 0.0

    @property
    def stale(self) -> bool:
        """Whether an answer that is being made must look at this first."""
        return self.kind in ("message", "edit", "command", "member")


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One update that waits to be worked on."""

    update_id: int
    chat_id: int | None
    kind: str
    body: str
    emergency: bool
    attempts: int
    age: float  # seconds since it arrived

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> IntakeRow:
        """Build from a row that selects the fields above."""
        return cls(
            row["update_id"],
            row["chat_id"],
            row["kind"],
            row["body"],
            row["emergency"],
            row["attempts"],
            float(row["age"]),
        )


_FIELDS = (
    "update_id, chat_id, kind, body, emergency, attempts, extract(epoch FROM clock_timestamp() - arrived_at) AS age"
)


def arrive(db: Connection, updates: Sequence[Arrived]) -> set[int]:
    """Keep updates; a repeated one is left as it is. Returns the ids that are new. Makes the patients' rows."""
    people = {u.chat_id: u for u in updates if u.chat_id is not None and u.key is not None}
    if people:
        stale = {u.chat_id for u in updates if u.stale}
        db.execute(
            """INSERT INTO patient (key, chat_id, language)
               SELECT u.key, u.chat, u.language
               FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS u (key, chat, language) ORDER BY u.chat
               ON CONFLICT (chat_id) DO UPDATE SET version = patient.version + 1 WHERE patient.chat_id = ANY(%s)""",
            (
                [u.key for u in people.values()],
                list(people),
                [u.language for u in people.values()],
                [chat for chat in people if chat in stale],
            ),
        )
    return {row["update_id"] for row in _insert(db, updates).fetchall()}


def _insert(db: Connection, updates: Sequence[Arrived]) -> Any:
    return db.execute(
        """INSERT INTO intake (update_id, chat_id, kind, body, emergency, due_at)
           SELECT u.id, u.chat, u.kind, u.body, u.emergency, clock_timestamp() + make_interval(secs => u.delay)
           FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bool[], %s::float8[])
                WITH ORDINALITY AS u (id, chat, kind, body, emergency, delay, n)
           ORDER BY u.n ON CONFLICT DO NOTHING RETURNING update_id""",
        (
            [u.update_id for u in updates],
            [u.chat_id for u in updates],
            [u.kind for u in updates],
            [u.body for u in updates],
            [u.emergency for u in updates],
            [u.delay for u in updates],
        ),
    )


def waiting(db: Connection, chat_id: int, *, count: bool = True, limit: int = 50) -> list[IntakeRow]:
    """A chat's open updates in the order of their arrival; counts this attempt, which the caller commits before the work."""
    rows = db.execute(
        f"""UPDATE intake SET attempts = attempts + {int(count)}
            WHERE update_id IN (SELECT update_id FROM intake WHERE chat_id = %s AND state = 'new' ORDER BY seq LIMIT %s)
            RETURNING {_FIELDS}, seq""",
        (chat_id, limit),
    ).fetchall()
    return [IntakeRow.from_row(row) for row in sorted(rows, key=lambda r: r["seq"])]


def finish(db: Connection, update_ids: Sequence[int], reason: str | None = None) -> None:
    """These updates are done: their raw bodies are emptied."""
    db.execute(
        "UPDATE intake SET state = 'done', body = NULL, reason = %s WHERE update_id = ANY(%s)",
        (reason, list(update_ids)),
    )


def set_aside(db: Connection, update_ids: Sequence[int], reason: str) -> None:
    """These updates failed too often; the body stays for a person to look at."""
    db.execute("UPDATE intake SET state = 'aside', reason = %s WHERE update_id = ANY(%s)", (reason, list(update_ids)))


def chats_left(db: Connection, older: float, limit: int = 200) -> list[int]:
    """Chats with open updates due more than `older` seconds ago, oldest first: what a crash left behind."""
    rows = db.execute(
        """SELECT chat_id, min(seq) AS first FROM intake
           WHERE state = 'new' AND chat_id IS NOT NULL AND due_at < clock_timestamp() - make_interval(secs => %s)
           GROUP BY chat_id ORDER BY first LIMIT %s""",
        (older, limit),
    ).fetchall()
    return [row["chat_id"] for row in rows]


def emergencies_left(db: Connection, older: float) -> list[IntakeRow]:
    """Emergencies that arrived more than `older` seconds ago and are not recorded as answered, oldest first."""
    rows = db.execute(
        f"""SELECT {_FIELDS} FROM intake WHERE state = 'new' AND emergency
            AND arrived_at <= clock_timestamp() - make_interval(secs => %s) ORDER BY seq LIMIT 200""",
        (older,),
    ).fetchall()
    return [IntakeRow.from_row(row) for row in rows]


def oldest_open(db: Connection) -> float:
    """Age in seconds of the oldest update that is due and not done: the health figure."""
    row = db.execute(
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0) AS age FROM intake WHERE state = 'new'"
    ).fetchone()
    return max(0.0, float(row["age"])) if row else 0.0

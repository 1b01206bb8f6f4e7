"""One visit to one patient: read what arrived, decide, write the answer down. Plain functions, run in a thread.

Transaction 1 takes the lease, counts the attempt, answers commands and buttons, and keeps the turn. The reply is made with no
transaction open. Transaction 2 writes reply, verdicts, case and deliveries together, and only if nothing came in between
that makes the answer stale; else all is made anew, twice at most, then it is held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from bot import record
from bot.alarm import Sent
from bot.handlers import answer
from bot.handlers.desk import Desk
from bot.updates import Incoming, parse_text
from core.domain import Complete, Context, Disposition, Reply, Said, Turn
from core.store import Store, intake, patients, turns
from core.store.deliveries import DeliveryRow
from core.store.intake import IntakeRow
from core.store.patients import PatientRow
from core.store.pool import Connection
from llm4sweat_model.condition import Condition
from llm4sweat_model.privacy import redact
from llm4sweat_model.respond import respond

_ATTEMPTS = 3
_REDOS = 2


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit left to do: texts to send, calls to make, updates whose emergencies are recorded."""

    deliveries: tuple[DeliveryRow, ...] = ()
    calls: tuple[tuple[str, dict[str, object]], ...] = ()
    done: tuple[int, ...] = ()
    busy: bool = False
    patient: PatientRow | None = None
    forgotten: bool = False
    let_go: bool = False


@dataclass(slots=True)
class _Work:
    """What transaction 1 found."""

    row: PatientRow
    rows: list[IntakeRow] = field(default_factory=list)
    turn: Turn | None = None
    update_ids: list[int] = field(default_factory=list)
    message_ids: list[int] = field(default_factory=list)
    history: tuple[Said, ...] = ()
    desk: Desk | None = None


class Visitor:
    """Visits patients for one process. `who` is the bot's own name and id, by which commands are recognised; `free`: whether a
    chat may be sent a message at once."""

    def __init__(
        self,
        store: Store,
        condition: Condition,
        complete: Complete,
        *,
        who: tuple[str, int],
        allow_unreviewed: bool,
        free: Callable[[int], bool],
    ) -> None:
        self._store, self._condition, self._complete = store, condition, complete
        self._who, self._allow_unreviewed, self._free = who, allow_unreviewed, free
        self._id = uuid4()

    def visit(self, chat_id: int, emergencies: Mapping[int, Sent]) -> Visited:
        """Work through all that a chat has open. Raises StoreError; then the lease runs out and all is tried again."""
        started = time.monotonic()
        work = self._open(chat_id, emergencies, None)
        if work is None:
            return Visited(busy=True)
        for redo in range(_REDOS + 1):
            if work.turn is None or work.desk is None:
                return self._visited(work)
            made = time.monotonic()
            reply = self._respond(work, careful=redo == _REDOS)
            timings = {"before_ms": _ms(made - started), "respond_ms": _ms(time.monotonic() - made)}
            if self._close(work, reply, timings):
                return self._visited(work)
            again = self._open(chat_id, emergencies, work)
            if again is None:
                return Visited(busy=True)
            work = again
        return Visited(busy=True)

    def _open(self, chat_id: int, emergencies: Mapping[int, Sent], before: _Work | None) -> _Work | None:
        with self._store.transaction() as db:
            row = patients.claim(db, chat_id, self._id) if before is None else _still(db, before)
            if row is None:
                return None
            rows = intake.waiting(db, chat_id, count=before is None)
            work = _Work(row, rows, desk=Desk(db, row, self._condition))
            self._sort(db, work, emergencies)
            if before is not None and before.desk is not None and work.desk is not None:
                work.desk.owed[:0] = before.desk.owed
                work.desk.calls[:0] = before.desk.calls
            if work.turn is None:
                patients.release_lease(db, row.patient.id, row.fence)
            return work

    def _sort(self, db: Connection, work: _Work, emergencies: Mapping[int, Sent]) -> None:
        assert work.desk is not None
        texts: dict[int, tuple[IntakeRow, Incoming]] = {}
        for row in work.rows:
            incoming = parse_text(row.body, *self._who)
            if row.update_id in emergencies:
                record.emergency(db, work.desk, row, incoming, emergencies[row.update_id])
            elif row.emergency:
                work.desk.finished.add(row.update_id)  # left as it is: the rescue answers it again and comes back
            elif row.attempts > _ATTEMPTS:
                record.set_aside(db, work.desk, row)
            elif work.desk.forgotten:
                intake.finish(db, [row.update_id], "forgotten")
            elif answer(work.desk, incoming):
                intake.finish(db, [row.update_id])
            else:
                texts[incoming.message_id or row.update_id] = (row, incoming)
        if texts and not work.desk.forgotten:
            self._turn(db, work, texts)

    def _turn(self, db: Connection, work: _Work, texts: Mapping[int, tuple[IntakeRow, Incoming]]) -> None:
        """Join what was said into one turn; an edit took the place of what it edits."""
        text = "\n".join(incoming.text for _, incoming in texts.values()).replace("\x00", "")
        turn = Turn(uuid4(), text, redact(text), None, datetime.now(UTC))
        taken = {row.update_id for row in work.rows}
        finished = set() if work.desk is None else work.desk.finished
        work.update_ids = [n for n in taken if n not in finished]
        work.message_ids = list(texts)
        work.history = turns.history(db, work.row.patient.id, int(self._condition.threshold("history_turns")))
        turns.put_turn(db, work.row.patient.id, turn, work.update_ids, work.message_ids)
        work.turn = turn

    def _respond(self, work: _Work, careful: bool) -> Reply:
        assert work.turn is not None
        context = Context(
            work.row.patient,
            work.history,
            recent_emergency=work.row.recent_emergency,
            stopped=work.row.emergency_at is not None,
            opener=work.row.opener,
            floor=Disposition.HOLD if careful or work.row.paused else None,
            on_call=False,
            facts_known=True,
            allow_unreviewed=self._allow_unreviewed,
        )
        return respond(work.turn, context, self._condition, self._complete)

    def _close(self, work: _Work, reply: Reply, timings: Mapping[str, float]) -> bool:
        assert work.turn is not None and work.desk is not None
        with self._store.transaction() as db:
            now = patients.held(db, work.row.patient.id, work.row.fence)
            if now is None or now.version != work.row.version:
                return False
            work.desk.db, work.desk.row = db, now
            work.desk.at_once = self._free(now.chat_id)
            record.reply(db, work.desk, work.turn, reply, timings)
            intake.finish(db, work.update_ids)
            patients.release_lease(db, work.row.patient.id, work.row.fence)
        return True

    def _visited(self, work: _Work) -> Visited:
        assert work.desk is not None
        desk = work.desk
        done = tuple(row.update_id for row in work.rows)
        return Visited(
            tuple(desk.owed), tuple(desk.calls), done, patient=desk.row, forgotten=desk.forgotten, let_go=desk.let_go
        )


def _still(db: Connection, before: _Work) -> PatientRow | None:
    return patients.held(db, before.row.patient.id, before.row.fence)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)

"""Carries owed texts to Telegram: waits for the limits, marks `sending`, calls, and writes down what came of it.

What is not known to have been sent is `uncertain`: an emergency, a held answer and a correction are sent once more,
marked as a repeat; anything else is not, and a person sees it. Otherwise: never lost, never twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from telegram import Bot

from bot.limits import Limits
from bot.texts import buttons, shown
from bot.wire import Outcome, send
from core import logs
from core.domain import CaseCause, Lens
from core.store import Store, StoreError, deliveries, patients, turns
from core.store.deliveries import DeliveryRow
from core.store.pool import Connection
from llm4sweat_model.condition import Condition

_ATTEMPTS = 8
_SOON = 1.0


class Sender:
    """Sends deliveries of this process; a delivery that failed surely is due again in the store."""

    def __init__(self, bot: Bot, store: Store, condition: Condition, limits: Limits) -> None:
        self._bot, self._store, self._condition, self._limits = bot, store, condition, limits
        self._unwritten: list[Callable[[], None]] = []
        self.owing = False  # something is due again soon

    async def send(self, row: DeliveryRow) -> Outcome:
        """Send one delivery whose lease this process holds. Never raises."""
        await self._limits.wait(row.chat_id)
        try:
            if not row.begun and not await asyncio.to_thread(self._begin, row):
                return Outcome("refused", reason="not_ours")
        except StoreError as error:
            logs.failed("delivery_begin", error, delivery=row.id)
            self.owing = True
            return Outcome("later", after=_SOON, reason="store_down")
        extras = row.extras
        out = await send(
            self._bot, row.chat_id, shown(row, self._condition), buttons(row, self._condition),
            reply_to=extras.get("reply_to"), thread_id=extras.get("thread_id"),
        )  # fmt: skip
        if out.reason == "flood":
            self._limits.refused(row.chat_id, out.after)
        await self._write(lambda: self._record(row, out))
        return out

    async def send_all(self, rows: Sequence[DeliveryRow]) -> None:
        """Send in order. When one must wait, those behind it wait as long in the store."""
        for n, row in enumerate(rows):
            out = await self.send(row)
            if out.state == "later":
                behind, seconds = rows[n + 1 :], out.after + _SOON
                await self._write(lambda: self._postpone(behind, seconds))  # noqa: B023 (it runs before the loop goes on)
                return

    def _postpone(self, rows: Sequence[DeliveryRow], seconds: float) -> None:
        with self._store.transaction() as db:
            for row in rows:
                deliveries.again(db, row.id, row.fence, seconds, "behind another")

    def _begin(self, row: DeliveryRow) -> bool:
        with self._store.transaction() as db:
            return deliveries.begin(db, row.id, row.fence)

    def _record(self, row: DeliveryRow, out: Outcome) -> None:
        with self._store.transaction() as db:
            if out.state == "sent" and out.message_id is not None:
                deliveries.sent(db, row.id, row.fence, out.message_id)
            elif out.state == "gone":
                deliveries.end(db, row.id, row.fence, "refused", out.reason)
                patients.reachable_again(db, row.chat_id, False)
            elif out.state == "later" and row.attempts < _ATTEMPTS:
                deliveries.again(db, row.id, row.fence, out.after + _SOON * 2 ** min(row.attempts, 6), out.reason)
                self.owing = True
            elif out.state == "uncertain" and row.urgent and not row.repeat:
                deliveries.again(db, row.id, row.fence, _SOON, "repeat")
                self.owing = True
            else:
                state = "uncertain" if out.state == "uncertain" else "refused"
                deliveries.end(db, row.id, row.fence, state, out.reason)
                tell_a_person(db, row.id, f"delivery {state}")
        if out.state != "sent":
            logs.warning("delivery_" + out.state, delivery=row.id, reason=out.reason)

    async def _write(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        except StoreError as error:
            logs.failed("delivery_record", error)
            self._unwritten.append(work)

    async def catch_up(self) -> None:
        """Write down outcomes that PostgreSQL missed; settle sends that died; send what is due."""
        unwritten, self._unwritten = self._unwritten, []
        for work in unwritten:
            await self._write(work)
        self.owing = False
        for row in await asyncio.to_thread(self._due):
            await self.send(row)

    def _due(self) -> list[DeliveryRow]:
        with self._store.transaction() as db:
            for lost in deliveries.settle_lost(db):
                tell_a_person(db, lost["id"], "delivery uncertain")
            return deliveries.claim_due(db)


def tell_a_person(db: Connection, delivery_id: UUID, note: str) -> None:
    """Open a case for a text whose arrival nobody knows."""
    turns.open_delivery_case(db, delivery_id, CaseCause.UNANSWERED.value, (Lens.CLINICAL.value,), note)

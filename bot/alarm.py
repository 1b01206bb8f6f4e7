"""Answers an emergency the moment its update arrives: rules in memory, fixed text, sent first and written down after.

Nothing stands before it. It needs no PostgreSQL, no model, no consent, and waits for no limit. It is retried from memory
until Telegram has taken it or says that the chat is gone; the visit to the store then records what was sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from telegram import Bot

from bot.people import People
from bot.texts import keyboard_rows
from bot.updates import Incoming
from bot.wire import Outcome, send
from core import logs
from core.domain import Text
from llm4sweat_model.condition import Condition
from llm4sweat_model.respond import Triage, triage

_PATIENCE = 600.0  # seconds in which a text that Telegram does not take is tried again
_UNCERTAIN = 2  # repeats of a text that Telegram may have taken


@dataclass(slots=True)
class Sent:
    """What was sent for one update: the texts and, when the task is done, the message ids (None: not taken)."""

    triage: Triage
    message_ids: list[int | None] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Alarm:
    """Holds the emergencies of this process by update id, until they are recorded."""

    def __init__(self, bot: Bot, condition: Condition, people: People) -> None:
        self._bot, self._condition, self._people = bot, condition, people
        self._sent: dict[int, Sent] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._window = condition.threshold("joining_window_minutes") * 60
        self._repeat = condition.threshold("emergency_repeat_minutes") * 60

    def hear(self, incoming: Incoming, *, late: bool = False) -> bool:
        """Look at one update; when it is an emergency, start to send. Returns whether it is one. Does no I/O itself."""
        if not incoming.said or incoming.chat_id is None or incoming.message_id is None:
            return False
        if incoming.update_id in self._sent:
            return True
        person = self._people.get(incoming.chat_id)
        now = time.monotonic()
        earlier = person.recent(now, self._window) if incoming.private else ""
        found = triage(
            incoming.said,
            earlier,
            self._condition,
            language=person.language or code(incoming.language_code, self._condition),
            country=person.country,
            recent=person.emergency_at is not None and now - person.emergency_at < self._repeat,
            late=late,
            group=not incoming.private,
        )
        if found is None:
            if incoming.private:
                person.add(now, incoming.said, self._window)
            return False
        if incoming.private:
            person.emergency_at = now
            person.words.clear()
        self._start(incoming, Sent(found))
        return True

    def _start(self, incoming: Incoming, sent: Sent) -> None:
        self._sent[incoming.update_id] = sent
        task = asyncio.create_task(self._send_all(incoming, sent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, incoming: Incoming, sent: Sent) -> None:
        try:
            for text in sent.triage.texts:
                sent.message_ids.append(await self._insist(incoming, text, sent.triage.language))
        finally:
            sent.done.set()
            if not incoming.private:  # nobody records it: it is only remembered against a repeated update
                asyncio.get_running_loop().call_later(_PATIENCE, self._sent.pop, incoming.update_id, None)

    async def _insist(self, incoming: Incoming, text: Text, language: str) -> int | None:
        rows = keyboard_rows(text.buttons, language, self._condition)
        deadline, pause, doubts = time.monotonic() + _PATIENCE, 0.5, 0
        assert incoming.chat_id is not None
        while True:
            reply_to = None if incoming.private else incoming.message_id
            out = await send(
                self._bot, incoming.chat_id, text.body, rows, reply_to=reply_to, thread_id=incoming.thread_id
            )
            if out.state == "sent":
                return out.message_id
            doubts += out.state == "uncertain"
            if _over(out, doubts) or time.monotonic() > deadline:
                logs.warning("emergency_not_sent", update_id=incoming.update_id, reason=out.reason)
                return None
            await asyncio.sleep(min(max(pause, out.after), 30.0))
            pause = min(pause * 2, 8.0)

    def fade(self) -> None:
        """Forget words that no message will be read together with any more."""
        self._people.fade(time.monotonic(), self._window)

    async def settled(self, update_ids: Sequence[int]) -> dict[int, Sent]:
        """Wait until the emergencies among these updates were sent (or given up), and return them."""
        found = {n: self._sent[n] for n in update_ids if n in self._sent}
        for sent in found.values():
            await sent.done.wait()
        return found

    def pending(self, update_id: int) -> bool:
        """Whether this update's emergency is known to this process."""
        return update_id in self._sent

    def recorded(self, update_ids: Sequence[int]) -> None:
        """These are in the store now."""
        for update_id in update_ids:
            self._sent.pop(update_id, None)

    async def close(self) -> None:
        """Give what is being sent a last moment."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3.0)
        for task in list(self._tasks):
            task.cancel()


def _over(out: Outcome, doubts: int) -> bool:
    return out.state in ("gone", "refused") or doubts > _UNCERTAIN


def code(language_code: str | None, condition: Condition) -> str | None:
    """A covered language for Telegram's language code ("pt-br"), or None."""
    short = (language_code or "").split("-")[0].lower()
    return short if short in condition.languages else None

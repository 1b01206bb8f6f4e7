"""The queue of updates that the bot has not confirmed, and long polling over it, with Telegram's slow-downs."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from sandbox.telegram.errors import ApiError, bad, conflict
from sandbox.telegram.store import Store

Update = dict[str, Any]
MAX_POLL_SECONDS, KEPT_SECONDS, SLOW_SECONDS, GATHER_SECONDS = 50, 86_400, 3.0, 0.002
_WORDS = (
    "message edited_message channel_post edited_channel_post business_connection business_message "
    "edited_business_message deleted_business_messages message_reaction message_reaction_count inline_query "
    "chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer "
    "my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot guest_message "
    "stopped_message_generation"
)
KINDS = frozenset(_WORDS.split())
NOT_BY_DEFAULT = frozenset(["chat_member", "message_reaction", "message_reaction_count"])
_TWO_POLLERS = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """Pending updates by id; `on_push` is told of each new one (the webhook listens there)."""

    def __init__(self, store: Store, next_id: Callable[[], int]) -> None:
        self._store, self._next_id = store, next_id
        self.pending: dict[int, tuple[float, Update]] = {b: (row[0], row[1]) for _, b, row in store.load("update")}
        self.allowed: frozenset[str] = KINDS - NOT_BY_DEFAULT
        self.on_push: Callable[[Update], None] | None = None
        self.on_forget: Callable[[int], None] | None = None
        self.again: list[Update] = []
        self._past: deque[Update] = deque(maxlen=1000)
        self.drop_next = 0
        self.reverse_next = 0
        self.last_poll_at = 0.0
        self._poll: asyncio.Future[None] | None = None
        self._last_offset, self._last_start = -1, -1e9
        self._next_conflict = 0.0

    def push(self, kind: str, body: dict[str, Any]) -> int:
        """Queues an update and returns its id; 0 when the bot does not want this kind or the switch drops it."""
        if kind not in self.allowed:
            return 0
        update_id = self._next_id()
        if self.drop_next:
            self.drop_next -= 1
            return 0
        self._keep({"update_id": update_id, kind: body})
        return update_id

    def _keep(self, update: Update) -> None:
        now = time.time()
        self.pending[update["update_id"]] = (now, update)
        self._past.append(update)
        self._store.put("update", 0, update["update_id"], [now, update])
        if self.on_push is not None:
            self.on_push(update)
        self.wake()

    def wake(self) -> None:
        """Lets a waiting poll look again."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def insert(self, update: Update) -> None:
        """Delivers a ready update with an id of its own, once, whatever was confirmed."""
        self.again.append(update)
        if self.on_push is not None:
            self.on_push(update)
        self.wake()

    def repeat(self, update_id: int) -> Update:
        """Delivers one of the last thousand updates once more, also a confirmed one."""
        for update in self._past:
            if update["update_id"] == update_id:
                self.insert(update)
                return update
        raise bad("no such update among the last thousand")

    def forget(self, update_id: int) -> None:
        """The bot has it."""
        if self.pending.pop(update_id, None) is not None:
            self._store.put("update", 0, update_id, None)
            if self.on_forget is not None:
                self.on_forget(update_id)

    def expired(self, update_id: int) -> bool:
        """Whether it is older than a day, or gone."""
        return update_id not in self.pending or self.pending[update_id][0] < time.time() - KEPT_SECONDS

    def clear(self) -> None:
        """Forgets all that is pending."""
        for update_id in list(self.pending):
            self.forget(update_id)

    async def poll(self, offset: int, limit: int, timeout: int) -> list[Update]:
        """`getUpdates`: confirms, then answers at once or when something arrives or time is up."""
        now = time.monotonic()
        self.last_poll_at = time.time()
        limit, timeout = min(max(limit, 1), 100), min(max(timeout, 0), MAX_POLL_SECONDS)
        if offset == self._last_offset and timeout < SLOW_SECONDS and now < self._last_start + SLOW_SECONDS:
            timeout = int(SLOW_SECONDS)
        if offset == self._last_offset and now < self._last_start + 0.5:
            limit = 1
        self._last_offset, self._last_start = offset, now
        self.end_poll(conflict(_TWO_POLLERS))
        self._confirm(offset)
        found = self._next(limit)
        if not found and timeout:
            await self._wait(timeout)
            found = self._next(limit)
        return found

    async def _wait(self, timeout: float) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        try:
            await asyncio.wait_for(mine, timeout)
            await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            pass
        except ApiError:
            await self.pause_conflict()
            raise
        finally:
            if self._poll is mine:
                self._poll = None

    async def pause_conflict(self) -> None:
        """The first 409 is answered at once, the next within 3 s wait, as on the real server."""
        now = time.monotonic()
        late = now < self._next_conflict
        self._next_conflict = max(now, self._next_conflict) + SLOW_SECONDS if not late else self._next_conflict
        if late:
            await asyncio.sleep(SLOW_SECONDS)

    def end_poll(self, error: ApiError) -> None:
        """Answers the waiting poll with an error."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(error)

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            gone = []
            for update_id in self.pending:
                if update_id >= offset:
                    break
                gone.append(update_id)
        else:
            gone = list(self.pending)[:offset] if offset < 0 else []
        for update_id in gone:
            self.forget(update_id)

    def _next(self, limit: int) -> list[Update]:
        if self.pending:
            oldest = next(iter(self.pending))
            while self.pending and self.pending[oldest][0] < time.time() - KEPT_SECONDS:
                self.forget(oldest)
                oldest = next(iter(self.pending), 0)
        again, self.again = self.again[:limit], self.again[limit:]
        found = again + [update for _, update in islice(self.pending.values(), limit - len(again))]
        if self.reverse_next and len(found) > 1:
            self.reverse_next -= 1
            found.reverse()
        return found

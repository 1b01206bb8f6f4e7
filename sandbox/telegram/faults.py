"""Switches to fail: the next calls of a method, in all chats or one, go wrong in a chosen way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ApiError, bad, too_many

KINDS = frozenset(["error", "hang", "cut", "lost", "lost_hang", "slow", "html"])
_WORDS = {401: "Unauthorized", 403: "Forbidden: bot was blocked by the user", 404: "Not Found",
          409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
          500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip


@dataclass(slots=True)
class Fault:
    """`kind`: error (with `code`), html (an error page of a proxy with `code`), hang (no answer for `seconds`, nothing
    done), cut (connection closed, nothing done), lost (done, then the connection is closed), lost_hang (done, then no
    answer), slow (`seconds` first, then normal). `times` below 0 means until taken back."""

    method: str
    kind: str
    times: int = 1
    code: int = 500
    seconds: float = 30.0
    retry_after: int = 1
    chat_id: int | None = None
    description: str = ""

    def error(self) -> ApiError:
        """What `error` answers."""
        if self.description:
            return ApiError(self.code, self.description)
        if self.code == 429:
            return too_many(self.retry_after)
        return ApiError(self.code, _WORDS.get(self.code, "Bad Request: refused by a switch of the sandbox"))


class Faults:
    """The switches that are on, oldest first."""

    def __init__(self) -> None:
        self.on: list[Fault] = []
        self.met = 0

    def add(self, **fields: Any) -> None:
        """Turns one on."""
        fault = Fault(**fields)
        if fault.kind not in KINDS:
            raise bad(f"kind must be one of {', '.join(sorted(KINDS))}")
        fault.method = fault.method.lower()
        self.on.append(fault)

    def clear(self) -> None:
        """Turns all off."""
        self.on.clear()

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """The fault that this call meets, counted."""
        for fault in self.on:
            if fault.method in ("*", method.lower()) and fault.chat_id in (None, chat_id):
                self.met += 1
                fault.times -= 1
                if fault.times == 0:
                    self.on.remove(fault)
                return fault
        return None

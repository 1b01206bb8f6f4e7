"""A synchronous client of the control API: a test or a benchmark acts as people and waits for what the bot says."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


class ControlError(Exception):
    """The sandbox refused an act; the text says why."""


class Client:
    """`call` runs any act of the control API; the rest are the usual ones by name."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._address = urlsplit(self.url).netloc

    def call(self, act: str, **parameters: Any) -> Any:
        """The result of an act."""
        body = json.dumps({k: v for k, v in parameters.items() if v is not None})
        connection = http.client.HTTPConnection(self._address, timeout=90)
        try:
            connection.request("POST", f"/control/{act}", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if not answer["ok"]:
            raise ControlError(answer["description"])
        return answer["result"]

    def person(self, first_name: str, language_code: str = "en", **more: Any) -> int:
        """A new person; the id is also that of the private chat with the bot."""
        return int(self.call("person", first_name=first_name, language_code=language_code, **more)["id"])

    def group(self, title: str, members: list[int], admin: bool = False, sees_all: bool = False) -> int:
        """A new group with the bot in it."""
        return int(self.call("group", title=title, members=members, admin=admin, sees_all=sees_all)["id"])

    def say(self, chat_id: int, text: str, **more: Any) -> Json:
        """A person writes (`user_id` says who, in a group); the message."""
        message: Json = self.call("say", chat_id=chat_id, text=text, **more)
        return message

    def say_many(self, messages: list[tuple[int, str]]) -> list[int]:
        """Many messages, chat and text, in one request; their ids."""
        rows = [{"chat_id": chat_id, "text": text} for chat_id, text in messages]
        numbers: list[int] = self.call("say_many", messages=rows)
        return numbers

    def send(self, chat_id: int, content: Json, **more: Any) -> Json:
        """Any other kind of message, `content` as in the Bot API."""
        message: Json = self.call("send", chat_id=chat_id, content=content, **more)
        return message

    def edit(self, chat_id: int, message_id: int, text: str, **more: Any) -> Json:
        """A person changes an earlier message."""
        message: Json = self.call("edit", chat_id=chat_id, message_id=message_id, text=text, **more)
        return message

    def press(
        self, chat_id: int, message_id: int, data: str | None = None, label: str | None = None, **more: Any
    ) -> Json:
        """A person presses an inline button, by its data or its label."""
        query: Json = self.call("press", chat_id=chat_id, message_id=message_id, data=data, label=label, **more)
        return query

    def fail(self, method: str, kind: str = "error", **more: Any) -> None:
        """Lets the next calls of a method (`*`: of any) go wrong; see `faults.Fault`."""
        self.call("fail", method=method, kind=kind, **more)

    def messages(self, chat_id: int, after: int = 0) -> list[Json]:
        """The messages of a chat with a number above `after`, as they are now."""
        found: list[Json] = self.call("messages", chat_id=chat_id, after=after)
        return found

    def said(self, chat_id: int, after: int = 0) -> list[Json]:
        """Those of the bot."""
        return [message for message in self.messages(chat_id, after) if message["from"]["is_bot"]]

    def events(
        self, after: int = 0, chat_id: int | None = None, kinds: list[str] | None = None, seconds: float = 0
    ) -> list[Json]:
        """What happened after an event number; waits up to `seconds` for the first."""
        found: list[Json] = self.call("events", after=after, chat_id=chat_id, kinds=kinds, seconds=seconds)
        return found

    def state(self) -> Json:
        """Counts of calls, switches, people, chats."""
        state: Json = self.call("state")
        return state

    def wait_said(self, chat_id: int, after: int = 0, count: int = 1, seconds: float = 10.0) -> list[Json]:
        """Waits until the bot has said `count` messages numbered above `after`; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            left = max(0.0, deadline - time.monotonic())
            said: list[Json] = self.call("said", chat_id=chat_id, after=after, count=count, seconds=min(left, 60.0))
            if len(said) >= count:
                return said
            if left == 0:
                raise TimeoutError(f"the bot said {len(said)} of {count} messages in chat {chat_id} within {seconds} s")

    def ask(self, chat_id: int, text: str, count: int = 1, seconds: float = 10.0, **more: Any) -> list[Json]:
        """Writes and waits for the bot's next `count` messages."""
        message = self.say(chat_id, text, **more)
        return self.wait_said(chat_id, message["message_id"], count, seconds)

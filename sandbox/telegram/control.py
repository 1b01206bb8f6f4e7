"""The control API: what a test, a benchmark or the page may do with this Telegram beyond the Bot API.

`POST /control/<act>` with a JSON object of the act's parameters; the answer is JSON. `ACTS` is the list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from sandbox.telegram.api import Api
from sandbox.telegram.errors import bad
from sandbox.telegram.groups import migrate
from sandbox.telegram.methods.profile import commands_for
from sandbox.telegram.params import Args, Spec, spec, typed
from sandbox.telegram.people import People
from sandbox.telegram.settings import NO_LIMITS, Limits
from sandbox.telegram.world import World

_WHO = "chat_id:int! user_id:int "
ACTS: dict[str, Spec] = {
    name: spec(parameters)
    for name, parameters in {
        "person": "id:int first_name:str last_name:str username:str language_code:str",
        "group": "title:str! members:array! admin:bool sees_all:bool",
        "migrate": "chat_id:int!",
        "say": _WHO + "text:str! raw:bool reply_to:int quote:str age:float",
        "say_many": "messages:array!",
        "send": _WHO + "content:object! reply_to:int quote:str age:float",
        "edit": _WHO + "message_id:int! text:str!",
        "press": _WHO + "message_id:int! data:str label:str",
        "react": _WHO + "message_id:int! emoji:str!",
        "block": "chat_id:int!",
        "unblock": "chat_id:int!",
        "update": "body:object!",
        "repeat": "update_id:int!",
        "drop": "count:int!",
        "reverse": "count:int!",
        "fail": "method:str! kind:str! times:int code:int seconds:float retry_after:int chat_id:int description:str",
        "heal": "",
        "limits": "chat_per_second:float chat_burst:int overall_per_second:float overall_burst:int group_per_minute:int off:bool",
        "events": "after:int chat_id:int kinds:array seconds:float",
        "said": "chat_id:int! after:int count:int seconds:float",
        "messages": "chat_id:int! after:int",
        "profile": "language:str",
        "commands": "chat_id:int! user_id:int language:str",
        "state": "",
    }.items()
}


class Control:
    """Runs acts."""

    def __init__(self, world: World, api: Api) -> None:
        self.world, self.api, self.people = world, api, People(world)
        self._direct: dict[str, Callable[..., Any]] = {
            "say": self.people.say,
            "send": self.people.send,
            "edit": self.people.edit,
            "press": self.people.press,
            "react": self.people.react,
            "block": self.people.block,
            "unblock": self.people.unblock,
            "fail": world.faults.add,
            "heal": world.faults.clear,
        }

    async def act(self, name: str, raw: Args) -> Any:
        """The answer of an act, or an `ApiError`."""
        if name not in ACTS:
            raise bad(f"no such act; known are {', '.join(ACTS)}")
        args = typed(ACTS[name], raw)
        if name in self._direct:
            return self._direct[name](**args) or True
        result = getattr(self, f"_{name}")(args)
        return await result if isinstance(result, Coroutine) else result

    def _person(self, args: Args) -> Any:
        return asdict(self.people.add(**args))

    def _group(self, args: Args) -> Any:
        return self.people.group(**args).row()

    def _migrate(self, args: Args) -> Any:
        return migrate(self.people, args["chat_id"]).row()

    def _say_many(self, args: Args) -> Any:
        """Many messages in one request, for load; answers with their ids."""
        return [self.people.say(**typed(ACTS["say"], one))["message_id"] for one in args["messages"]]

    def _update(self, args: Args) -> Any:
        """A raw update; `update_id` may be given, to say something twice or out of order."""
        body = dict(args["body"])
        if "update_id" in body:
            self.world.updates.insert(body)
            return body["update_id"]
        kind = next(iter(body), "")
        return self.world.updates.push(kind, body.get(kind, {}))

    def _repeat(self, args: Args) -> Any:
        """Delivers an earlier update once more, even a confirmed one."""
        return self.world.updates.repeat(args["update_id"])

    def _drop(self, args: Args) -> Any:
        self.world.updates.drop_next = args["count"]
        return True

    def _reverse(self, args: Args) -> Any:
        self.world.updates.reverse_next = args["count"]
        return True

    def _limits(self, args: Args) -> Any:
        off = args.pop("off", False)
        self.world.flood.set(NO_LIMITS if off else Limits(**args))
        return asdict(self.world.flood.limits)

    async def _events(self, args: Args) -> Any:
        seconds = min(args.get("seconds", 0.0), 60.0)
        return await self.world.events.wait(args.get("after", 0), args.get("chat_id"), args.get("kinds"), seconds)

    async def _said(self, args: Args) -> Any:
        """What the bot said after a message; waits until it is `count` messages, at most `seconds`."""
        deadline = time.monotonic() + min(args.get("seconds", 0.0), 60.0)
        chat, after, events = self.world.chat(args["chat_id"]), args.get("after", 0), self.world.events
        while True:
            said = [m for n, m in chat.messages.items() if n > after and m["from"]["is_bot"]]
            left = deadline - time.monotonic()
            if len(said) >= args.get("count", 1) or left <= 0:
                return said
            await events.wait(events.last, chat.id, ["message"], left)

    def _messages(self, args: Args) -> Any:
        after = args.get("after", 0)
        return [m for n, m in self.world.chat(args["chat_id"]).messages.items() if n > after]

    def _profile(self, args: Args) -> Any:
        """Name and descriptions as a person with this language sees them."""
        code, kept = args.get("language", "")[:2], self.world.profile
        names = ("name", "description", "short_description")
        texts = {name: kept.get(name, {}) for name in names}
        found = {name: texts[name].get(code) or texts[name].get("", "") for name in names}
        return found | {"name": found["name"] or self.world.settings.bot_name}

    def _commands(self, args: Args) -> Any:
        user_id: int = args.get("user_id") or args["chat_id"]
        return commands_for(self.world, args["chat_id"], user_id, args.get("language", ""))

    def _state(self, args: Args) -> Any:
        world = self.world
        return {
            "bot": world.bot,
            "last_event": world.events.last,
            "pending_updates": len(world.updates.pending),
            "seconds_since_poll": time.time() - world.updates.last_poll_at if world.updates.last_poll_at else None,
            "calls": self.api.calls,
            "faults": [asdict(fault) for fault in world.faults.on],
            "faults_met": world.faults.met,
            "limits": asdict(world.flood.limits),
            "people": [asdict(person) for person in world.people.values()],
            "chats": [chat.row() for chat in world.chats.values()],
        }

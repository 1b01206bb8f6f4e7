"""One call of the Bot API, without HTTP: the name looked up, parameters typed, the switches met, the method run."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.errors import ApiError, conflict
from sandbox.telegram.faults import Fault
from sandbox.telegram.methods import TABLE
from sandbox.telegram.methods.hook import allow
from sandbox.telegram.params import Args, typed
from sandbox.telegram.spec import CANONICAL, METHODS
from sandbox.telegram.world import World

_HOOKED = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Api:
    """The methods on a world; `calls` counts them by name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: dict[str, int] = {}

    def prepare(self, name: str, raw: Args) -> tuple[str, Args, Fault | None]:
        """The method's own name, its typed parameters and the fault that this call meets."""
        method = CANONICAL.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found")
        self.calls[method] = self.calls.get(method, 0) + 1
        args = typed(METHODS[method], raw)
        faults = self.world.faults
        return method, args, faults.take(method, args.get("chat_id")) if faults.on else None

    async def run(self, method: str, args: Args) -> Any:
        """What the method answers."""
        if method == "getUpdates":
            return await self._get_updates(args)
        return TABLE[method](self.world, args)

    async def _get_updates(self, args: Args) -> Any:
        if self.world.hook.get("url"):
            await self.world.updates.pause_conflict()
            raise conflict(_HOOKED)
        allow(self.world, args)
        return await self.world.updates.poll(args.get("offset", 0), args.get("limit", 100), args.get("timeout", 0))

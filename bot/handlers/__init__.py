"""What the bot does with an update that is no question: buttons, commands, other kinds of message, and before consent.

`answer` returns True when the update is dealt with; False leaves it to `respond`.
"""

from __future__ import annotations

from bot.handlers import buttons, commands, kinds, start
from bot.handlers.desk import Desk
from bot.updates import Incoming

__all__ = ["answer"]


def answer(desk: Desk, incoming: Incoming) -> bool:
    """Deal with one update, if it is not a question to be answered."""
    if incoming.kind == "member":
        return kinds.member(desk, incoming)
    if incoming.kind == "callback":
        return buttons.pressed(desk, incoming)
    if incoming.kind == "command":
        return commands.run(desk, incoming)
    if not desk.row.patient.consent.chat:
        return start.before_consent(desk)
    return kinds.other(desk, incoming)

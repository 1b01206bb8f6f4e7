"""Messages that are no text, texts that are no question: each gets a kind word. Nothing is downloaded, nothing of it kept."""

from __future__ import annotations

from bot.handlers.desk import Desk
from bot.updates import TEXT_LIMIT, Incoming
from core.store import deliveries, patients
from llm4sweat_model.text import visible


def member(desk: Desk, incoming: Incoming) -> bool:
    """The patient blocked the bot, or lets it write again."""
    if incoming.private:
        patients.reachable_again(desk.db, desk.row.chat_id, not incoming.blocked)
        if incoming.blocked:
            deliveries.drop_all(desk.db, desk.row.patient.id, "blocked")
    return True


def other(desk: Desk, incoming: Incoming) -> bool:
    """Deal with what is not an answerable text. Returns False for one that is."""
    if incoming.kind not in ("message", "edit"):
        return True
    if len(incoming.text) > TEXT_LIMIT:
        desk.say("kind.too_long")
    elif visible(incoming.text):
        return False
    elif incoming.media:
        _media(desk, incoming)
    else:
        desk.say("kind.empty")
    return True


def _media(desk: Desk, incoming: Incoming) -> None:
    """One kind word; an album of ten pictures gets one, not ten."""
    if incoming.album and incoming.album in desk.albums:
        return
    desk.albums.add(incoming.album)
    desk.say(f"kind.{incoming.media}")

"""A group becomes a supergroup: another id, two service messages, and an error with the new id for the old one."""

from __future__ import annotations

from sandbox.telegram.errors import bad
from sandbox.telegram.model import Chat
from sandbox.telegram.people import People
from sandbox.telegram.world import SUPERGROUP

_PREFIX = 10**12


def migrate(people: People, chat_id: int) -> Chat:
    """The supergroup that takes the group's place."""
    world = people.world
    old = world.chat(chat_id)
    if old.type != "group" or old.migrated_to:
        raise bad("only a group can become a supergroup, and once")
    new_id = -(_PREFIX + world.numbers.next(SUPERGROUP, first=2_000_000_001))
    new = Chat(new_id, "supergroup", old.title, members=set(old.members), open=True)
    new.bot_is_admin, new.bot_sees_all = old.bot_is_admin, old.bot_sees_all
    world.chats[new_id] = new
    sender = world.people[min(old.members)].user()
    farewell = world.post(old, sender, {"migrate_to_chat_id": new_id})
    world.updates.push("message", farewell)
    old.migrated_to = new_id
    welcome = world.post(new, sender, {"migrate_from_chat_id": old.id})
    world.updates.push("message", welcome)
    world.keep_chat(old)
    world.keep_chat(new)
    world.events.add("migrate", old.id, to=new_id)
    return new

"""Who the bot is and what it may know of a chat."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.errors import bad, conflict
from sandbox.telegram.world import World

Args = dict[str, Any]
_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def get_me(world: World, args: Args) -> dict[str, Any]:
    """`getMe`."""
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def close(world: World, args: Args) -> bool:
    """`close` and `logOut`: ends a waiting poll."""
    world.updates.end_poll(conflict("terminated by a request to close the bot"))
    return True


def get_chat(world: World, args: Args) -> dict[str, Any]:
    """`getChat`."""
    chat = world.chat(args["chat_id"])
    full = chat.json() | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": _NO_GIFTS,
    }
    if chat.person is None:
        full["permissions"] = {"can_send_messages": True}
    return full


def get_member(world: World, args: Args) -> dict[str, Any]:
    """`getChatMember`."""
    chat, user_id = world.chat(args["chat_id"]), args["user_id"]
    if user_id == world.bot["id"]:
        return {"user": world.bot, "status": "member" if chat.open else "left"}
    person = world.people.get(user_id)
    if person is None:
        raise bad("PARTICIPANT_ID_INVALID")
    inside = user_id in chat.members or user_id == chat.id
    return {"user": person.user(), "status": "member" if inside else "left"}


def leave(world: World, args: Args) -> bool:
    """`leaveChat`."""
    chat = world.writable(args["chat_id"])
    if chat.person is not None:
        raise bad("chat member status can't be changed in private chats")
    chat.open, chat.shut_by = False, f"bot is not a member of the {chat.type} chat"
    world.keep_chat(chat)
    return True

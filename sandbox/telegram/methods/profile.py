"""Commands by scope and language, name and descriptions by language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import bad
from sandbox.telegram.world import World

Args = dict[str, Any]
Commands = list[dict[str, str]]
_LANGUAGE = re.compile(r"[a-z]{2}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def _language(args: Args) -> str:
    code: str = args.get("language_code", "")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad("Invalid language code specified")
    return code


def _place(world: World, args: Args) -> str:
    """The key of a list of commands: its scope and language."""
    scope = args.get("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    parts = [kind]
    for name in _SCOPES[kind]:
        if name not in scope:
            raise bad(f"can't parse BotCommandScope: Can't find field \"{name}\"")
        parts.append(str(world.chat(scope[name]).id if name == "chat_id" else scope[name]))
    return "/".join([*parts, _language(args)])


def set_commands(world: World, args: Args) -> bool:
    """`setMyCommands`."""
    commands = args["commands"]
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    kept = [_command(item) for item in commands]
    world.profile.setdefault("commands", {})[_place(world, args)] = kept
    world.keep("profile")
    world.events.add("commands", 0)
    return True


def _command(item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = item.get("command"), item.get("description")
    if not isinstance(name, str) or not isinstance(description, str):
        raise bad("can't parse BotCommand: command and description must be of type String")
    name = name.removeprefix("/")
    if not _COMMAND.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description.strip()) <= 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description.strip()}


def get_commands(world: World, args: Args) -> Commands:
    """`getMyCommands`: exactly this scope and language."""
    kept: Commands = world.profile.get("commands", {}).get(_place(world, args), [])
    return kept


def delete_commands(world: World, args: Args) -> bool:
    """`deleteMyCommands`."""
    world.profile.get("commands", {}).pop(_place(world, args), None)
    world.keep("profile")
    world.events.add("commands", 0)
    return True


def commands_for(world: World, chat_id: int, user_id: int, language: str) -> Commands:
    """What a person sees in the menu of a chat: the most specific scope wins, then the list of the language."""
    chat = world.chat(chat_id)
    scopes = [f"chat_member/{chat.id}/{user_id}", f"chat/{chat.id}"]
    scopes += ["all_private_chats" if chat.person else "all_group_chats", "default"]
    lists: dict[str, Commands] = world.profile.get("commands", {})
    for scope in scopes:
        for code in (language[:2], ""):
            if lists.get(f"{scope}/{code}"):
                return lists[f"{scope}/{code}"]
    return []


def setter(name: str, longest: int) -> Callable[[World, Args], bool]:
    """`setMyName`, `setMyDescription`, `setMyShortDescription`."""

    def change(world: World, args: Args) -> bool:
        text, code = args.get(name, "").strip(), _language(args)
        if len(text) > longest:
            raise bad(f"{name.replace('_', ' ')} is too long")
        texts = world.profile.setdefault(name, {})
        if text:
            texts[code] = text
        else:
            texts.pop(code, None)
        world.keep("profile")
        return True

    return change


def getter(name: str) -> Callable[[World, Args], dict[str, str]]:
    """The text for a language, or the one for all."""

    def read(world: World, args: Args) -> dict[str, str]:
        texts = world.profile.get(name, {})
        default = world.settings.bot_name if name == "name" else ""
        return {name: texts.get(_language(args)) or texts.get("") or default}

    return read

"""Reads the file that says who a newcomer can be and what the page tells about the product."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sandbox.telegram.control import Control
from sandbox.telegram.model import Person

DEFAULT = Path(__file__).with_name("scenes.toml")
_PERSON = ("id", "first_name", "last_name", "username", "language_code")
Scenes = dict[str, Any]


def read_scenes(path: Path | None) -> Scenes:
    """The file as it is; a missing key stops the start and is named."""
    path = path or DEFAULT
    with path.open("rb") as file:
        scenes = tomllib.load(file)
    for key in ("title", "tagline", "about", "notice", "words", "persona"):
        if key not in scenes:
            raise ValueError(f"{path}: the key {key!r} is missing; add it as in {DEFAULT}")
    return scenes


def people_scenes(scenes: Scenes, control: Control) -> int:
    """Adds the personas and their group to the local Telegram; the id of the group, 0 without one."""
    world = control.world
    for persona in scenes["persona"]:
        world.add_person(Person(**{name: persona[name] for name in _PERSON}))
    group = scenes.get("group")
    if group is None:
        return 0
    for chat in world.chats.values():
        if chat.title == group["title"] and not chat.migrated_to:
            return chat.id
    return control.people.group(group["title"], group["members"], admin=True).id

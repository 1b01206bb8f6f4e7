"""What people do in this Telegram: write, edit, press, block. Each act becomes an update, as on the real one."""

from __future__ import annotations

import time
from typing import Any

from sandbox.telegram.errors import bad
from sandbox.telegram.keyboard import Markup
from sandbox.telegram.model import Chat, Message, Person
from sandbox.telegram.text import MAX_TEXT, clean, detect
from sandbox.telegram.world import CALLBACK, GROUP, PERSON, World

Content = dict[str, Any]
_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip


class People:
    """The acts, on a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add(self, **fields: Any) -> Person:
        """A new person; `id` is chosen unless given."""
        fields.setdefault("id", 0)
        fields["id"] = fields["id"] or self.world.numbers.next(PERSON, first=500_001)
        fields.setdefault("first_name", f"Person {fields['id']}")
        return self.world.add_person(Person(**fields))

    def _who(self, chat_id: int, user_id: int | None) -> tuple[Chat, Person]:
        chat = self.world.chat(chat_id)
        person = self.world.people.get(user_id or chat_id)
        if person is None:
            raise bad("user not found")
        if chat.person is None and person.id not in chat.members:
            raise bad("the person is not a member of this chat")
        return chat, person

    def say(self, chat_id: int, text: str, user_id: int | None = None, raw: bool = False, **more: Any) -> Message:
        """A text message; `raw` sends it as it is, else it is cleaned and at most 4,096 characters long."""
        if not raw:
            text = clean(text).strip()
            if not 0 < len(text) <= MAX_TEXT:
                raise bad("message text is empty" if not text else "message is too long")
        content: Content = {"text": text}
        entities = detect(text)
        if entities:
            content["entities"] = entities
        return self.send(chat_id, content, user_id, **more)

    def send(
        self,
        chat_id: int,
        content: Content,
        user_id: int | None = None,
        reply_to: int | None = None,
        quote: str = "",
        age: float = 0.0,
    ) -> Message:
        """Any message: `content` is its kind and what belongs to it (a photo with a caption, a contact, a location)."""
        chat, person = self._who(chat_id, user_id)
        if reply_to is not None:
            content["reply_to_message"] = without_reply(self.world.message(chat, reply_to))
            if quote:
                content["quote"] = {"text": quote, "position": 0, "is_manual": True}
        if chat.person is not None and not chat.open:
            self._reopen(chat)
        message = self.world.post(chat, person.user(), content, age)
        update_id = self._tell("message", message, chat)
        self.world.events.add("message", chat.id, message=message, update_id=update_id)
        return message

    def _reopen(self, chat: Chat) -> None:
        was_blocked = chat.shut_by != ""
        chat.open, chat.shut_by = True, ""
        self.world.keep_chat(chat)
        if was_blocked:
            self._membership(chat, chat.json(), "kicked", "member")

    def _tell(self, kind: str, message: Message, chat: Chat) -> int:
        """Queues an update unless privacy mode keeps the message from the bot."""
        if chat.person is None and not (chat.open and self._bot_sees(message, chat)):
            return 0
        update_id = self.world.updates.push(kind, message)
        self.world.remember(message, update_id)
        return update_id

    def _bot_sees(self, message: Message, chat: Chat) -> bool:
        if chat.bot_is_admin or chat.bot_sees_all or not {"text", "caption"} & message.keys():
            return True
        answered = message.get("reply_to_message", {}).get("from", {}).get("id")
        text = message.get("text") or message.get("caption") or ""
        name = self.world.settings.bot_username.lower()
        command = text.startswith("/") and ("@" not in text.split()[0] or f"@{name}" in text.split()[0].lower())
        return command or answered == self.world.bot["id"] or f"@{name}" in text.lower()

    def edit(self, chat_id: int, message_id: int, text: str, user_id: int | None = None) -> Message:
        """Changes the text (or caption) of one's own message."""
        chat, person = self._who(chat_id, user_id)
        old = self.world.message(chat, message_id, "message to edit not found")
        if old["from"]["id"] != person.id:
            raise bad("message can't be edited")
        kind = "text" if "text" in old else "caption"
        message = {**old, kind: text, "edit_date": int(time.time())}
        message.pop("entities", None)
        entities = detect(text)
        if entities:
            message["entities" if kind == "text" else "caption_entities"] = entities
        self.world.replace(chat, message)
        update_id = self._tell("edited_message", message, chat)
        self.world.events.add("edit", chat.id, message=message, update_id=update_id)
        return message

    def press(
        self,
        chat_id: int,
        message_id: int,
        data: str | None = None,
        label: str | None = None,
        user_id: int | None = None,
    ) -> dict[str, Any]:
        """Presses an inline button, named by its data or its label."""
        chat, person = self._who(chat_id, user_id)
        message = self.world.message(chat, message_id)
        button = _find(message.get("reply_markup") or {}, data, label)
        number = self.world.numbers.next(CALLBACK, first=4_000_000_000_001)
        query: dict[str, Any] = {
            "id": str(number),
            "from": person.user(),
            "chat_instance": str(chat.id * 31 + 7),
            "message": message,
            "data": button["callback_data"],
        }
        if len(self.world.callbacks) > 10_000:
            self.world.callbacks.clear()
        self.world.callbacks[query["id"]] = (time.monotonic(), chat.id)
        update_id = self.world.updates.push("callback_query", query)
        self.world.events.add("press", chat.id, query_id=query["id"], message_id=message_id, update_id=update_id)
        return query

    def react(self, chat_id: int, message_id: int, emoji: str, user_id: int | None = None) -> None:
        """Puts a reaction on a message; the bot is told only if it asked for such updates."""
        chat, person = self._who(chat_id, user_id)
        self.world.message(chat, message_id)
        body = {
            "chat": chat.json(),
            "message_id": message_id,
            "user": person.user(),
            "date": int(time.time()),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        self.world.updates.push("message_reaction", body)

    def block(self, chat_id: int) -> None:
        """The person stops the bot, or the bot is removed from the group."""
        chat = self.world.chat(chat_id)
        chat.open = False
        if chat.person is not None:
            chat.shut_by = "bot was blocked by the user"
            self._membership(chat, chat.person.user(), "member", "kicked")
        else:
            chat.shut_by = f"bot was kicked from the {chat.type} chat"
            self._membership(chat, self.world.people[min(chat.members)].user(), "member", "left")
        self.world.keep_chat(chat)

    def unblock(self, chat_id: int) -> None:
        """The person lets the bot write again."""
        chat = self.world.chat(chat_id)
        chat.open, chat.shut_by = True, ""
        self.world.keep_chat(chat)
        who = chat.person.user() if chat.person else self.world.people[min(chat.members)].user()
        self._membership(chat, who, "kicked", "member")

    def _membership(self, chat: Chat, by: dict[str, Any], old: str, new: str) -> None:
        body = {
            "chat": chat.json(),
            "from": by if "is_bot" in by else self.world.people[chat.id].user(),
            "date": int(time.time()),
            "old_chat_member": self._member(old),
            "new_chat_member": self._member(new),
        }
        self.world.updates.push("my_chat_member", body)
        self.world.events.add("membership", chat.id, status=new)

    def _member(self, status: str) -> dict[str, Any]:
        member: dict[str, Any] = {"user": self.world.bot, "status": status}
        more: dict[str, dict[str, Any]] = {"kicked": {"until_date": 0}, "administrator": dict.fromkeys(_RIGHTS, False)}
        return member | more.get(status, {})

    def group(self, title: str, members: list[int], admin: bool = False, sees_all: bool = False) -> Chat:
        """A new group of these people with the bot in it."""
        chat = Chat(-self.world.numbers.next(GROUP, first=4_000_001), "group", title, members=set(members), open=True)
        chat.bot_is_admin, chat.bot_sees_all = admin, sees_all
        self.world.chats[chat.id] = chat
        self.world.keep_chat(chat)
        first = self.world.people[members[0]].user()
        self._membership(chat, first, "left", "administrator" if admin else "member")
        content = {"group_chat_created": True}
        message = self.world.post(chat, first, content)
        self._tell("message", message, chat)
        return chat


def without_reply(message: Message) -> Message:
    """A message as it stands inside a reply: one level deep."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def _find(markup: Markup, data: str | None, label: str | None) -> dict[str, Any]:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if "callback_data" in button and (
                button["callback_data"] == data or (data is None and button["text"] == label)
            ):
                found: dict[str, Any] = button
                return found
    raise bad("the message has no such button")

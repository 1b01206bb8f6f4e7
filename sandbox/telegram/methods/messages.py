"""Sending, editing, deleting, reacting, answering buttons."""

from __future__ import annotations

import math
import time
from typing import Any

from sandbox.telegram.errors import bad
from sandbox.telegram.keyboard import reply_markup
from sandbox.telegram.methods.reactions import EMOJI
from sandbox.telegram.model import Chat, Message
from sandbox.telegram.people import without_reply
from sandbox.telegram.text import message_text
from sandbox.telegram.world import World

Args = dict[str, Any]
_WORDS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note cancel"
)
ACTIONS = frozenset(_WORDS.split())
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_TWO_DAYS = 48 * 3600


def send_message(world: World, args: Args) -> Message:
    """`sendMessage`."""
    chat = world.writable(args["chat_id"])
    text, entities = message_text(args)
    markup = reply_markup(args.get("reply_markup"))
    if args.get("message_thread_id"):
        raise bad("message thread not found")
    content: Args = {"text": text}
    if entities:
        content["entities"] = entities
    content.update(_reply(world, chat, args))
    if markup is not None and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    if args.get("protect_content"):
        content["has_protected_content"] = True
    if args.get("link_preview_options"):
        content["link_preview_options"] = args["link_preview_options"]
    world.flood.check(chat)
    message = world.post(chat, world.bot, content)
    world.events.add("message", chat.id, message=message, keyboard=markup)
    return message


def _reply(world: World, chat: Chat, args: Args) -> Args:
    """What a reply adds to a message: the one replied to, and a quote."""
    parameters = args.get("reply_parameters") or {"message_id": args.get("reply_to_message_id")}
    number = parameters.get("message_id")
    if number is None:
        return {}
    if not isinstance(number, int):
        raise bad("can't parse reply parameters: message_id must be an Integer")
    lenient = parameters.get("allow_sending_without_reply", args.get("allow_sending_without_reply", False))
    source = world.chat(parameters.get("chat_id", chat.id))
    answered = source.messages.get(number)
    if answered is None:
        if lenient:
            return {}
        raise bad("message to be replied not found")
    quote = parameters.get("quote")
    if not quote:
        return {"reply_to_message": without_reply(answered)}
    at = answered.get("text", "").find(quote)
    if at < 0:
        raise bad("QUOTE_TEXT_INVALID")
    return {
        "reply_to_message": without_reply(answered),
        "quote": {"text": quote, "position": at, "is_manual": True},
    }


def send_draft(world: World, args: Args) -> bool:
    """`sendMessageDraft`: a preview of some 30 s in private chats; no message, no id."""
    chat = world.writable(args["chat_id"])
    if chat.person is None:
        raise bad("TEXTDRAFT_PEER_INVALID")
    if args["draft_id"] == 0:
        raise bad("RANDOM_ID_INVALID")
    text, entities = message_text(args, empty_is_good=True)
    world.events.add("draft", chat.id, draft_id=args["draft_id"], text=text, entities=entities)
    return True


def send_action(world: World, args: Args) -> bool:
    """`sendChatAction`: shown for about 5 s."""
    chat = world.writable(args["chat_id"])
    if args["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    world.events.add("action", chat.id, action=args["action"])
    return True


def forward(world: World, args: Args) -> Message:
    """`forwardMessage`."""
    chat, source = world.writable(args["chat_id"]), world.chat(args["from_chat_id"])
    old = world.message(source, args["message_id"], "message to forward not found")
    if old.get("has_protected_content"):
        raise bad("message can't be forwarded")
    dropped = ("message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup")
    content = {key: value for key, value in old.items() if key not in dropped}
    content["forward_origin"] = {"type": "user", "sender_user": old["from"], "date": old["date"]}
    world.flood.check(chat)
    message = world.post(chat, world.bot, content)
    world.events.add("message", chat.id, message=message, keyboard=None)
    return message


def _own(world: World, args: Args) -> tuple[Chat, Message]:
    chat = world.writable(args["chat_id"])
    message = world.message(chat, args["message_id"], "message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        raise bad("message can't be edited")
    return chat, message


def edit_text(world: World, args: Args) -> Message:
    """`editMessageText`: without a keyboard in the request the message loses its own."""
    chat, old = _own(world, args)
    if "text" not in old:
        raise bad("there is no text in the message to edit")
    text, entities = message_text(args)
    new = {key: value for key, value in old.items() if key not in ("entities", "reply_markup")}
    new["text"] = text
    if entities:
        new["entities"] = entities
    return _replace(world, chat, old, new, args)


def edit_markup(world: World, args: Args) -> Message:
    """`editMessageReplyMarkup`: without a keyboard it goes."""
    chat, old = _own(world, args)
    new = {key: value for key, value in old.items() if key != "reply_markup"}
    return _replace(world, chat, old, new, args)


def _replace(world: World, chat: Chat, old: Message, new: Message, args: Args) -> Message:
    markup = reply_markup(args.get("reply_markup"), inline_only=True)
    if markup is not None:
        new["reply_markup"] = markup
    if all(new.get(name) == old.get(name) for name in ("text", "entities", "reply_markup")):
        raise bad(_SAME)
    world.flood.check(chat)
    new["edit_date"] = int(time.time())
    world.replace(chat, new)
    world.events.add("edit", chat.id, message=new)
    return new


def delete(world: World, args: Args) -> bool:
    """`deleteMessage`: in private chats anything of the last 48 hours, in groups one's own."""
    chat = world.writable(args["chat_id"])
    message = world.message(chat, args["message_id"], "message to delete not found")
    own = message["from"]["id"] == world.bot["id"]
    if message["date"] < time.time() - _TWO_DAYS or not (own or chat.person or chat.bot_is_admin):
        raise bad("message can't be deleted")
    world.remove(chat, message["message_id"])
    world.events.add("delete", chat.id, message_id=message["message_id"])
    return True


def react(world: World, args: Args) -> bool:
    """`setMessageReaction`: one emoji of a fixed set, or none."""
    chat = world.writable(args["chat_id"])
    world.message(chat, args["message_id"], "message to react not found")
    reactions = args.get("reaction", [])
    if len(reactions) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for reaction in reactions:
        if not isinstance(reaction, dict) or reaction.get("emoji") not in EMOJI:
            raise bad("REACTION_INVALID")
    world.events.add("reaction", chat.id, message_id=args["message_id"], reaction=reactions)
    return True


def answer_callback(world: World, args: Args) -> bool:
    """`answerCallbackQuery`: once, and soon."""
    if len(args.get("text", "")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    pressed, chat_id = world.callbacks.pop(args["callback_query_id"], (-math.inf, 0))
    if time.monotonic() - pressed > world.settings.callback_seconds:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text, alert = args.get("text", ""), args.get("show_alert", False)
    world.events.add("answer", chat_id, query_id=args["callback_query_id"], text=text, alert=alert)
    return True

"""The local Telegram against python-telegram-bot's own objects: a real `Bot`, a real `Application`, every kind of update."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
import telegram
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ParseMode, ReactionEmoji
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from sandbox.telegram import Client
from tests.sandbox.calling import Caller

_FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 3}
_PICTURE = _FILE | {"width": 1, "height": 1}
KINDS: list[dict[str, Any]] = [
    {"text": "hi"},
    {"photo": [_PICTURE], "caption": "look"},
    {"voice": _FILE | {"duration": 1}},
    {"audio": _FILE | {"duration": 1}},
    {"video": _PICTURE | {"duration": 1}},
    {"video_note": _FILE | {"duration": 1, "length": 1}},
    {"animation": _PICTURE | {"duration": 1}},
    {"document": _FILE},
    {"sticker": _PICTURE | {"type": "regular", "is_animated": False, "is_video": False}},
    {"contact": {"phone_number": "+1", "first_name": "A"}},
    {"location": {"latitude": 1.0, "longitude": 2.0}},
    {"venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "t", "address": "a"}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}, "text": "forwarded"},
]


def with_bot(bot: Caller, work: Any) -> Any:
    """Runs `work(bot)` with a real Bot."""

    async def run() -> Any:
        async with Bot(bot.running.token, base_url=bot.running.api_url) as real:
            return await work(real)

    return asyncio.run(run())


@pytest.mark.parametrize("content", KINDS, ids=lambda content: next(iter(content)))
def test_every_kind_of_message_is_read(bot: Caller, people: Client, ann: int, content: dict[str, Any]) -> None:
    people.send(ann, content, reply_to=1 if 1 in [m["message_id"] for m in people.messages(ann)] else None)
    update = Update.de_json(bot.updates()[-1], None)
    assert update.message is not None
    assert update.message.chat.id == update.message.from_user.id == ann
    assert not update.api_kwargs
    assert not update.message.api_kwargs
    kind = "forward_origin" if "forward_origin" in content else next(iter(content))
    assert getattr(update.message, kind)


def test_every_other_update_is_read(bot: Caller, people: Client, ann: int) -> None:
    bot.good(
        "getUpdates",
        offset=-1,
        allowed_updates=["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"],
    )
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = bot.good("sendMessage", chat_id=ann, text="x", reply_markup=markup)["message_id"]
    mine = people.say(ann, "one", reply_to=sent, quote="x")["message_id"]
    people.edit(ann, mine, "two")
    people.press(ann, sent, "y")
    people.call("react", chat_id=ann, message_id=sent, emoji="👍")
    people.call("block", chat_id=ann)
    people.call("unblock", chat_id=ann)
    group = people.group("Family", [ann])
    people.call("migrate", chat_id=group)
    people.group("Open", [ann], admin=True)
    updates = [Update.de_json(update, None) for update in bot.updates()]
    bot.good("getUpdates", offset=-1, allowed_updates=[])
    assert all(update.effective_chat is not None and not update.api_kwargs for update in updates)
    assert updates[0].message.reply_to_message.message_id == sent
    assert updates[0].message.quote.text == "x"
    assert updates[1].edited_message.edit_date
    assert updates[2].callback_query.message.reply_markup.inline_keyboard[0][0].callback_data == "y"
    assert updates[3].message_reaction.new_reaction[0].emoji == "👍"
    changes = [(u.my_chat_member.old_chat_member.status, u.my_chat_member.new_chat_member.status) for u in updates[4:7]]
    assert changes == [("member", "kicked"), ("kicked", "member"), ("left", "member")]
    migrations = [
        u.message for u in updates if u.message and (u.message.migrate_to_chat_id or u.message.migrate_from_chat_id)
    ]
    assert migrations[0].migrate_to_chat_id == migrations[1].chat.id
    assert updates[-2].my_chat_member.new_chat_member.status == "administrator"


def test_a_real_bot_makes_every_call(bot: Caller, people: Client, ann: int) -> None:
    mine = people.say(ann, "hi")["message_id"]

    async def work(real: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y", style="primary")]])
        sent = await real.send_message(
            ann, "<b>x</b>", ParseMode.HTML, reply_markup=keyboard, reply_parameters=ReplyParameters(mine)
        )
        assert sent.reply_to_message is not None
        assert sent.reply_markup == keyboard
        assert await real.send_chat_action(ann, ChatAction.TYPING)
        assert await real.send_message_draft(ann, 5, "…")
        assert isinstance(await sent.edit_text("y", reply_markup=keyboard), telegram.Message)
        assert isinstance(await sent.edit_reply_markup(None), telegram.Message)
        assert await real.set_message_reaction(ann, mine, ReactionEmoji.EYES)
        assert (await real.forward_message(ann, ann, mine)).forward_origin is not None
        assert await sent.delete()
        query = people.press(ann, (await real.send_message(ann, "z", reply_markup=keyboard)).message_id, "y")
        assert await real.answer_callback_query(query["id"], "ok")
        commands = [BotCommand("help", "Help")]
        assert await real.set_my_commands(commands, BotCommandScopeAllPrivateChats(), "es")
        assert await real.get_my_commands(BotCommandScopeAllPrivateChats(), "es") == tuple(commands)
        assert await real.delete_my_commands(BotCommandScopeAllPrivateChats(), "es")
        assert await real.set_my_description("d", "de")
        assert (await real.get_my_description("de")).description == "d"
        assert await real.set_my_short_description("s")
        assert (await real.get_my_short_description()).short_description == "s"
        assert await real.set_my_name("n")
        assert (await real.get_my_name()).name == "n"
        assert (await real.get_chat(ann)).first_name == "Ann"
        assert (await real.get_chat_member(ann, ann)).status == "member"
        assert (await real.get_webhook_info()).url == ""
        assert (await real.get_updates(timeout=0)) != ()
        assert (await real.get_me()).can_join_groups

    with_bot(bot, work)


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
def test_errors_become_the_right_exceptions(bot: Caller, people: Client, ann: int) -> None:
    group = people.group("Family", [ann])
    new = people.call("migrate", chat_id=group)["id"]

    async def meets(call: Coroutine[Any, Any, Any], error: type[Exception]) -> Exception:
        with pytest.raises(error) as caught:
            await call
        assert type(caught.value) is error
        return caught.value

    async def work(real: Bot) -> None:
        await meets(real.send_message(1, "x"), BadRequest)
        migrated = await meets(real.send_message(group, "x"), ChatMigrated)
        assert migrated.new_chat_id == new
        people.fail("sendMessage", code=429, retry_after=9)
        await meets(real.send_message(ann, "x"), RetryAfter)
        people.fail("sendMessage", code=500)
        await meets(real.send_message(ann, "x"), NetworkError)
        people.fail("sendMessage", "html", code=502)
        await meets(real.send_message(ann, "x"), NetworkError)
        people.fail("sendMessage", "cut")
        await meets(real.send_message(ann, "x"), NetworkError)
        people.fail("sendMessage", "hang", seconds=3)
        await meets(real.send_message(ann, "x", read_timeout=0.3), TimedOut)
        people.call("block", chat_id=ann)
        await meets(real.send_message(ann, "x"), Forbidden)
        await real.set_webhook("http://127.0.0.1:1/x")
        await meets(real.get_updates(), Conflict)
        await meets(real.do_api_request("sendPigeon"), telegram.error.EndPointNotFound)

    with_bot(bot, work)

    async def wrong() -> None:
        with pytest.raises(InvalidToken):
            async with Bot("1:x", base_url=bot.running.api_url):
                pass

    asyncio.run(wrong())


def test_an_application_polls_and_answers(bot: Caller, people: Client, ann: int) -> None:
    async def hello(update: Update, _: Any) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
        await update.message.reply_text("hello", reply_markup=keyboard)

    async def pressed(update: Update, _: Any) -> None:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("pressed")

    async def echo(update: Update, _: Any) -> None:
        await update.message.reply_text(f"echo {update.message.text}", do_quote=True)

    def talk() -> None:
        greeted = people.ask(ann, "/start")[0]
        people.press(ann, greeted["message_id"], label="Yes")
        assert people.ask(ann, "one")[0]["reply_to_message"]["text"] == "one"
        assert people.messages(ann, greeted["message_id"] - 1)[0]["text"] == "pressed"

    async def run() -> None:
        app = Application.builder().token(bot.running.token).base_url(bot.running.api_url).build()
        app.add_handlers(
            [CommandHandler("start", hello), CallbackQueryHandler(pressed), MessageHandler(filters.TEXT, echo)]
        )
        async with app:
            await app.updater.start_polling()
            await app.start()
            await asyncio.to_thread(talk)
            await app.updater.stop()
            await app.stop()

    asyncio.run(run())

"""Texts, markup, keyboards, edits, replies: what Telegram takes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.telegram import Client
from tests.sandbox.calling import Caller


def _kinds(message: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(e["type"], e["offset"], e["length"]) for e in message.get("entities", [])]


def test_html_becomes_entities_in_utf16_units(bot: Caller, ann: int) -> None:
    text = '😀 <b>bold <i>both</i></b> &lt;x&gt; &nbsp; <a href="https://who.int/x">link</a>'
    message = bot.good("sendMessage", chat_id=ann, text=text, parse_mode="html")
    assert message["text"] == "😀 bold both <x> &nbsp; link"
    assert _kinds(message) == [("bold", 3, 9), ("italic", 8, 4), ("text_link", 24, 4)]


def test_markdown_v2(bot: Caller, ann: int) -> None:
    text = "*bold _it_* ~s~ ||sp|| `c*` __u__ [l](https://a\\.b/c) \\. 1\\-2\n>quoted\n>more\nend"
    message = bot.good("sendMessage", chat_id=ann, text=text, parse_mode="MarkdownV2")
    assert message["text"] == "bold it s sp c* u l . 1-2\nquoted\nmore\nend"
    kinds = [kind for kind, _, _ in _kinds(message)]
    assert kinds == ["bold", "italic", "strikethrough", "spoiler", "code", "underline", "text_link", "blockquote"]


def test_quotations_of_markdown_v2(bot: Caller, ann: int) -> None:
    text = ">one\n>two\n**>three\n>four||\nend"
    message = bot.good("sendMessage", chat_id=ann, text=text, parse_mode="MarkdownV2")
    assert message["text"] == "one\ntwo\nthree\nfour\nend"
    assert [kind for kind, _, _ in _kinds(message)] == ["blockquote", "expandable_blockquote"]


@pytest.mark.parametrize(
    ("mode", "text", "needle"),
    [
        ("HTML", "a <b>b", 'Can\'t find end tag corresponding to start tag "b"'),
        ("HTML", "a < b", 'Unsupported start tag "" at byte offset 2'),
        ("HTML", "é <div>x</div>", 'Unsupported start tag "div" at byte offset 3'),
        ("HTML", "<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
        ("HTML", "<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("HTML", "<b", "Unclosed start tag at byte offset 0"),
        ("MarkdownV2", "1. first", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "a (b)", "Character '(' is reserved"),
        ("MarkdownV2", "*open", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", "[a](b", "Can't find end of a URL at byte offset 3"),
        ("Markdown", "é *open", "Can't find end of the entity starting at byte offset 3"),
    ],
)
def test_wrong_markup(bot: Caller, ann: int, mode: str, text: str, needle: str) -> None:
    code, description = bot.refused("sendMessage", chat_id=ann, text=text, parse_mode=mode)
    assert (code, description.partition(": can't parse entities: ")[1] != "") == (400, True)
    assert needle in description


def test_unknown_mode_and_markup_that_leaves_nothing(bot: Caller, ann: int) -> None:
    assert "unsupported parse_mode" in bot.refused("sendMessage", chat_id=ann, text="x", parse_mode="rst")[1]
    assert "text must be non-empty" in bot.refused("sendMessage", chat_id=ann, text="<b> </b>", parse_mode="HTML")[1]


def test_lengths_count_characters_after_parsing(bot: Caller, ann: int) -> None:
    assert len(bot.good("sendMessage", chat_id=ann, text="😀" * 4096)["text"]) == 4096
    assert bot.refused("sendMessage", chat_id=ann, text="x" * 4097)[1] == "Bad Request: message is too long"
    assert bot.refused("sendMessage", chat_id=ann, text="x" * 40000)[1] == "Bad Request: text is too long"
    long = "<b>" + "x" * 4096 + "</b>"
    assert len(bot.good("sendMessage", chat_id=ann, text=long, parse_mode="HTML")["text"]) == 4096


def test_text_is_trimmed_and_cleaned_and_entities_move_along(bot: Caller, ann: int) -> None:
    entities = [{"type": "bold", "offset": 3, "length": 4}]
    message = bot.good("sendMessage", chat_id=ann, text=" \r\nab\u202ec \x07d ", entities=entities)
    assert message["text"] == "abc  d"
    assert _kinds(message) == [("bold", 0, 3)]


def test_telegram_finds_commands_links_and_names(bot: Caller, people: Client, ann: int) -> None:
    message = people.say(ann, "/start@llm4sweat_bot see https://who.int/a, @someone #tag a@b.org")
    kinds = [kind for kind, _, _ in _kinds(message)]
    assert kinds == ["bot_command", "url", "mention", "hashtag", "email"]


@pytest.mark.parametrize(
    ("button", "needle"),
    [
        ({"text": "x"}, "text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": ""}, "text buttons are unallowed"),
        ({"text": "", "callback_data": "a"}, "button text must be non-empty"),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "a", "url": "https://a.b"}, "exactly one"),
        ({"text": "x", "url": "http://localhost:8000"}, "Wrong HTTP URL"),
        ({"text": "x", "callback_data": "a", "style": "pink"}, "invalid button style"),
        ({"text": "x", "callback_data": "a", "hover": "b"}, "unknown field"),
    ],
)
def test_wrong_buttons(bot: Caller, ann: int, button: dict[str, str], needle: str) -> None:
    code, description = bot.refused("sendMessage", chat_id=ann, text="x", reply_markup={"inline_keyboard": [[button]]})
    assert code == 400
    assert needle in description


def test_a_hundred_buttons_and_no_more(bot: Caller, ann: int) -> None:
    row = [{"text": "x", "callback_data": "a"}]
    bot.good("sendMessage", chat_id=ann, text="x", reply_markup={"inline_keyboard": [row] * 100})
    markup = {"inline_keyboard": [row] * 101}
    assert "reply markup is too long" in bot.refused("sendMessage", chat_id=ann, text="x", reply_markup=markup)[1]


def test_edits(bot: Caller, people: Client, ann: int) -> None:
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "a"}]]}
    sent = bot.good("sendMessage", chat_id=ann, text="one", reply_markup=markup)
    place = {"chat_id": ann, "message_id": sent["message_id"]}
    assert "message is not modified" in bot.refused("editMessageText", **place, text="one", reply_markup=markup)[1]
    edited = bot.good("editMessageText", **place, text="two")
    assert (edited["text"], edited.get("reply_markup"), "edit_date" in edited) == ("two", None, True)
    assert "message is not modified" in bot.refused("editMessageReplyMarkup", **place)[1]
    assert (
        "inline keyboard expected"
        in bot.refused("editMessageReplyMarkup", **place, reply_markup={"force_reply": True})[1]
    )
    mine = people.say(ann, "mine")["message_id"]
    assert "message can't be edited" in bot.refused("editMessageText", chat_id=ann, message_id=mine, text="x")[1]
    assert "message to edit not found" in bot.refused("editMessageText", chat_id=ann, message_id=999999, text="x")[1]
    assert bot.good("deleteMessage", **place) is True
    assert "message to delete not found" in bot.refused("deleteMessage", **place)[1]


def test_replies_and_quotes(bot: Caller, people: Client, ann: int) -> None:
    asked = people.say(ann, "my hands are wet")["message_id"]
    reply = {"message_id": asked, "quote": "hands"}
    sent = bot.good("sendMessage", chat_id=ann, text="x", reply_parameters=reply)
    assert sent["reply_to_message"]["message_id"] == asked
    assert sent["quote"] == {"text": "hands", "position": 3, "is_manual": True}
    missing = {"message_id": 999999}
    assert (
        "message to be replied not found"
        in bot.refused("sendMessage", chat_id=ann, text="x", reply_parameters=missing)[1]
    )
    lenient = missing | {"allow_sending_without_reply": True}
    assert "reply_to_message" not in bot.good("sendMessage", chat_id=ann, text="x", reply_parameters=lenient)
    assert "message thread not found" in bot.refused("sendMessage", chat_id=ann, text="x", message_thread_id=1)[1]


def test_a_button_is_answered_once(bot: Caller, people: Client, ann: int) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = bot.good("sendMessage", chat_id=ann, text="x", reply_markup=markup)
    query = people.press(ann, sent["message_id"], label="Yes")
    assert query["data"] == "y"
    assert "MESSAGE_TOO_LONG" in bot.refused("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)[1]
    assert bot.good("answerCallbackQuery", callback_query_id=query["id"], text="ok") is True
    assert "query is too old" in bot.refused("answerCallbackQuery", callback_query_id=query["id"])[1]


def test_drafts_actions_and_reactions(bot: Caller, people: Client, ann: int) -> None:
    group = people.group("Family", [ann])
    before = people.state()["last_event"]
    assert bot.good("sendMessageDraft", chat_id=ann, draft_id=1, text="") is True
    assert "TEXTDRAFT_PEER_INVALID" in bot.refused("sendMessageDraft", chat_id=group, draft_id=1, text="x")[1]
    assert bot.good("sendChatAction", chat_id=ann, action="typing") is True
    assert "wrong parameter action" in bot.refused("sendChatAction", chat_id=ann, action="dancing")[1]
    mine = people.say(ann, "hi")["message_id"]
    bot.good("setMessageReaction", chat_id=ann, message_id=mine, reaction=[{"type": "emoji", "emoji": "👀"}])
    wrong = [{"type": "emoji", "emoji": "🥦"}]
    assert "REACTION_INVALID" in bot.refused("setMessageReaction", chat_id=ann, message_id=mine, reaction=wrong)[1]
    kinds = [event["kind"] for event in people.events(before, ann)]
    assert kinds == ["draft", "action", "message", "reaction"]


def test_commands_and_descriptions(bot: Caller, people: Client, ann: int) -> None:
    english, spanish = [{"command": "help", "description": "Help"}], [{"command": "ayuda", "description": "Ayuda"}]
    bot.good("setMyCommands", commands=english)
    bot.good("setMyCommands", commands=spanish, language_code="es", scope={"type": "all_private_chats"})
    assert bot.good("getMyCommands", language_code="es") == []
    assert people.call("commands", chat_id=ann, language="es") == spanish
    assert people.call("commands", chat_id=ann, language="de") == english
    assert "BOT_COMMAND_INVALID" in bot.refused("setMyCommands", commands=[{"command": "No!", "description": "x"}])[1]
    assert "language code" in bot.refused("setMyCommands", commands=[], language_code="eng")[1]
    bot.good("setMyDescription", description="Hallo", language_code="de")
    assert bot.good("getMyDescription", language_code="de") == {"description": "Hallo"}
    assert bot.good("getMyDescription") == {"description": ""}
    assert bot.refused("setMyShortDescription", short_description="x" * 121)[0] == 400
    bot.good("deleteMyCommands")
    assert bot.good("getMyCommands") == []

"""getUpdates: confirming by offset, redelivery, waiting, slowing down, two pollers, switches on updates."""

from __future__ import annotations

import threading
import time
from typing import Any

from sandbox.telegram import Client
from tests.sandbox.calling import Caller


def _ids(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


def test_what_is_not_confirmed_comes_again(bot: Caller, people: Client, ann: int) -> None:
    for text in ("a", "b", "c"):
        people.say(ann, text)
    first = bot.good("getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["a", "b"]
    offset = first[0]["update_id"] + 1
    assert [u["message"]["text"] for u in bot.good("getUpdates", offset=offset)] == ["b", "c"]
    assert _ids(bot.good("getUpdates", offset=offset)) == [offset], "asked again at once: one update"
    assert bot.good("getUpdates", offset=offset + 2) == []


def test_a_negative_offset_keeps_the_last(bot: Caller, people: Client, ann: int) -> None:
    for text in ("a", "b", "c"):
        people.say(ann, text)
    assert [u["message"]["text"] for u in bot.good("getUpdates", offset=-1)] == ["c"]
    assert bot.good("getWebhookInfo")["pending_update_count"] == 1


def test_a_poll_waits_and_the_same_offset_is_slowed_down(bot: Caller, people: Client, ann: int) -> None:
    threading.Timer(0.3, people.say, (ann, "late")).start()
    began = time.monotonic()
    updates = bot.good("getUpdates", offset=1, timeout=20)
    assert [u["message"]["text"] for u in updates] == ["late"]
    assert 0.25 < time.monotonic() - began < 3
    offset = updates[0]["update_id"] + 1
    assert bot.good("getUpdates", offset=offset) == []
    began = time.monotonic()
    assert bot.good("getUpdates", offset=offset) == []
    assert time.monotonic() - began > 2.9, "the same offset within 3 s becomes a poll of 3 s"


def test_two_pollers_and_a_webhook_are_conflicts(bot: Caller, ann: int) -> None:
    answers: list[tuple[int, Any]] = []
    first = threading.Thread(target=lambda: answers.append(bot.json("getUpdates", timeout=20)))
    first.start()
    while bot.running.client.state()["calls"].get("getUpdates", 0) == 0:
        time.sleep(0.01)
    time.sleep(0.1)
    second = threading.Thread(target=lambda: answers.append(bot.json("getUpdates", timeout=1, offset=7)))
    second.start()
    first.join(10)
    second.join(10)
    assert answers[0][0] == 409
    assert "terminated by other getUpdates request" in answers[0][1]["description"]
    assert answers[1][0] == 200
    bot.good("setWebhook", url="http://127.0.0.1:1/hook")
    status, body = bot.json("getUpdates")
    assert (status, "can't use getUpdates method while webhook is active" in body["description"]) == (409, True)


def test_allowed_updates_stick(bot: Caller, people: Client, ann: int) -> None:
    mine = people.say(ann, "x")["message_id"]
    last = bot.updates()[-1]["update_id"]
    people.call("react", chat_id=ann, message_id=mine, emoji="👍")
    assert bot.good("getUpdates", offset=last + 1, timeout=0) == [], "reactions must be asked for"
    bot.good("getUpdates", offset=-1, allowed_updates=["message", "message_reaction"])
    people.call("react", chat_id=ann, message_id=mine, emoji="👍")
    people.edit(ann, mine, "y")
    kinds = [set(u) - {"update_id"} for u in bot.good("getUpdates", offset=last + 1)]
    assert kinds == [{"message_reaction"}]
    bot.good("getUpdates", offset=-1, allowed_updates=[])


def test_dropped_repeated_reversed_and_made_up_updates(bot: Caller, people: Client, ann: int) -> None:
    people.call("drop", count=1)
    people.say(ann, "lost")
    people.say(ann, "a")
    people.say(ann, "b")
    people.call("reverse", count=1)
    updates = bot.updates()
    assert [u["message"]["text"] for u in updates] == ["b", "a"]
    newest, oldest = _ids(updates)
    assert bot.good("getUpdates", offset=newest + 1, timeout=0) == []
    people.call("repeat", update_id=oldest)
    assert _ids(bot.good("getUpdates", offset=newest + 1)) == [oldest]
    made_up = {"update_id": 5, "poll": {"id": "1"}}
    people.call("update", body=made_up)
    assert bot.good("getUpdates", offset=newest + 1) == [made_up]


def test_messages_can_be_old(bot: Caller, people: Client, ann: int) -> None:
    people.call("say", chat_id=ann, text="yesterday", age=86_000)
    assert time.time() - bot.updates()[0]["message"]["date"] > 85_000


def test_privacy_mode_in_groups(bot: Caller, people: Client, ann: int) -> None:
    ben = people.person("Ben")
    group = people.group("Family", [ann, ben])
    bot.good("getUpdates", offset=-1)
    last = bot.good("getUpdates", timeout=0)[-1]["update_id"]
    said = bot.good("sendMessage", chat_id=group, text="hello")["message_id"]
    people.say(group, "just us", user_id=ben)
    people.say(group, "/help", user_id=ben)
    people.say(group, "/help@other_bot", user_id=ben)
    people.say(group, "and you?", user_id=ann, reply_to=said)
    people.say(group, "@llm4sweat_bot hi", user_id=ann)
    texts = [u["message"]["text"] for u in bot.good("getUpdates", offset=last + 1)]
    assert texts == ["/help", "and you?", "@llm4sweat_bot hi"]
    open_group = people.group("Open", [ann, ben], admin=True)
    people.say(open_group, "just us", user_id=ben)
    assert bot.good("getUpdates", offset=-1)[0]["message"]["text"] == "just us"


def test_ten_thousand_updates_wait_in_order(bot: Caller, people: Client, ann: int) -> None:
    people.say_many([(ann, str(number)) for number in range(10_000)])
    offset, texts = 0, []
    while len(texts) < 10_000:
        updates = bot.good("getUpdates", offset=offset)
        texts += [u["message"]["text"] for u in updates]
        offset = updates[-1]["update_id"] + 1
    assert texts == [str(number) for number in range(10_000)]

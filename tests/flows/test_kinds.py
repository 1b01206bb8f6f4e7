"""Every kind of message and bad input: a kind word, no crash, nothing downloaded; groups; the webhook's door."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import pytest

from sandbox.postgres import free_port
from tests.flows.bots import Bot, Bots, until

PHOTO = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
FILE = {"file_id": "a", "file_unique_id": "b"}
KINDS: dict[str, dict[str, Any]] = {
    "photo": {"photo": PHOTO},
    "voice": {"voice": {**FILE, "duration": 3}},
    "video": {"video": {**FILE, "width": 1, "height": 1, "duration": 1}},
    "document": {"document": FILE},
    "location": {"location": {"latitude": 1.5, "longitude": 2.5}},
    "contact": {"contact": {"phone_number": "+15550100", "first_name": "Zed"}},
    "sticker": {
        "sticker": {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
    },
}


@pytest.fixture(scope="module")
def person(bot: Bot) -> int:
    return bot.patient("Kim")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_gets_a_kind_word(bot: Bot, person: int, kind: str) -> None:
    message = bot.people.send(person, KINDS[kind])
    [said] = bot.people.wait_said(person, after=message["message_id"], seconds=10)
    assert said["text"]
    assert bot.query("SELECT 1 FROM turn WHERE text LIKE '%%15550100%%'") == []


def test_a_question_as_caption_is_answered_and_a_danger_in_it_is_seen(bot: Bot) -> None:
    person = bot.patient("Cap")
    message = bot.people.send(person, {"photo": PHOTO, "caption": "how do I use aluminium chloride?"})
    assert "aluminium" in bot.people.wait_said(person, after=message["message_id"])[0]["text"].lower()
    message = bot.people.send(person, {"photo": PHOTO, "caption": "crushing chest pain and cold sweat"})
    assert "911" in bot.people.wait_said(person, after=message["message_id"])[0]["text"]


def test_an_album_gets_one_word(bot: Bot) -> None:
    person = bot.patient("Album")
    for _ in range(5):
        last = bot.people.send(person, {"photo": PHOTO, "media_group_id": "g1"})
    bot.people.wait_said(person, after=last["message_id"] - 5, seconds=10)
    time.sleep(1)
    assert sum("pictures" in t for t in bot.texts(person)) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "x " * 5_000,
        "a" * 10_000,
        " ",
        "\u200b\u200b",
        "\u0000\u0001",
        "\u202eabc\u202c",
        "((((((((((" * 50,
        "🙂",
        "𝓱𝓮𝓵𝓵𝓸",
        "\ud83d",
    ],
    ids=[
        "long words",
        "long",
        "space",
        "zero width",
        "control",
        "right to left",
        "brackets",
        "emoji",
        "styled",
        "half a pair",
    ],
)
def test_bad_text_gets_an_answer_and_harms_nothing(bot: Bot, person: int, text: str) -> None:
    message = bot.people.say(person, text, raw=True)
    assert bot.people.wait_said(person, after=message["message_id"], seconds=10)
    assert bot.process is not None
    assert bot.process.poll() is None


def test_unknown_updates_and_commands(bot: Bot) -> None:
    person = bot.patient("Una")
    for body in (
        {"update_id": 990_001, "poll": {}},
        {"update_id": 990_002, "message": {"message_id": 1}},
        {"update_id": 990_003},
    ):
        bot.people.call("update", body=body)
    until(
        lambda: len(bot.query("SELECT 1 FROM intake WHERE update_id BETWEEN 990001 AND 990003 AND state = 'done'")) == 3
    )
    assert "/help" in bot.ask(person, "/nonsense")[0]
    assert bot.ask(person, "/privacy")
    assert bot.ask(person, "/human")


def test_in_a_group_only_a_link_when_addressed_and_one_line_in_an_emergency(bot: Bot) -> None:
    ann, ben = bot.people.person("Ann"), bot.people.person("Ben")
    group = bot.people.group("Support", [ann, ben], sees_all=True)
    bot.people.say(group, "my hands sweat so much", user_id=ann)
    message = bot.people.say(group, "/help", user_id=ann)
    [said] = bot.people.wait_said(group, after=message["message_id"], seconds=10)
    assert "t.me/" in said["text"]
    message = bot.people.say(group, "my chest hurts so badly, cold sweat, I cannot breathe", user_id=ben)
    [said] = bot.people.wait_said(group, after=message["message_id"], seconds=10)
    assert "112" in said["text"]
    assert "chest" not in said["text"]
    assert len(said["text"]) < 200
    assert bot.query("SELECT 1 FROM intake WHERE chat_id = %s AND body IS NOT NULL", group) == []


def test_blocked_and_unblocked(bot: Bot) -> None:
    person = bot.patient("Block")
    bot.people.call("block", chat_id=person)
    until(lambda: bot.of(person, "patient")[0]["unreachable"])
    bot.people.call("unblock", chat_id=person)
    until(lambda: not bot.of(person, "patient")[0]["unreachable"])
    assert bot.ask(person, "/help")


class Hook:
    """A webhook bot, and raw requests to its door."""

    def __init__(self, bot: Bot, port: int) -> None:
        self.bot, self.port = bot, port

    def send(
        self,
        body: bytes,
        *,
        method: str = "POST",
        secret: str | None = "s3cret",
        kind: str = "application/json",
        **more: str,
    ) -> int:
        headers = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in more.items()}}
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, "/telegram", body, headers)
        status = connection.getresponse().status
        connection.close()
        return status


def test_the_webhooks_door(bots: Bots, database: str) -> None:
    port = free_port()
    bot = bots.start(
        database, wait=False, telegram_mode="webhook", telegram_webhook_url=f"http://127.0.0.1:{port}",
        telegram_webhook_secret="s3cret", telegram_webhook_port=str(port),
    )  # fmt: skip
    until(lambda: "bot_started" in bot.log.read_text(), 60)
    hook = Hook(bot, port)
    person = bot.people.person("Web")
    assert bot.ask(person, "/help")  # delivered by the local Telegram itself
    arrived = len(bot.query("SELECT 1 FROM intake"))
    update = {
        "update_id": 5_000,
        "message": {"message_id": 7, "date": int(time.time()), "chat": {"id": person, "type": "private"}, "text": "/start",
                    "from": {"id": person, "is_bot": False, "first_name": "Web", "language_code": "en"}},
    }  # fmt: skip
    body = json.dumps(update).encode()
    assert hook.send(body, secret=None) == 401
    assert hook.send(body, secret="wrong") == 401
    assert hook.send(body, secret="s" * 300) == 401
    assert hook.send(body, method="GET") == 405
    assert hook.send(body, kind="text/plain") == 415
    assert hook.send(body, Content_Encoding="gzip") == 415
    assert hook.send(b"x" * 2_000_000) == 413
    for bad in (b"{", b"null", b"[1]", b'"a"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5_000):
        assert hook.send(bad) == 400, bad[:20]
    assert len(bot.query("SELECT 1 FROM intake")) == arrived
    said = len(bot.texts(person))
    assert hook.send(body) == 200
    assert hook.send(body) == 200
    until(lambda: len(bot.texts(person)) > said)
    assert len(bot.query("SELECT 1 FROM intake")) == arrived + 1


def test_a_wrong_token_stops_with_the_mend(bots: Bots, database: str) -> None:
    bot = bots.start(database, wait=False, telegram_token="123456:wrong-token-that-nobody-has")
    assert bot.process is not None
    assert bot.process.wait(40) == 1
    said = bot.log.read_text()
    assert "BotFather" in said
    assert "wrong-token" not in said


def test_missing_settings_are_named(bots: Bots) -> None:
    bot = bots.start("", wait=False)
    assert bot.process is not None
    assert bot.process.wait(40) == 1
    assert "DATABASE_URL" in bot.log.read_text()


def test_a_broken_pack_stops_the_process_with_file_and_line(bots: Bots, database: str, broken_pack: str) -> None:
    bot = bots.start(database, wait=False, condition_dir=broken_pack)
    assert bot.process is not None
    assert bot.process.wait(60) == 1
    assert "condition.toml:" in bot.log.read_text()

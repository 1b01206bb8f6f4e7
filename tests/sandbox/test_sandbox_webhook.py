"""Webhooks: the secret, order within a chat, parallel chats, retries, and what `setWebhook` refuses."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.telegram import Client
from tests.sandbox.calling import Caller


class Hook:
    """A bot behind a webhook: keeps what it got and answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[float, str | None, dict[str, Any]]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.busy = self.most_busy = 0
        self.pause = 0.0
        self._lock = threading.Lock()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self._lock:
            self.got.append((time.monotonic(), request.headers.get("X-Telegram-Bot-Api-Secret-Token"), body))
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            status, headers, text = self.answers.pop(0) if self.answers else (200, {}, b"")
        time.sleep(self.pause)
        with self._lock:
            self.busy -= 1
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(text)


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A listening hook."""
    made = Hook()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Polls a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)


def test_delivery_with_the_secret(bot: Caller, people: Client, ann: int, hook: Hook) -> None:
    bot.good("setWebhook", url=hook.url, secret_token="s3cret_-")
    people.say(ann, "hi")
    until(lambda: bot.good("getWebhookInfo")["pending_update_count"] == 0)
    assert [(secret, body["message"]["text"]) for _, secret, body in hook.got] == [("s3cret_-", "hi")]


def test_updates_that_waited_are_delivered(bot: Caller, people: Client, ann: int, hook: Hook) -> None:
    people.say(ann, "early")
    bot.good("setWebhook", url=hook.url)
    until(lambda: len(hook.got) == 1)
    assert hook.got[0][2]["message"]["text"] == "early"


def test_failures_come_again_later_each_time_and_hold_back_only_their_chat(
    bot: Caller, people: Client, ann: int, hook: Hook
) -> None:
    ben = people.person("Ben")
    hook.answers = [(500, {}, b""), (404, {}, b""), (302, {"Location": "/x"}, b""), (201, {}, b"")]
    bot.good("setWebhook", url=hook.url)
    people.say(ann, "one")
    until(lambda: len(hook.got) == 2)
    until(lambda: "Wrong response from the webhook: 404" in bot.good("getWebhookInfo")["last_error_message"])
    until(lambda: len(hook.got) == 4)
    assert {body["update_id"] for _, _, body in hook.got} == {hook.got[0][2]["update_id"]}
    first, second, third, fourth = [at for at, _, _ in hook.got]
    assert second - first < third - second < fourth - third
    hook.answers = [(500, {"Retry-After": "1"}, b"")]
    people.say(ann, "two")
    until(lambda: len(hook.got) == 5)
    people.say(ann, "three")
    people.say(ben, "other")
    until(lambda: len(hook.got) == 8)
    assert [body["message"]["text"] for _, _, body in hook.got[4:]] == ["two", "other", "two", "three"]


def test_chats_in_parallel_up_to_max_connections(bot: Caller, people: Client, ann: int, hook: Hook) -> None:
    hook.pause = 0.2
    bot.good("setWebhook", url=hook.url, max_connections=3)
    crowd = [people.person(f"P{number}") for number in range(9)]
    people.say_many([(person, "x") for person in crowd])
    until(lambda: bot.good("getWebhookInfo")["pending_update_count"] == 0)
    assert hook.most_busy == 3


def test_a_method_in_the_answer_is_called(bot: Caller, people: Client, ann: int, hook: Hook) -> None:
    call = {"method": "sendMessage", "chat_id": ann, "text": "from the answer"}
    hook.answers = [(200, {}, json.dumps(call).encode())]
    bot.good("setWebhook", url=hook.url)
    message = people.say(ann, "hi")
    assert people.wait_said(ann, message["message_id"])[0]["text"] == "from the answer"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://example.org/x"},
        {"url": "https://example.org:8000/x"},
        {"url": "ftp://127.0.0.1/x"},
        {"url": "http://127.0.0.1:1/x", "secret_token": "not ok"},
        {"url": "http://127.0.0.1:1/x", "max_connections": 101},
    ],
)
def test_what_set_webhook_refuses(bot: Caller, ann: int, wrong: dict[str, Any]) -> None:
    assert bot.refused("setWebhook", **wrong)[0] == 400
    assert bot.good("getWebhookInfo")["url"] == ""

"""The switches to fail, flood control, blocking, migration, and starting again."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from sandbox.telegram import Client, start
from tests.sandbox.calling import Caller


def test_error_answers_for_one_chat_and_so_many_times(bot: Caller, people: Client, ann: int) -> None:
    ben = people.person("Ben")
    people.say(ben, "hi")
    people.fail("sendMessage", code=429, retry_after=7, chat_id=ann, times=2)
    for _ in range(2):
        status, body = bot.json("sendMessage", chat_id=ann, text="x")
        assert (status, body["parameters"]) == (429, {"retry_after": 7})
        bot.good("sendMessage", chat_id=ben, text="x")
    bot.good("sendMessage", chat_id=ann, text="x")
    people.fail("*", code=502)
    assert bot.refused("getMe") == (502, "Bad Gateway")
    assert bot.good("getMe")


def test_cut_connections_and_lost_answers(bot: Caller, people: Client, ann: int) -> None:
    broken = (urllib.error.URLError, http.client.RemoteDisconnected, ConnectionResetError)
    before = len(people.said(ann))
    people.fail("sendMessage", "cut")
    with pytest.raises(broken):
        bot.json("sendMessage", chat_id=ann, text="never")
    assert len(people.said(ann)) == before
    people.fail("sendMessage", "lost")
    with pytest.raises(broken):
        bot.json("sendMessage", chat_id=ann, text="took effect")
    assert people.said(ann)[-1]["text"] == "took effect"


def test_hanging_and_slow_calls(bot: Caller, people: Client, ann: int) -> None:
    path, body = f"/bot{bot.running.token}/sendMessage", f'{{"chat_id": {ann}, "text": "x"}}'.encode()
    people.fail("sendMessage", "hang", seconds=5)
    with pytest.raises((TimeoutError, socket.timeout, urllib.error.URLError)):
        bot.raw(path, body, timeout=0.3)
    people.fail("sendMessage", "slow", seconds=0.5)
    began = time.monotonic()
    assert bot.raw(path, body)[0] == 200
    assert time.monotonic() - began > 0.45


def test_flood_control(bot: Caller, people: Client, ann: int) -> None:
    try:
        people.call("limits", chat_per_second=1.0, chat_burst=2, overall_per_second=0, group_per_minute=3)
        assert [bot.json("sendMessage", chat_id=ann, text="x")[0] for _ in range(3)] == [200, 200, 429]
        body = bot.json("sendMessage", chat_id=ann, text="x")[1]
        assert body["description"] == "Too Many Requests: retry after 1"
        group = people.group("Family", [ann])
        people.call("limits", chat_per_second=0, overall_per_second=0, group_per_minute=3)
        assert [bot.json("sendMessage", chat_id=group, text="x")[0] for _ in range(4)] == [200, 200, 200, 429]
        people.call("limits", chat_per_second=0, overall_per_second=1.0, overall_burst=1)
        assert [bot.json("sendMessage", chat_id=ann, text="x")[0] for _ in range(2)] == [200, 429]
    finally:
        people.call("limits", off=True)


def test_blocking_is_told_and_forbids(bot: Caller, people: Client, ann: int) -> None:
    people.call("block", chat_id=ann)
    assert bot.refused("sendMessage", chat_id=ann, text="x") == (403, "Forbidden: bot was blocked by the user")
    people.call("unblock", chat_id=ann)
    bot.good("sendMessage", chat_id=ann, text="x")
    changes = [u["my_chat_member"]["new_chat_member"]["status"] for u in bot.updates()]
    assert changes == ["kicked", "member"]
    group = people.group("Family", [ann])
    people.call("block", chat_id=group)
    assert bot.refused("sendMessage", chat_id=group, text="x") == (403, "Forbidden: bot was kicked from the group chat")


def test_a_group_becomes_a_supergroup(bot: Caller, people: Client, ann: int) -> None:
    old = people.group("Family", [ann])
    new = people.call("migrate", chat_id=old)["id"]
    status, body = bot.json("sendMessage", chat_id=old, text="x")
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": new})
    assert bot.good("sendMessage", chat_id=new, text="x")["message_id"] == 2
    service = [u["message"] for u in bot.updates() if "message" in u]
    assert [m.get("migrate_to_chat_id") or m.get("migrate_from_chat_id") for m in service[-2:]] == [new, old]


def _round(data_dir: Path) -> dict[str, Any]:
    """One life of a server: says something, looks, and tells what it saw."""
    running = start("--no-limits", data_dir=data_dir)
    bot, people = Caller(running), running.client
    known = [p["id"] for p in people.state()["people"]]
    ann = known[0] if known else people.person("Ann")
    before = [m["text"] for m in people.messages(ann)]
    said = people.say(ann, f"life {len(before)}")
    pending = bot.updates()
    return {"running": running, "before": before, "id": said["message_id"], "pending": pending}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_started_again_it_goes_on(tmp_path: Path, end: str) -> None:
    lives = []
    for _ in range(3):
        life = _round(tmp_path)
        time.sleep(0.5 if end == "kill" else 0)
        getattr(life["running"], end)()
        lives.append(life)
    assert [life["before"] for life in lives] == [[], ["life 0"], ["life 0", "life 1"]]
    numbers = [life["id"] for life in lives]
    updates = [life["pending"][-1]["update_id"] for life in lives]
    assert numbers == sorted(set(numbers))
    assert updates == sorted(set(updates))
    assert [u["message"]["text"] for u in lives[-1]["pending"]] == ["life 0", "life 1", "life 2"]


def test_one_data_directory_serves_one_process(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with start(data_dir=tmp_path), pytest.raises(RuntimeError, match="exit status 1"):
        start(data_dir=tmp_path)
    assert "is another local Telegram running on it?" in capfd.readouterr().err


def test_a_taken_port_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with start() as running, pytest.raises(RuntimeError, match="exit status 1"):
        start(port=int(running.url.rpartition(":")[2]))
    assert "choose another --port" in capfd.readouterr().err


def test_a_kill_right_after_an_update_never_reuses_its_number(tmp_path: Path) -> None:
    first = _round(tmp_path)
    first["running"].kill()
    second = _round(tmp_path)
    second["running"].stop()
    assert second["pending"][-1]["update_id"] > first["pending"][-1]["update_id"]
    assert second["id"] > first["id"]

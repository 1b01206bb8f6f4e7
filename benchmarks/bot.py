"""How fast the bot is: one at a time, at a rate, flat out beside a bare echo, and in an emergency with everything else broken.

Everything runs here on loopback: embedded PostgreSQL (fsync and synchronous_commit on), the local Telegram without limits, one bot process.
Latency is what the local Telegram saw: from the moment it had the patient's message to the moment `sendMessage` arrived.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.postgres import Postgres
from sandbox.telegram import start

_ASKED = Path(os.environ.get("CONDITION_DIR", "conditions/hyperhidrosis")) / "sets/tune/questions.jsonl"
QUESTIONS = tuple(row["text"] for row in map(json.loads, _ASKED.read_text().splitlines()) if row["lang"] == "en")
"""Different ones, so that nothing is quick only because it was read a moment ago."""
EMERGENCY = "crushing chest pain and cold sweat, my left arm hurts"
Row = dict[str, Any]


def _question(number: int) -> str:
    return QUESTIONS[number % len(QUESTIONS)]


def percentiles(values: list[float]) -> Row:
    """p50 and p99 in milliseconds, of seconds."""
    ordered = sorted(values)
    if not ordered:
        return {"n": 0}
    return {
        "n": len(ordered),
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2),
    }


class Bench:
    """A bot with its servers."""

    def __init__(self, folder: Path, telegram: Any, postgres: Postgres, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.telegram, self.postgres, self.process = folder, telegram, postgres, process
        self.people = telegram.client

    def patients(self, count: int) -> list[int]:
        """People who went through the first conversation: quickly, past Telegram."""
        import psycopg

        from core.store.patients import patient_key

        people = [
            int(p["id"])
            for p in (self.people.call("person", first_name=f"P{n}", language_code="en") for n in range(count))
        ]
        with psycopg.connect(self.postgres.url) as db:
            db.cursor().executemany(
                """INSERT INTO patient (key, chat_id, language, country, consent_chat, consent_review, consent_training, adult, step)
                   VALUES (%s, %s, 'en', 'US', 1, 1, 1, true, 'done') ON CONFLICT DO NOTHING""",
                [(patient_key(person, "bench"), person) for person in people],
            )
        return people

    def last(self) -> int:
        """The number of the newest event."""
        return int(self.people.state()["last_event"])

    def latencies(self, after: int) -> list[float]:
        """Seconds from each patient's message to the next text of the bot in that chat."""
        asked: dict[int, float] = {}
        found = []
        for event in self.events(after):
            if event["kind"] != "message":
                continue
            if event.get("update_id"):
                asked.setdefault(event["chat_id"], event["at"])
            elif event["chat_id"] in asked:
                found.append(event["at"] - asked.pop(event["chat_id"]))
        return found

    def events(self, after: int) -> list[Row]:
        """All events after a number."""
        found: list[Row] = []
        while batch := self.people.events(after=after, kinds=["message"]):
            found += batch
            after = batch[-1]["seq"]
        return found

    def answered(self, after: int, count: int, seconds: float) -> int:
        """Wait until the bot has said so many texts; returns how many it said."""
        deadline, said = time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            batch = self.people.events(after=after, kinds=["message"], seconds=1)
            said += sum(not e.get("update_id") for e in batch)
            after = batch[-1]["seq"] if batch else after
            if said >= count:
                break
        return said


@contextmanager
def running(**settings: str) -> Iterator[Bench]:
    """A bot process with its servers, ended at the end."""
    folder = Path(tempfile.mkdtemp(prefix="llm4sweat-bench-"))
    postgres = Postgres(folder / "data")
    postgres.start()
    with start("--no-limits") as telegram, (folder / "bot.log").open("wb") as log:
        environment = {
            **os.environ,
            "TELEGRAM_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.api_url,
            "DATABASE_URL": postgres.url,
            "PATIENT_KEY": "bench",
            "STATE_DIR": str(folder / "state"),
            "ALLOW_UNREVIEWED": "yes",
            "JOIN_SECONDS": "0",
            "TYPING": "no",
            "SEND_PER_SECOND": "1000000",
            "SEND_PER_CHAT": "1000000",
            "PYTHONWARNINGS": "ignore",
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "llm4sweat.main", "bot"], env=environment, stdout=log, stderr=log
        )
        try:
            _ready(folder / "bot.log", process)
            yield Bench(folder, telegram, postgres, process)
        finally:
            process.terminate()
            process.wait(15)
            postgres.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _ready(log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while "bot_started" not in log.read_text() or "store_ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text()[-2000:])
        time.sleep(0.1)
    time.sleep(0.5)


def one_at_a_time(bench: Bench, count: int = 300) -> Row:
    """Overhead of a reply, one at a time."""
    people = bench.patients(40)
    for n in range(20):
        bench.people.ask(people[n % 40], _question(n))
    time.sleep(1)
    after = bench.last()
    for n in range(count):
        bench.people.ask(people[n % 40], _question(n))
        time.sleep(0.01)
    return percentiles(bench.latencies(after))


def at_rate(bench: Bench, per_second: float, seconds: float) -> Row:
    """Latency while messages come at a rate, each from another patient."""
    people = bench.patients(200)
    after, began = bench.last(), time.monotonic()
    count = int(per_second * seconds)
    for n in range(count):
        time.sleep(max(0.0, began + n / per_second - time.monotonic()))
        bench.people.say(people[n % 200], _question(n))
    bench.answered(after, count, 15)
    return percentiles(bench.latencies(after))


def flat_out(bench: Bench, count: int = 1500) -> Row:
    """Answered messages a second when so many are there at once."""
    people = bench.patients(count)
    after, began = bench.last(), time.monotonic()
    bench.people.say_many([(person, _question(n)) for n, person in enumerate(people)])
    said = bench.answered(after, count, 120)
    return {"answered": said, "per_second": round(said / (time.monotonic() - began), 1)}


def emergencies(bench: Bench, seconds: float = 20.0) -> Row:
    """One in ten of 50 updates a second is an emergency; PostgreSQL is stopped; 10,000 updates wait before the first."""
    people = bench.patients(500)
    time.sleep(1)
    bench.postgres.kill()
    after, began = bench.last(), time.monotonic()
    count = int(50 * seconds)
    urgent = [people[n] for n in range(0, 500, 10)]
    said = 0
    for n in range(count):
        time.sleep(max(0.0, began + n / 50 - time.monotonic()))
        if n % 10 == 0 and said < len(urgent):
            bench.people.say(urgent[said], EMERGENCY)
            said += 1
        else:
            bench.people.say(people[n % 500] if n % 10 else people[(n + 1) % 500], _question(n))
    time.sleep(3)
    found, texts = [], 0
    asked: dict[int, float] = {}
    for event in bench.events(after):
        if event.get("update_id") and event["chat_id"] in urgent and event["chat_id"] not in asked:
            asked[event["chat_id"]] = event["at"]
        elif not event.get("update_id") and event["chat_id"] in asked and "911" in str(event):
            found.append(event["at"] - asked[event["chat_id"]])
    for person in urgent:
        texts += sum("911" in m["text"] and "heart" in m["text"] for m in bench.people.said(person))
    return {**percentiles(found), "emergencies": said, "texts": texts}


def behind_many(bench: Bench, queued: int = 10_000) -> Row:
    """An emergency behind so many waiting updates: is it answered, and after how long."""
    people = bench.patients(1000)
    rows = [(people[n % 999], _question(n)) for n in range(queued)]
    done = threading.Event()

    def load() -> None:
        for n in range(0, queued, 1000):
            bench.people.say_many(rows[n : n + 1000])
        done.set()

    bench.process.send_signal(19)  # SIGSTOP: let them pile up
    load()
    began = time.monotonic()
    message = bench.people.say(people[999], EMERGENCY)
    bench.process.send_signal(18)  # SIGCONT
    said = bench.people.wait_said(people[999], after=message["message_id"], seconds=60)
    return {"queued": queued, "seconds": round(time.monotonic() - began, 2), "answered": "heart" in said[0]["text"]}

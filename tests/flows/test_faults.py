"""What is done to processes and sockets: servers stopped, wires cut, processes killed. Nothing is lost, nothing is sent twice."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from sandbox.postgres import Postgres
from tests.flows.bots import Bot, Bots, until
from tests.flows.relay import Relay

QUESTION = "how do I use aluminium chloride?"


def answers(bot: Bot, person: int) -> list[str]:
    """The answers from the pack that reached a person."""
    return [text for text in bot.texts(person) if "Not yet checked" in text]


def test_postgres_stopped_and_started_under_load(bots: Bots, own_postgres: Postgres) -> None:
    bot = bots.start(own_postgres.url)
    people = [bot.patient(f"P{n}") for n in range(4)]
    own_postgres.kill()
    for person in people:
        bot.people.say(person, QUESTION)
    emergency = people[0]
    for person in people:
        assert (
            "will answer when it works"
            in bot.people.wait_said(person, after=_last(bot, person), seconds=10)[-1]["text"]
        )
    assert "911" in bot.ask(emergency, "my chest hurts and I cannot breathe", seconds=5)[0]
    bot.people.say(people[1], "and my feet?")
    time.sleep(0.5)
    assert sum("will answer when it works" in t for t in bot.texts(people[1])) == 1
    spool = bot.folder / "state" / "spool.jsonl"
    assert spool.stat().st_mode & 0o077 == 0
    own_postgres.start()
    for person in people[1:]:
        until(lambda p=person: answers(bot, p), 40, "spooled questions are answered")
    until(lambda: not spool.exists(), 20)
    assert Counter(answers(bot, people[2])).most_common(1)[0][1] == 1


def _last(bot: Bot, person: int) -> int:
    return max(m["message_id"] for m in bot.people.messages(person) if not m["from"]["is_bot"])


def test_wire_to_postgres_cut_while_a_message_is_on_its_way(bots: Bots, database: str, relay: Relay) -> None:
    address = database.replace(f":{database.rsplit(':', 1)[1].split('/')[0]}/", f":{relay.port}/")
    bot = bots.start(database, database_url=address)
    person = bot.patient()
    for n in range(6):
        bot.people.say(person, f"{QUESTION} ({n})")
        relay.cut() if n % 2 else relay.mend()
        time.sleep(0.25)
    relay.mend()

    def kept() -> bool:
        said = "\n".join(row["text"] for row in bot.query("SELECT text FROM turn"))
        return all(f"({n})" in said for n in range(6))

    until(kept, 90, "every message became part of a turn")
    until(lambda: not bot.query("SELECT 1 FROM intake WHERE state = 'new'"), 90, "all is worked through")
    until(lambda: not bot.query("SELECT 1 FROM delivery WHERE state IN ('due', 'sending')"), 90)


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.12, 0.18, 0.25, 0.4])
def test_killed_at_any_step_it_goes_on_and_repeats_nothing(bots: Bots, database: str, pause: float) -> None:
    bot = bots.start(database)
    people = [bot.patient(f"P{n}") for n in range(2)]
    for person in people:
        bot.people.say(person, QUESTION)
    time.sleep(pause)
    bot.kill()
    bot.start()
    for person in people:
        until(lambda p=person: answers(bot, p) or _uncertain(bot, p), 80, "answered, or a person sees it")
    time.sleep(1.0)
    assert all(len(answers(bot, person)) <= 1 for person in people)
    assert bot.stop() == 0


def _uncertain(bot: Bot, person: int) -> bool:
    return bool(bot.of(person, "delivery", "AND state = 'uncertain'")) and bool(bot.of(person, "review_case"))


def test_killed_in_an_emergency_it_is_answered(bots: Bots, database: str) -> None:
    bot = bots.start(database)
    person = bot.patient()
    bot.people.fail("sendMessage", "error", code=500, times=-1)
    bot.people.say(person, "crushing chest pain, cold sweat, my left arm hurts")
    time.sleep(0.4)
    bot.kill()
    bot.people.call("heal")
    bot.start()
    until(lambda: any("911" in t and "Call" in t for t in bot.texts(person)), 30)
    until(lambda: bot.of(person, "reply", "AND disposition = 'EMERGENCY'"), 30)


def test_the_same_update_twice_out_of_order_and_a_day_old(bot: Bot) -> None:
    person = bot.patient()
    bot.people.say(person, QUESTION)
    until(lambda: answers(bot, person))
    update = bot.of(person, "turn")[0]["update_ids"][0]
    bot.people.call("repeat", update_id=update)
    bot.people.call("repeat", update_id=update)
    old = bot.people.say(person, "crushing chest pain and cold sweat", age=86_000)
    later = bot.people.wait_said(person, after=old["message_id"], seconds=10)[0]["text"]
    assert "How are you now" in later
    assert len(answers(bot, person)) == 1
    until(lambda: len(bot.of(person, "turn")) == 2)


def test_a_refused_chat_waits_and_another_does_not(bots: Bots, database: str) -> None:
    bot = bots.start(database)
    slow, quick = bot.patient("Slow"), bot.patient("Quick")
    bot.people.fail("sendMessage", "error", code=429, retry_after=3, times=1, chat_id=slow)
    bot.people.say(slow, QUESTION)
    time.sleep(0.6)
    before = time.monotonic()
    bot.ask(quick, QUESTION)
    assert not answers(bot, slow) or time.monotonic() - before > 2
    until(lambda: len(answers(bot, slow)) == 1, 20)


def test_forbidden_ends_all_sends_to_that_patient(bots: Bots, database: str) -> None:
    bot = bots.start(database)
    person = bot.patient()
    bot.people.fail("sendMessage", "error", code=403, times=1, chat_id=person)
    bot.people.say(person, QUESTION)
    until(lambda: bot.of(person, "patient")[0]["unreachable"])
    until(lambda: bot.of(person, "delivery", "AND state = 'refused'"))
    assert answers(bot, person) == []


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_a_send_whose_answer_is_lost_is_not_repeated_and_a_person_sees_it(bots: Bots, database: str, kind: str) -> None:
    bot = bots.start(database)
    person = bot.patient()
    bot.people.fail("sendMessage", kind, times=1, chat_id=person)
    bot.people.say(person, QUESTION)
    until(lambda: bot.of(person, "delivery", "AND state = 'uncertain'"), 40)
    until(lambda: bot.of(person, "review_case"))
    time.sleep(1.5)
    assert len(answers(bot, person)) == (1 if kind == "lost" else 0)


def test_an_emergency_whose_answer_is_lost_is_sent_again(bot: Bot) -> None:
    person = bot.patient()
    bot.people.fail("sendMessage", "lost", times=1, chat_id=person)
    bot.people.say(person, "crushing chest pain, cold sweat, my left arm hurts")
    until(lambda: sum("911" in t and "heart" in t for t in bot.texts(person)) == 2, 40)


def test_server_errors_of_telegram_lose_nothing(bots: Bots, database: str) -> None:
    bot = bots.start(database)
    person = bot.patient()
    bot.people.fail("getUpdates", "error", code=502, times=2)
    bot.people.fail("getUpdates", "cut", times=1)
    bot.people.say(person, QUESTION)
    until(lambda: answers(bot, person), 40)


def test_stopped_cleanly_and_started_again(bots: Bots, database: str) -> None:
    bot = bots.start(database)
    person = bot.patient()
    assert bot.stop() == 0
    bot.people.say(person, QUESTION)
    bot.start()
    until(lambda: answers(bot, person), 30)

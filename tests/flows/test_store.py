"""Promises that the database itself keeps, beside those shown in the conversation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from core.store import Store, StoreError, deliveries, intake, patients
from core.store.intake import Arrived
from core.store.migrate import migrate


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store(database)
    made.open()
    migrate(made)
    yield made
    made.close()


def someone(store: Store, chat_id: int = 7) -> patients.PatientRow:
    with store.transaction() as db:
        patients.ensure(db, chat_id, patients.patient_key(chat_id, "k"), "en")
        row = patients.by_chat(db, chat_id)
    assert row is not None
    return row


def test_migrations_run_once(store: Store) -> None:
    assert migrate(store) == []


def test_one_process_holds_a_patient_and_a_late_one_writes_nothing(store: Store) -> None:
    row = someone(store)
    with store.transaction() as db:
        first = patients.claim(db, row.chat_id)
        assert first is not None
    with store.transaction() as db:
        assert patients.claim(db, row.chat_id) is None
        db.execute("UPDATE patient SET lease_until = clock_timestamp() - interval '1 second'")
    with store.transaction() as db:
        second = patients.claim(db, row.chat_id)
        assert second is not None
        assert patients.held(db, row.patient.id, first.fence) is None
        assert patients.held(db, row.patient.id, second.fence) is not None


def test_the_same_update_from_many_sides_is_kept_once(store: Store) -> None:
    fresh: list[set[int]] = []

    def arrive() -> None:
        with store.transaction() as db:
            fresh.append(intake.arrive(db, [Arrived(1, 7, "message", "{}", key="k7")]))

    threads = [threading.Thread(target=arrive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(one) for one in fresh) == [0] * 7 + [1]


def test_attempts_are_counted_before_the_work(store: Store) -> None:
    with store.transaction() as db:
        intake.arrive(db, [Arrived(1, 7, "message", "{}", key="k7")])
    for attempt in (1, 2, 3):
        with store.transaction() as db:
            assert intake.waiting(db, 7)[0].attempts == attempt


def test_a_reply_only_becomes_stricter(store: Store) -> None:
    row = someone(store)
    with store.transaction() as db:
        turn = uuid4()
        db.execute(
            "INSERT INTO turn (id, patient_id, update_ids, message_ids, text, redacted) VALUES (%s, %s, '{1}', '{1}', '', '')",
            (turn, row.patient.id),
        )
        db.execute(
            """INSERT INTO reply (patient_id, turn_id, category, disposition, language, pack)
               VALUES (%s, %s, 'routine', 'HOLD', 'en', 'x')""",
            (row.patient.id, turn),
        )
    with pytest.raises(StoreError), store.transaction() as db:
        db.execute("UPDATE reply SET disposition = 'SEND'")
    with store.transaction() as db:
        db.execute("UPDATE reply SET disposition = 'EMERGENCY'")


def test_a_promised_text_keeps_its_words_and_due_rows_are_claimed_once(store: Store) -> None:
    row = someone(store)
    with store.transaction() as db:
        db.execute("INSERT INTO origin VALUES ('menu.help', 'fixed', '1')")
        for n in range(6):
            db.execute(
                """INSERT INTO delivery (patient_id, kind, body, body_hash, language, origin_id, origin_kind)
                   VALUES (%s, 'fixed', %s, encode(sha256(%s::bytea), 'hex'), 'en', 'menu.help', 'fixed')""",
                (row.patient.id, f"text {n}", f"text {n}"),
            )
    with pytest.raises(StoreError), store.transaction() as db:
        db.execute("UPDATE delivery SET body = 'other'")
    claimed: list[str] = []

    def claim() -> None:
        with store.transaction() as db:
            claimed.extend(d.body for d in deliveries.claim_due(db, limit=3))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(set(claimed))
    with store.transaction() as db:
        db.execute("UPDATE patient SET emergency_at = clock_timestamp()")
        db.execute("UPDATE delivery SET lease_until = NULL")
        assert len(deliveries.claim_due(db)) == 6  # fixed texts still go out


def test_errors_name_no_words(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.transaction() as db:
        db.execute("INSERT INTO patient (key, chat_id, language, hdss) VALUES ('wombat', 1, 'en', 9)")
    assert "wombat" not in str(caught.value)


def test_a_process_takes_its_own_lease_again_after_a_cut_and_no_other_does(store: Store) -> None:
    row = someone(store)
    mine, other = uuid4(), uuid4()
    with store.transaction() as db:
        first = patients.claim(db, row.chat_id, mine)
        assert patients.claim(db, row.chat_id, other) is None
        assert patients.claim(db, row.chat_id) is None
        again = patients.claim(db, row.chat_id, mine)
        assert first is not None
        assert again is not None
        assert patients.held(db, row.patient.id, first.fence) is None, (
            "what the cut visit still wants to write is refused"
        )

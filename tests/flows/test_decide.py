"""A decision is taken once, on what the expert saw, and lets go the very words; held against a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from core.cases import Action, Filled, Rating, ReviewCase
from core.domain import CaseCause, Consent, Context, Disposition, Lens, Turn
from core.store import Store, StoreError, cases, deliveries, origins, patients, reviewers, turns
from core.store.migrate import migrate
from core.store.turns import CaseWanted
from llm4sweat_model.condition import Condition, load
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.privacy import redact
from llm4sweat_model.respond import respond
from review.decide import Refused, decide, tidy

TODAY = date(2026, 11, 23)
ASKED = "how many oxybutynin tablets may I take a day for my sweating?"


@pytest.fixture(scope="module")
def condition() -> Condition:
    return load(Path("conditions/hyperhidrosis"))


@pytest.fixture
def store(database: str, condition: Condition) -> Iterator[Store]:
    made = Store(database, max_size=20)
    made.open()
    migrate(made)
    with made.transaction() as db:
        origins.register(db, condition.origins, condition.version)
        reviewers.put(db, "U1", "Dr One", [Lens.CLINICAL], ["en"])
        reviewers.put(db, "U2", "Dr Two", [Lens.CLINICAL], ["*"])
        reviewers.put(db, "U3", "Psy", [Lens.PSYCHOLOGICAL], ["en"])
        reviewers.put(db, "U4", "Dr German", [Lens.CLINICAL], ["de"])
    yield made
    made.close()


def held_case(store: Store, condition: Condition, asked: str = ASKED, chat_id: int = 7) -> ReviewCase:
    """A question that is held, from the product's own `respond`."""
    with store.transaction() as db:
        patients.ensure(db, chat_id, patients.patient_key(chat_id, "k"), "en")
        db.execute(
            "UPDATE patient SET consent_chat = 1, consent_review = 1, consent_training = 1, adult = true, country = 'US'"
        )
        row = patients.by_chat(db, chat_id)
        assert row is not None
        turn = Turn(uuid4(), asked, redact(asked), "en")
        turns.put_turn(db, row.patient.id, turn, [chat_id], [1])
        context = Context(replace(row.patient, consent=Consent(1, 1, 1)), facts_known=True, allow_unreviewed=True)
        made = respond(turn, context, condition, Grounded.of(condition))
        reply_id = turns.put_reply(db, row.patient.id, turn.id, made, condition.version, {})
        lenses = tuple(lens.value for lens in made.lenses) or ("clinical",)
        wanted = CaseWanted(uuid4().hex[:8], CaseCause.FLAGGED.value, made.category.value, lenses, 60)
        case_id = turns.open_case(db, row.patient.id, reply_id, wanted)
        assert case_id is not None
        if made.disposition is not Disposition.HOLD:
            said = deliveries.owe(
                db, row.patient.id, chat_id, made.now[0], "en", reply=(reply_id, made.disposition.name)
            )
            deliveries.sent(db, said.id, said.fence, 41)
        found = cases.read(db, case_id)
    assert found is not None
    return found


def form(case: ReviewCase, action: Action, **more: object) -> Filled:
    made = Filled(uuid4().hex, case.id, case.version, case.patient_version, action, Lens.CLINICAL)
    return replace(made, **more)  # type: ignore[arg-type]


def owed(store: Store, kind: str = "held") -> list[dict[str, object]]:
    with store.transaction() as db:
        return db.execute("SELECT * FROM delivery WHERE kind = %s AND state = 'due' ORDER BY seq", (kind,)).fetchall()


def refused(store: Store, condition: Condition, filled: Filled, user: str) -> str:
    with pytest.raises(Refused) as caught:
        decide(store, condition, filled, user, TODAY)
    return caught.value.reason


def test_fifty_experts_at_once_make_one_decision(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    results: list[str] = []

    def click(number: int) -> None:
        filled = form(case, Action.EDIT, text=f"Please ask your doctor first. ({number})")
        try:
            decide(store, condition, filled, "U1", TODAY)
            results.append("taken")
        except Refused as error:
            results.append(f"{error.reason}: {error.detail}")

    threads = [threading.Thread(target=click, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("taken") == 1
    assert results.count("closed: edit by Dr One") == 49, set(results)
    assert len(owed(store)) == 1


def test_the_words_of_the_form_are_the_words_that_are_owed(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    typed = "  Cafe\u0301 or not:\r\nplease ask your doctor first.  \n"
    decide(store, condition, form(case, Action.EDIT, text=typed, rating=Rating(4, 5, 3, ("cold tone",))), "U1", TODAY)
    (row,) = owed(store)
    assert row["body"] == "Café or not:\nplease ask your doctor first."
    assert (row["mark"], row["urgent"]) == ("checked", True)


def test_a_form_sent_twice_is_one_decision(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    filled = form(case, Action.EDIT, text="Please ask your doctor first.")
    assert not decide(store, condition, filled, "U1", TODAY).again
    assert decide(store, condition, filled, "U1", TODAY).again
    assert len(owed(store)) == 1


def test_what_the_patient_wrote_since_makes_a_form_out_of_date(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    with store.transaction() as db:
        db.execute("UPDATE patient SET version = version + 1")
    assert refused(store, condition, form(case, Action.EDIT, text="Yes."), "U1") == "changed"
    assert owed(store) == []


@pytest.mark.parametrize(
    ("user", "more", "reason"),
    [
        ("U9", {}, "not_a_reviewer"),
        ("U3", {"lens": Lens.PSYCHOLOGICAL}, "lens"),
        ("U3", {}, "lens"),
        ("U4", {}, "language"),
        ("U1", {"text": " \n "}, "empty"),
        ("U1", {"text": "a" * 3001}, "too_long"),
        ("U1", {"case_id": UUID(int=0)}, "gone"),
    ],
)
def test_who_may_not_and_what_may_not(
    store: Store, condition: Condition, user: str, more: dict[str, object], reason: str
) -> None:
    case = held_case(store, condition)
    filled = replace(form(case, Action.EDIT, text="Please ask your doctor."), **more)  # type: ignore[arg-type]
    assert refused(store, condition, filled, user) == reason
    assert owed(store) == []


def test_over_a_hard_boundary_a_second_expert_must_send_the_same(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    text = "Stop taking your medicine today."
    filled = form(case, Action.EDIT, text=text)
    assert refused(store, condition, filled, "U1") == "boundary"
    assert refused(store, condition, replace(filled, key="b"), "U1") == "boundary"
    assert refused(store, condition, replace(filled, key="c", text=text + " Now."), "U2") == "boundary"
    decide(store, condition, replace(filled, key="d"), "U2", TODAY)
    assert [row["body"] for row in owed(store)] == [text]


def test_a_rejection_releases_nothing_and_says_so_kindly(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    decide(store, condition, form(case, Action.REJECT), "U1", TODAY)
    assert owed(store) == []
    assert [row["origin_id"] for row in owed(store, "fixed")] == ["review.rejected"]


def test_what_was_sent_is_corrected_in_its_place_and_announced(store: Store, condition: Condition) -> None:
    case = held_case(store, condition, "what can I try first against sweaty hands?")
    assert case.sent
    decide(
        store,
        condition,
        form(case, Action.EDIT, text="Begin with an antiperspirant at night.", fits_anyone=True),
        "U1",
        TODAY,
    )
    (row,) = owed(store)
    assert row["extras"] == {"edits": 41}
    (notice,) = owed(store, "fixed")
    assert notice["origin_id"] == "correction.notice"
    assert notice["extras"]["reply_to"] == 41  # type: ignore[index]
    with store.transaction() as db:
        kept = db.execute("SELECT answer, fits_anyone, lenses FROM approved_answer").fetchall()
        pairs = db.execute("SELECT distance FROM preference").fetchall()
    assert [(k["answer"], k["fits_anyone"], k["lenses"]) for k in kept] == [
        ("Begin with an antiperspirant at night.", True, ["clinical"])
    ]
    assert pairs[0]["distance"] > 0


def test_approved_as_it_was_sent_only_the_mark_changes(store: Store, condition: Condition) -> None:
    case = held_case(store, condition, "what can I try first against sweaty hands?")
    decide(store, condition, form(case, Action.APPROVE), "U1", TODAY)
    (row,) = owed(store)
    assert (row["body"], row["extras"]) == (case.draft, {"edits": 41})
    assert owed(store, "fixed") == []


def test_the_other_lens_rates_without_sending(store: Store, condition: Condition) -> None:
    case = held_case(store, condition, "what can I try first against sweaty hands?")
    decide(store, condition, form(case, Action.APPROVE), "U1", TODAY)
    rated = form(case, Action.RATE, lens=Lens.PSYCHOLOGICAL, rating=Rating(5, 4, 5))
    decide(store, condition, rated, "U3", TODAY)
    with store.transaction() as db:
        (row,) = db.execute("SELECT lenses FROM approved_answer").fetchall()
    assert row["lenses"] == ["clinical", "psychological"]
    assert len(owed(store)) == 1


def test_a_contraindication_learned_before_it_is_sent_stops_it(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    decide(
        store,
        condition,
        form(case, Action.EDIT, text="Oxybutynin can help; ask your doctor for the dose."),
        "U1",
        TODAY,
    )
    (row,) = owed(store)
    with store.transaction() as db:
        db.execute("UPDATE patient SET facts = '{fact_glaucoma}'")
        assert not deliveries.begin(db, row["id"], row["fence"])  # type: ignore[arg-type]
        assert deliveries.claim_due(db) == []
        assert deliveries.refuse_forbidden(db) == [case.reply_id]


def test_the_database_refuses_other_words_than_the_released(store: Store, condition: Condition) -> None:
    case = held_case(store, condition)
    decide(store, condition, form(case, Action.EDIT, text="Please ask your doctor."), "U1", TODAY)
    (row,) = owed(store)
    with pytest.raises(StoreError), store.transaction() as db:
        db.execute("UPDATE delivery SET body = 'Take ten.' WHERE id = %s", (row["id"],))
    with pytest.raises(StoreError), store.transaction() as db:
        deliveries.owe_released(
            db,
            case.patient_id,
            (case.reply_id, "HOLD"),
            row["release_id"],
            "Take ten.",
            "en",
            {},  # type: ignore[arg-type]
        )


def test_a_decision_is_never_changed(store: Store, condition: Condition, database: str) -> None:
    case = held_case(store, condition)
    decide(store, condition, form(case, Action.REJECT), "U1", TODAY)
    with psycopg.connect(database) as db, pytest.raises(psycopg.errors.RaiseException):
        db.execute("UPDATE decision SET note = 'other'")


def test_tidy_keeps_what_is_meant() -> None:
    assert tidy("a \r\n\r\nb\t\n") == "a\n\nb"

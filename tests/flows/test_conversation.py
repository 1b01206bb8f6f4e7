"""A patient's way through the bot, from the first word to being forgotten."""

from __future__ import annotations

from tests.flows.bots import Bot, until


def test_first_conversation_asks_for_each_consent_and_then_answers(bot: Bot) -> None:
    person = bot.patient()
    [answer] = bot.ask(person, "what can I try against sweaty hands?")
    assert "checked by a specialist" in answer
    row = bot.of(person, "patient")[0]
    assert (row["consent_chat"], row["consent_review"], row["consent_training"]) == (1, 1, 1)
    assert (row["country"], row["step"]) == ("US", "done")
    assert [r["part"] for r in bot.of(person, "consent_log", "ORDER BY at")] == ["chat", "review", "training"]


def test_before_consent_nothing_is_kept(bot: Bot) -> None:
    person = bot.people.person("Nina", "en")
    bot.ask(person, "my hands sweat, what can I do zebrafish", count=2)
    [said] = bot.ask(person, "please answer me zebrafish")
    assert "kept nothing" in said
    assert bot.of(person, "turn") == []
    until(lambda: not bot.query("SELECT 1 FROM intake WHERE state = 'new' AND chat_id = %s", person))
    assert bot.query("SELECT 1 FROM intake WHERE body LIKE '%%zebrafish%%'") == []


def test_emergency_is_answered_before_consent_and_keeps_no_words(bot: Bot) -> None:
    person = bot.people.person("Eva", "en")
    [said] = bot.ask(person, "crushing chest pain and cold sweat, my left arm hurts")
    assert "Call 112" in said
    case = until(lambda: bot.of(person, "review_case"))[0]
    assert case["wordless"]
    assert [t["text"] for t in bot.of(person, "turn")] == [""]


def test_emergency_stops_all_but_fixed_texts_until_let_go(bot: Bot) -> None:
    person = bot.patient()
    [first] = bot.ask(person, "my chest hurts, I am sweating and cannot breathe")
    assert "911" in first
    [second] = bot.ask(person, "what about iontophoresis for my hands?")
    assert "911" in second
    assert "iontophoresis" not in second.lower()
    [short] = bot.ask(person, "my chest still hurts so badly and I cannot breathe")
    assert len(short) < len(first)
    [safe] = bot.press(person, "safe")
    assert "safe" in safe["text"].lower()
    [answer] = bot.ask(person, "how does iontophoresis work for hands?")
    assert "current" in answer


def test_quick_messages_are_joined_into_one_turn(bot: Bot) -> None:
    person = bot.patient()
    bot.people.say_many([(person, text) for text in ("hi", "my feet sweat", "what shoes should I wear?")])
    until(lambda: bot.of(person, "reply"))
    turns = bot.of(person, "turn")
    assert len(turns) == 1
    assert turns[0]["text"].count("\n") == 2


def test_edit_before_the_answer_replaces_and_after_it_is_a_new_turn(bot: Bot) -> None:
    person = bot.patient()
    message = bot.people.say(person, "what helps against sweaty feet")
    bot.people.edit(person, message["message_id"], "what helps against sweaty hands")
    until(lambda: bot.of(person, "reply"))
    assert [t["text"] for t in bot.of(person, "turn")] == ["what helps against sweaty hands"]
    until(lambda: bot.of(person, "delivery", "AND state = 'sent' AND reply_id IS NOT NULL"))
    bot.people.edit(person, message["message_id"], "what helps against a sweaty face")
    until(lambda: len(bot.of(person, "reply")) == 2)


def test_without_consent_to_review_what_would_be_held_gets_the_safe_text(bot: Bot) -> None:
    person = bot.patient(review=0)
    said = "\n".join(bot.ask(person, "how many oxybutynin tablets may I take a day?"))
    assert "did not agree" in said
    assert bot.of(person, "review_case") == []


def test_held_draft_is_not_sent_and_opens_a_case(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how many mg of oxybutynin should I take?")
    case = until(lambda: bot.of(person, "review_case"))[0]
    assert case["category"] == "medication_dosing"
    assert bot.of(person, "reply")[0]["disposition"] == "HOLD"
    assert bot.of(person, "delivery", "AND kind IN ('draft', 'held')") == []


def test_language_and_country_can_be_changed(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "/language")
    bot.press(person, "l:es")
    [said] = bot.ask(person, "/help")
    assert "sudor" in said.lower()
    bot.ask(person, "/country")
    bot.press(person, "k:ES")
    assert bot.of(person, "patient")[0]["country"] == "ES"


def test_forget_removes_every_row_of_the_patient(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "my armpits sweat quokka, what can I do?")
    patient = bot.of(person, "patient")[0]["id"]
    bot.ask(person, "/forget")
    [gone] = bot.press(person, "x:1")
    assert "deleted" in gone["text"]
    assert bot.of(person, "patient") == []
    for table in ("turn", "reply", "delivery", "review_case", "consent_log"):
        assert bot.query(f"SELECT 1 FROM {table} WHERE patient_id = %s", patient) == [], table
    until(lambda: not bot.query("SELECT 1 FROM intake WHERE chat_id = %s AND body IS NOT NULL", person))
    assert "quokka" not in bot.log.read_text()


def test_sources_stand_behind_a_button(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how do I use aluminium chloride?")
    delivery = until(lambda: bot.of(person, "delivery", "AND kind = 'cited' AND state = 'sent'"))[0]["id"]
    [sources] = bot.press(person, f"s:{delivery.hex}")
    assert sources["text"].startswith("Sources")
    assert "http" in sources["text"]


def test_not_helpful_opens_a_case(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how do I use aluminium chloride?")
    reply = until(lambda: bot.of(person, "reply"))[0]["id"]
    bot.press(person, f"f:not_helpful:{reply.hex}")
    assert until(lambda: bot.of(person, "review_case"))[0]["cause"] == "reported"


def test_an_old_or_forged_button_changes_nothing(bot: Bot) -> None:
    person = bot.patient()
    bot.people.call("update", body={
        "update_id": 900_001,
        "callback_query": {"id": "77", "from": {"id": person, "is_bot": False, "first_name": "Ann"}, "chat_instance": "1",
                           "message": {"message_id": 1, "date": 1, "chat": {"id": person, "type": "private"}}, "data": "c:chat:0"},
    })  # fmt: skip
    until(lambda: bot.query("SELECT 1 FROM intake WHERE update_id = 900001 AND state = 'done'"))
    assert bot.of(person, "patient")[0]["consent_chat"] == 1


def test_the_database_refuses_an_unapproved_draft(bot: Bot) -> None:
    """What carries the promise is the database: a held draft's delivery, a wrong hash, a stamp without a release."""
    person = bot.patient()
    bot.ask(person, "how many mg of oxybutynin should I take?")
    reply = until(lambda: bot.of(person, "reply"))[0]
    insert = """INSERT INTO delivery (patient_id, reply_id, disposition, kind, body, body_hash, mark, language, origin_id, origin_kind, release_id)
                VALUES (%s, %s, %s, %s, %s, {hash}, %s, 'en', %s, %s, %s)"""
    good, wrong = "encode(sha256(convert_to(%s, 'UTF8')), 'hex')", "repeat('0', length(%s) * 0 + 64)"
    attempts = [
        (good, "SEND", "draft", "none", None, None, None),  # relabelled: the reply is HOLD
        (good, "HOLD", "draft", "none", None, None, None),  # a held draft as a draft
        (good, "HOLD", "held", "none", None, None, None),  # held without a release
        (good, "HOLD", "held", "checked", None, None, "00000000-0000-0000-0000-000000000001"),  # a release that is none
        (good, "HOLD", "fixed", "none", "no.such.key", "fixed", None),  # a fixed text without its source row
        (good, "HOLD", "fixed", "checked", "hold.general", "fixed", None),  # a stamp on what nobody approved
        (wrong, "HOLD", "fixed", "none", "hold.general", "fixed", None),  # another text than its hash
    ]
    for hashed, disposition, kind, mark, origin, origin_kind, release in attempts:
        values = (
            reply["patient_id"],
            reply["id"],
            disposition,
            kind,
            "take 50 mg",
            "take 50 mg",
            mark,
            origin,
            origin_kind,
            release,
        )
        assert bot.refuses(insert.format(hash=hashed), *values), (disposition, kind, mark)
    assert not bot.refuses(insert.format(hash=good), reply["patient_id"], reply["id"], "HOLD", "fixed", "x", "x", "none",
                           "hold.general", "fixed", None)  # fmt: skip


def test_logs_hold_no_words_of_patients(bot: Bot) -> None:
    person = bot.patient("Xylophonia")
    bot.ask(person, "my hands sweat wombatish, mail me at wombat@example.org")
    bot.ask(person, "chest pain and I cannot breathe wombatish")
    log = bot.log.read_text()
    assert "wombat" not in log
    assert "Xylophonia" not in log
    assert bot.telegram.token not in log

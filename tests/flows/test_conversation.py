"""A patient's way through the bot, from the first word to being forgotten."""

from __future__ import annotations

from tests.flows.bots import Bot, until


def test_first_conversation_asks_for_each_consent_and_then_answers(bot: Bot) -> None:
    person = bot.patient()
    [answer] = bot.ask(person, "what can I try against sweaty hands?")
    assert "checked by a specialist" in answer
    row = bot.query("SELECT * FROM patient")[0]
    assert (row["consent_chat"], row["consent_review"], row["consent_training"]) == (1, 1, 1)
    assert row["country"] == "US"
    assert row["step"] == "done"
    assert [r["part"] for r in bot.query("SELECT part FROM consent_log ORDER BY at")] == ["chat", "review", "training"]


def test_before_consent_nothing_is_kept(bot: Bot) -> None:
    person = bot.people.person("Nina", "en")
    bot.ask(person, "my hands sweat, what can I do zebrafish", count=2)
    [said] = bot.ask(person, "please answer me zebrafish")
    assert "kept nothing" in said
    assert bot.query("SELECT * FROM turn") == []
    until(lambda: not bot.query("SELECT * FROM intake WHERE state = 'new'"))
    assert bot.query("SELECT * FROM intake WHERE body IS NOT NULL") == []


def test_emergency_is_answered_before_consent_and_keeps_no_words(bot: Bot) -> None:
    person = bot.people.person("Eva", "en")
    [said] = bot.ask(person, "crushing chest pain and cold sweat, my left arm hurts")
    assert "Call 112" in said
    case = until(lambda: bot.query("SELECT c.*, t.text FROM review_case c JOIN reply r ON r.id = c.reply_id JOIN turn t ON t.id = r.turn_id"))[0]
    assert case["wordless"]
    assert case["text"] == ""


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
    for text in ("hi", "my feet sweat", "what shoes should I wear?"):
        bot.people.say(person, text)
    until(lambda: bot.query("SELECT 1 FROM reply"))
    turns = bot.query("SELECT * FROM turn")
    assert len(turns) == 1
    assert turns[0]["text"].count("\n") == 2


def test_edit_before_the_answer_replaces_and_after_it_is_a_new_turn(bot: Bot) -> None:
    person = bot.patient()
    message = bot.people.say(person, "what helps against sweaty feet")
    bot.people.edit(person, message["message_id"], "what helps against sweaty hands")
    until(lambda: bot.query("SELECT 1 FROM reply"))
    assert [t["text"] for t in bot.query("SELECT text FROM turn")] == ["what helps against sweaty hands"]
    until(lambda: bot.query("SELECT 1 FROM delivery WHERE state = 'sent' AND reply_id IS NOT NULL"))
    bot.people.edit(person, message["message_id"], "what helps against a sweaty face")
    until(lambda: len(bot.query("SELECT 1 FROM reply")) == 2)


def test_without_consent_to_review_what_would_be_held_gets_the_safe_text(bot: Bot) -> None:
    person = bot.patient(review=0)
    said = "\n".join(bot.ask(person, "how many oxybutynin tablets may I take a day?"))
    assert "did not agree" in said
    assert bot.query("SELECT * FROM review_case") == []


def test_held_draft_is_not_sent_and_opens_a_case(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how many mg of oxybutynin should I take?")
    case = until(lambda: bot.query("SELECT * FROM review_case"))[0]
    assert case["category"] == "medication_dosing"
    assert bot.query("SELECT disposition FROM reply")[0]["disposition"] == "HOLD"
    assert bot.query("SELECT * FROM delivery WHERE kind IN ('draft', 'held')") == []


def test_language_and_country_can_be_changed(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "/language")
    bot.press(person, "l:es")
    [help_text] = bot.ask(person, "/help")
    assert "/idioma" in help_text or "sudor" in help_text.lower()
    bot.ask(person, "/country")
    bot.press(person, "k:ES")
    assert bot.query("SELECT country FROM patient")[0]["country"] == "ES"


def test_forget_removes_every_row_of_the_patient(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "my armpits sweat quokka, what can I do?")
    bot.ask(person, "/forget")
    [gone] = bot.press(person, "x:1")
    assert "deleted" in gone["text"]
    for table in ("patient", "turn", "reply", "delivery", "review_case", "consent_log"):
        assert bot.query(f"SELECT * FROM {table}") == [], table
    until(lambda: not bot.query("SELECT 1 FROM intake WHERE body IS NOT NULL"))
    assert "quokka" not in bot.log.read_text()


def test_sources_stand_behind_a_button(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how do I use aluminium chloride?")
    delivery = until(lambda: bot.query("SELECT id FROM delivery WHERE kind = 'cited' AND state = 'sent'"))[0]["id"]
    [sources] = bot.press(person, f"s:{delivery.hex}")
    assert sources["text"].startswith("Sources")
    assert "http" in sources["text"]


def test_not_helpful_opens_a_case(bot: Bot) -> None:
    person = bot.patient()
    bot.ask(person, "how do I use aluminium chloride?")
    reply = until(lambda: bot.query("SELECT id FROM reply"))[0]["id"]
    bot.press(person, f"f:not_helpful:{reply.hex}")
    assert until(lambda: bot.query("SELECT cause FROM review_case"))[0]["cause"] == "reported"


def test_an_old_or_forged_button_is_told_it_is_over(bot: Bot) -> None:
    person = bot.patient()
    bot.people.call("update", body={
        "update_id": 900_001,
        "callback_query": {"id": "77", "from": {"id": person, "is_bot": False, "first_name": "Ann"}, "chat_instance": "1",
                           "message": {"message_id": 1, "date": 1, "chat": {"id": person, "type": "private"}}, "data": "c:chat:0"},
    })  # fmt: skip
    until(lambda: bot.query("SELECT 1 FROM intake WHERE update_id = 900001 AND state = 'done'"))
    assert bot.query("SELECT consent_chat FROM patient")[0]["consent_chat"] == 1

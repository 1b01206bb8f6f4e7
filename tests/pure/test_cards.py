"""Cards and forms: within Slack's limits, a patient's characters literal, and read back as what was ticked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View

from core.cases import Action, Flag, ReviewCase
from core.domain import Category, Disposition, Lens
from review.cards import card, escaped, summary
from review.forms import Unreadable, form, read

CASE = ReviewCase(
    UUID(int=5), 3, "3fa2b1c9", "flagged", Category.MEDICATION_DOSING, Disposition.HOLD, (Lens.CLINICAL,), True, "en", "US",
    True, ("fact_over_65",), "how many may I take?", ("hello",), "Ask your doctor first.", "cited",
    ({"id": "a.b", "title": "Tablets & you"},), (Flag("en.dosing", Disposition.HOLD, "asks for a dose"),), "",
    datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 11, tzinfo=UTC), UUID(int=6), 9, UUID(int=7), False, True,
)  # fmt: skip
FORGED = "<!channel> <https://evil.example|click> *bold* <@U1> & `code` " + "‮" + "x" * 5000


def _marked_up(node: Any) -> list[str]:
    """All texts in which Slack looks for markup."""
    if isinstance(node, dict):
        own = [node["text"]] if node.get("type") == "mrkdwn" else []
        return own + [text for value in node.values() for text in _marked_up(value)]
    return [text for value in node for text in _marked_up(value)] if isinstance(node, list) else []


def _valid(blocks: list[dict[str, Any]]) -> None:
    assert 0 < len(blocks) <= 50
    for block in SlackBlock.parse_all(blocks):
        block.validate_json()
    assert len(json.dumps(blocks)) < 13_000


@pytest.mark.parametrize(
    "case",
    [
        CASE,
        replace(CASE, question=FORGED, draft=FORGED, note=FORGED, facts=("fact_<!here>",)),
        replace(CASE, question="", draft="", flags=(), passages=()),
        replace(CASE, open=False, decided="edit by Dr <One>"),
        replace(CASE, blanked=True, open=False),
        replace(CASE, category=Category.SELF_HARM, disposition=Disposition.EMERGENCY, adult=None, country=None),
        replace(CASE, flags=(Flag("x" * 300, Disposition.HOLD, "y" * 3000),) * 30),
    ],
    ids=["plain", "forged", "wordless", "closed", "blanked", "grave", "many flags"],
)
def test_a_card_is_what_slack_takes_and_twelve_lines_long(case: ReviewCase) -> None:
    blocks = card(case, "A condition")
    _valid(blocks)
    assert len(blocks) <= 12
    for text in _marked_up(blocks):
        assert "<!channel>" not in text
        assert "<!here>" not in text
        assert "<https" not in text
        assert "<One>" not in text


def test_what_a_patient_wrote_stands_in_its_very_characters() -> None:
    words = "<!channel> *now* & <@U1>"
    blocks = card(replace(CASE, question=words), "A condition")
    assert any(block["type"] == "rich_text" and words in json.dumps(block) for block in blocks)
    assert words not in summary(replace(CASE, question=words))


def test_a_blanked_card_has_no_words() -> None:
    shown = json.dumps(card(replace(CASE, blanked=True, open=False), "A condition"))
    assert CASE.question not in shown
    assert CASE.draft not in shown


def test_a_card_says_what_happens_if_nobody_acts() -> None:
    assert "nobody could answer in time; nothing is released" in json.dumps(card(CASE, "A condition"))
    assert "not yet checked" in json.dumps(
        card(replace(CASE, sent=True, disposition=Disposition.REVIEW), "c"), ensure_ascii=False
    )


def _view(case: ReviewCase, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = form(case, Lens.CLINICAL, **more)
    named = {
        block["block_id"]: {block["block_id"]: values.get(block["block_id"])}
        for block in made["blocks"]
        if "block_id" in block
    }
    return {"id": "V1", "hash": "h", "private_metadata": made["private_metadata"], "state": {"values": named}}


def _pick(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


@pytest.mark.parametrize(
    "case",
    [CASE, replace(CASE, question=FORGED, draft=FORGED, earlier=(FORGED,) * 3), replace(CASE, draft="", question="")],
)
def test_a_form_is_what_slack_takes(case: ReviewCase) -> None:
    for view in (form(case, Lens.CLINICAL), form(case, Lens.PSYCHOLOGICAL, rating=True)):
        View(**view).validate_json()
        assert len(view["blocks"]) <= 100
        assert len(view["private_metadata"]) <= 3000
        assert case.question == "" or case.question not in view["private_metadata"]
        assert len({b["block_id"] for b in view["blocks"] if "block_id" in b}) == sum(
            "block_id" in b for b in view["blocks"]
        )


def test_without_a_draft_nothing_can_be_approved() -> None:
    blocks = form(replace(CASE, draft=""), Lens.CLINICAL)["blocks"]
    (choice,) = [b for b in blocks if b.get("block_id") == "action"]
    assert "approve" not in [o["value"] for o in choice["element"]["options"]]


def test_training_is_offered_only_where_it_was_agreed_to() -> None:
    def offered(case: ReviewCase) -> bool:
        return '"training"' in json.dumps(form(case, Lens.CLINICAL)["blocks"])

    assert offered(CASE)
    assert not offered(replace(CASE, training=False))
    assert not offered(replace(CASE, adult=None))


def test_a_form_is_read_back() -> None:
    values = {
        "action": _pick("edit"), "text": {"value": "My words."}, "accuracy": _pick("4"), "appropriateness": _pick("5"),
        "empathy": _pick("3"), "note": {"value": "n"}, "uses": {"selected_options": [{"value": "fits"}]},
        "tags": {"selected_options": [{"value": "cold tone"}]},
    }  # fmt: skip
    filled = read(_view(CASE, values))
    assert (filled.action, filled.text, filled.version, filled.patient_version) == (Action.EDIT, "My words.", 3, 9)
    assert filled.rating is not None
    assert (filled.rating.accuracy, filled.rating.empathy, filled.rating.tags) == (4, 3, ("cold tone",))
    assert (filled.fits_anyone, filled.for_training, filled.key) == (True, False, "V1:h")


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"action": _pick("edit"), "text": {"value": None}}, {"text"}),
        ({"action": _pick("edit"), "text": {"value": "a" * 50_000}}, {"text"}),
        ({"action": _pick("reject"), "accuracy": _pick("1")}, {"appropriateness", "empathy"}),
    ],
)
def test_what_is_wrong_is_said_where_it_is(values: dict[str, Any], where: set[str]) -> None:
    with pytest.raises(Unreadable) as caught:
        read(_view(CASE, values))
    assert set(caught.value.errors) == where


def test_nothing_chosen_is_no_approval() -> None:
    assert read(_view(CASE, {})).action is Action.ESCALATE


def test_only_three_signs_are_escaped() -> None:
    assert escaped("a<b>&*c*") == "a&lt;b&gt;&amp;*c*"

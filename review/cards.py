"""A case as a card in Slack: readable in ten seconds, at most twelve lines before "more". Pure.

What a patient wrote and what a model drafted stand in rich text, where Slack takes every character literally: nobody can
forge a mention or a link there. Words of our own are in English, the language that reviewers share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from core.cases import ReviewCase
from core.domain import Category, Disposition

Block = dict[str, Any]
SHORT, LONG = 280, 900
"""Characters of a question and of a draft on a card; the form shows them whole."""
_GRAVE = (Category.EMERGENCY, Category.SELF_HARM)
_ROOM = 140
_FLAGS = 4


def card(case: ReviewCase, condition: str, *, proposal: bool = False) -> list[Block]:
    """The blocks of a card. `condition`: the pack's title; `proposal`: a text over a boundary waits for a second expert."""
    if case.blanked:
        return [
            _context(
                f"Case {case.pseudonym} · {_words(case.category)} · {case.decided or 'closed'} · its words are gone"
            )
        ]
    blocks = [_header(case), _context(_who(case, condition))]
    blocks += _quoted(case.question or "(no words: the patient did not agree to review)", SHORT)
    if case.flags:
        blocks.append(_context("Flags: " + "; ".join(_flags(case))))
    if case.draft:
        sent = "Sent, not yet checked" if case.sent else "Draft, not sent"
        blocks.append(_context(sent + _sources(case)))
        blocks += _quoted(case.draft, LONG)
    if proposal:
        blocks.append(_context("A text over a hard boundary waits: a second expert must send the very same."))
    blocks.append(_context(_otherwise(case)))
    blocks.append(_buttons(case))
    return blocks


def summary(case: ReviewCase) -> str:
    """The line that a notification and a screen reader give; holds no patient's words."""
    state = "open" if case.open else case.decided or "closed"
    return f"Case {case.pseudonym}: {_words(case.category)}, {state}"


def escaped(text: str) -> str:
    """A text of ours with a part that is not, for Slack's own markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clock(at: datetime) -> str:
    """A moment as Slack shows it to each reader in their own time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def _header(case: ReviewCase) -> Block:
    sign = ":rotating_light: " if case.category in _GRAVE else ""
    text = f"{sign}{_words(case.category).capitalize()} · {case.pseudonym}"
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150], "emoji": True}}


def _who(case: ReviewCase, condition: str) -> str:
    age = {True: "adult", False: "UNDER 18", None: "age unknown"}[case.adult]
    parts = [condition, age, case.country or "country unknown", case.language, case.cause]
    parts += [fact.removeprefix("fact_").replace("_", " ") for fact in case.facts]
    return " · ".join(escaped(part) for part in parts)


def _flags(case: ReviewCase) -> Iterable[str]:
    shown = sorted(case.flags, key=lambda flag: -flag.asks)[:_FLAGS]
    for flag in shown:
        yield f"*{escaped(flag.check)}* {escaped(flag.reason)[:_ROOM]}"
    if len(case.flags) > _FLAGS:
        yield f"and {len(case.flags) - _FLAGS} more"


def _sources(case: ReviewCase) -> str:
    titles = [escaped(str(p.get("title", "")))[:60] for p in case.passages[:3] if p.get("title")]
    return f" · rests on: {', '.join(titles)}" if titles else ""


def _otherwise(case: ReviewCase) -> str:
    """What happens if nobody acts, and when."""
    if not case.open:
        return f"{escaped(case.decided) or 'Closed'}."
    note = f"{escaped(case.note)} · " if case.note else ""
    claimed = f"With {escaped(case.claimed_by)} · " if case.claimed_by else ""
    if case.disposition is Disposition.HOLD and not case.sent:
        after = "the patient is told that nobody could answer in time; nothing is released"
    elif case.disposition is Disposition.EMERGENCY:
        after = "the next expert on call is paged; the fixed emergency text has been sent"
    else:
        after = "the case stays open; what was sent keeps its mark “not yet checked”"
    return f"{note}{claimed}If nobody acts until {clock(case.due_at)}: {after}."


def _buttons(case: ReviewCase) -> Block:
    value = str(case.id)
    if not case.open:
        named = [("rate", "Rate", ""), ("revise", "Revise", "")]
    else:
        named = [("open", "Decide", "primary"), ("claim", "Take it", "")]
    elements = [
        {"type": "button", "action_id": f"case_{name}", "text": {"type": "plain_text", "text": label}, "value": value}
        | ({"style": style} if style else {})
        for name, label, style in named
    ]
    return {"type": "actions", "block_id": f"case:{case.id}:{case.version}", "elements": elements}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:2000]}]}


def _quoted(text: str, longest: int) -> list[Block]:
    """A text in its very characters, cut at a word; Slack refuses an empty one."""
    return [
        {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": literal(shortened(text, longest))}]}
    ]


def literal(text: str) -> Sequence[Block]:
    """Rich text elements that are taken literally."""
    return [{"type": "text", "text": text or " "}]


def shortened(text: str, longest: int) -> str:
    """The beginning of a text, cut between words and marked."""
    if len(text) <= longest:
        return text
    cut = text[:longest].rsplit(" ", 1)[0] if " " in text[:longest] else text[:longest]
    return f"{cut} …"


def _words(category: Category) -> str:
    return category.value.replace("_", " ")

"""Greetings, thanks and questions about the bot itself get a fixed sentence; everything else is no small talk. Pure."""

from __future__ import annotations

from llm4sweat_model.condition import Reading

_SHORT = 8  # words: a longer message says more than hello


def answer(reading: Reading) -> str | None:
    """The message key that answers, or None when the question is about something."""
    asks = any(c.startswith(("treatment_", "site_", "fact_", "feeling_")) for c in reading.concepts)
    if reading.has("about_bot") and not reading.has("in_scope"):
        return "reply.privacy" if reading.has("about_privacy") else "reply.about_bot"
    if reading.has("smalltalk") and not asks and not reading.has("in_scope") and reading.words <= _SHORT:
        return "reply.thanks" if reading.has("smalltalk_thanks") else "reply.greeting"
    return None

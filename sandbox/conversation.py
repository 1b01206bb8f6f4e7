"""A short conversation in the terminal, for those without a browser: a new patient, a question, a held one, an emergency."""

from __future__ import annotations

import textwrap
import time
from typing import Any

from sandbox.telegram.client import Client

_WIDTH = 92
_LINES = (
    "My hands drip so much that I avoid shaking hands. What can I try first?",
    "How many oxybutynin tablets can I take a day?",
    "I'm sweating and my chest feels tight and my left arm hurts",
)
_CHOICES = (":1", ":1", ":0", ":1", ":US")  # consent to chat and review, not to training; adult; country


def converse(people: Client) -> None:
    """Play the conversation and print it."""
    print("\nA short conversation (you can have it yourself on the page):", flush=True)
    person = people.person(f"Terminal {time.time_ns() % 100_000}", "en")
    _show("patient", "/start")
    for message in people.ask(person, "/start", count=2, seconds=20):
        _show("bot", message["text"])
    for choice in _CHOICES:
        _press(people, person, choice)
    for line in _LINES:
        _show("patient", line)
        for message in people.ask(person, line, seconds=20):
            _show("bot", message["text"])
        time.sleep(0.5)


def _press(people: Client, person: int, ending: str) -> None:
    """Press the button whose data ends so, on the newest message that has one."""
    for message in reversed(people.said(person)):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if str(button.get("callback_data", "")).endswith(ending):
                    _show("patient", f"[{button['text']}]")
                    people.press(person, message["message_id"], data=button["callback_data"])
                    for said in people.wait_said(person, after=message["message_id"], seconds=15):
                        _show("bot", said["text"])
                    return
    raise RuntimeError(f"no button ends with {ending}")


def _show(who: str, text: Any) -> None:
    mark = "  you ▸ " if who == "patient" else "  bot ◂ "
    body = "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent="        ", subsequent_indent="        ")
        for line in str(text).splitlines()
    )
    print(f"\n{mark}{body.strip()}", flush=True)

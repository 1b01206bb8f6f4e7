"""JSON Lines in and out: one answer a line, in order, flushed; a malformed line is answered with its error.

Reads strictly: an unknown key is refused by name, a missing one is named. Nothing is written about a line's words.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TextIO

from core.domain import Profile, Said, Who
from llm4sweat_model.condition import Condition

Row = dict[str, Any]
_LONGEST = 200_000
_PEOPLE = {"patient": Who.PATIENT, "user": Who.PATIENT, "bot": Who.BOT, "assistant": Who.BOT, "expert": Who.EXPERT}
_FREE = ("pregnancy", "devices", "conditions", "medicines", "medications", "allergies", "notes")
_YES = {"pregnant": "fact_pregnant", "breastfeeding": "fact_breastfeeding", "trying": "fact_trying"}
PROFILE_KEYS = ("adult", "age", "sites", "hdss", "sex", *_YES, *_FREE, "facts", "denied")


class BadLine(Exception):
    """A line cannot be used; the message says which key is wrong and what it should be."""


def serve(handle: Callable[[Row], Row], source: TextIO, sink: TextIO) -> int:
    """Answer every line of `source`; returns the exit status: 1 when a line was malformed."""
    status = 0
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        row: Row = {}
        try:
            row = _object(line)
            answer = handle(row)
        except BadLine as error:
            answer, status = {"id": row.get("id"), "error": f"line {number}: {error}"}, 1
        sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sink.flush()
    return status


def stdin() -> TextIO:
    """Standard input as UTF-8; broken bytes are replaced, not fatal."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return sys.stdin


def _object(line: str) -> Row:
    if len(line) > _LONGEST:
        raise BadLine(f"longer than {_LONGEST} characters")
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise BadLine("not JSON: write one object a line") from None
    if not isinstance(row, dict):
        raise BadLine("not an object: write {…}")
    return row


def strict(row: Row, needed: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Refuse missing and unknown keys, by name."""
    missing = [name for name in needed if name not in row]
    if missing:
        raise BadLine(f"missing: {', '.join(missing)}")
    unknown = sorted(row.keys() - set(needed) - set(allowed))
    if unknown:
        raise BadLine(f"unknown: {', '.join(unknown)}; known are {', '.join((*needed, *allowed))}")


def text(row: Row, name: str) -> str:
    """A string of a row."""
    if not isinstance(row.get(name), str):
        raise BadLine(f"{name} must be a text")
    return str(row[name]).encode("utf-8", "replace").decode("utf-8")


def optional(row: Row, name: str) -> str | None:
    """A string of a row, or None when it is absent or null."""
    return text(row, name) if row.get(name) is not None else None


def language(row: Row, condition: Condition) -> str | None:
    """The language of a row, without its region; None for one that the pack does not cover."""
    code = optional(row, "lang")
    short = code.replace("_", "-").split("-")[0].lower() if code else None
    return short if short in condition.languages else None


def country(row: Row) -> str | None:
    """The country code of a row, in capitals."""
    code = optional(row, "country")
    return code.upper() if code else None


def history(row: Row) -> tuple[Said, ...]:
    """The conversation before, oldest first: `[{who, text}]`."""
    lines = row.get("history") or []
    if not isinstance(lines, list):
        raise BadLine("history must be a list of {who, text}")
    return tuple(_line(one) for one in lines)


def _line(one: Any) -> Said:
    if not isinstance(one, dict) or not isinstance(one.get("text"), str):
        raise BadLine("history must be a list of {who, text}")
    who = _PEOPLE.get(str(one.get("who", "")).lower())
    if who is None:
        raise BadLine(f"history: who must be one of {', '.join(_PEOPLE)}")
    return Said(who, one["text"])


def profile(row: Row, condition: Condition) -> Profile:
    """What is known of the person. Words such as "pacemaker" are read by the pack's own rules."""
    data = row.get("profile") or {}
    if not isinstance(data, dict):
        raise BadLine("profile must be an object")
    strict(data, (), PROFILE_KEYS)
    adult, facts = data.get("adult"), set(_names(data.get("facts"), "facts"))
    age = data.get("age")
    if age is not None:
        if not isinstance(age, (int, float)) or isinstance(age, bool):
            raise BadLine("profile.age must be a number of years")
        adult = age >= 18 if adult is None else adult
        facts |= {"fact_over_65"} if age >= 65 else set()
    if adult is not None and not isinstance(adult, bool):
        raise BadLine("profile.adult must be true or false")
    facts |= {fact for name, fact in _YES.items() if data.get(name) is True}
    for name in _FREE:
        for words in _names(data.get(name), name):
            facts |= _facts(words, condition)
    denied = frozenset(_names(data.get("denied"), "denied"))
    return Profile(adult, tuple(_names(data.get("sites"), "sites")), _hdss(data), frozenset(facts), denied)


def _hdss(data: Row) -> int | None:
    value = data.get("hdss")
    if value is None:
        return None
    if value not in (1, 2, 3, 4) or isinstance(value, bool):
        raise BadLine("profile.hdss must be 1, 2, 3 or 4")
    return int(value)


def _names(value: Any, name: str) -> list[str]:
    """A word, a list of words, or nothing."""
    if value is None or isinstance(value, bool):
        return [name] if value else []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise BadLine(f"profile.{name} must be a text or a list of texts")


def _facts(words: str, condition: Condition) -> set[str]:
    """The facts that some words name; a bare word is also read as a statement ("I have …", "I take …")."""
    found: set[str] = set()
    for said in (words, f"I have {words}", f"I take {words}", f"I am {words}"):
        reading = condition.rules.read(said.replace("_", " "), "en")
        found |= {c for c in reading.concepts if c.startswith("fact_")}
    return found

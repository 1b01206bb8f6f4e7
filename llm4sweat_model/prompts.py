"""Fills the pack's prompts. What people wrote is data: it cannot end its frame, and names of braces in it mean nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain import Passage, Precedent, Profile, Request, Said
from llm4sweat_model.condition import Condition
from llm4sweat_model.privacy import redact

_FRAME = re.compile(r"<\s*/?\s*data\s*>", re.IGNORECASE)


def messages(request: Request, condition: Condition) -> list[tuple[str, str]]:
    """The messages for a request, as (role, text). KeyError when the pack has no prompt for its purpose."""
    prompt = condition.prompts[request.purpose]
    values = {
        "title": condition.title,
        "question": _data(request.question),
        "language": request.language,
        "country": request.country or "unknown",
        "profile": _profile(request.profile),
        "history": _history(request.history),
        "passages": _passages(request.passages),
        "precedents": _precedents(request.precedents),
        "draft": _data(request.draft),
        **{name: _data(value) for name, value in request.extra.items()},
    }
    return [("system", prompt.system.format_map(values)), ("human", prompt.user.format_map(values))]


def _data(text: str) -> str:
    """Text that cannot end the frame it stands in."""
    return _FRAME.sub("[data]", text)


def _profile(profile: Profile) -> str:
    known = sorted(name.removeprefix("fact_").replace("_", " ") for name in profile.facts)
    adult = {True: "adult", False: "under 18", None: "age unknown"}[profile.adult]
    return "; ".join([adult, *known]) or "nothing"


def _history(history: Iterable[Said]) -> str:
    return "\n".join(f"{line.who.value}: {_data(redact(line.text))}" for line in history) or "(none)"


def _passages(passages: Iterable[Passage]) -> str:
    blocks = [f"[{p.id}] {p.title}\n" + "\n".join(p.sentences) for p in passages]
    return "\n\n".join(_data(block) for block in blocks) or "(none)"


def _precedents(precedents: Iterable[Precedent]) -> str:
    return "\n\n".join(f"Q: {_data(p.question)}\nA: {_data(p.answer)}" for p in precedents) or "(none)"

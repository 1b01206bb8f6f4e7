"""`llm4sweat screen | check | answer`: the product's decisions on JSON Lines, without database or network.

`answer` asks the model at VLLM_URL when it is set. All report the disposition before the pack's floor is applied.
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

import typer

from core.domain import Consent, Context, Disposition, Draft, Patient, Reply, Turn, Verdict
from llm4sweat import lines
from llm4sweat.lines import Row
from llm4sweat_model import condition as packs
from llm4sweat_model import policy
from llm4sweat_model.condition import Condition, PackError

_OPTIONS = ("lang", "country", "profile", "history")
PACK = typer.Option(Path("conditions/hyperhidrosis"), envvar="CONDITION_DIR", help="Folder of the condition pack.")


def load(pack: Path) -> Condition:
    """The pack, or exit status 1 with everything that is wrong with it."""
    try:
        return packs.load(pack)
    except PackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def screen(pack: Path = PACK) -> None:
    """{id, text, lang?, country?, profile?, history?} -> {id, category, disposition, verdicts}"""
    from llm4sweat_model.guardrails import question

    condition = load(pack)

    def handle(row: Row) -> Row:
        lines.strict(row, ("id", "text"), _OPTIONS)
        turn, context = _turn(row, "text", condition)
        verdicts = question.screen(turn, context, condition).verdicts
        category = policy.category(verdicts)
        return _head(row) | {
            "category": category.value,
            "disposition": policy.disposition(verdicts).name,
            "verdicts": _verdicts(verdicts),
        }

    raise typer.Exit(lines.serve(handle, lines.stdin(), sys.stdout))


def check(pack: Path = PACK) -> None:
    """{id, question, reply, …} -> {id, disposition, verdicts}: the reply judged as a draft on the question's passages."""
    from llm4sweat_model.grounded import Grounded
    from llm4sweat_model.guardrails import draft, question

    condition = load(pack)
    knowledge = Grounded.of(condition).knowledge

    def handle(row: Row) -> Row:
        lines.strict(row, ("id", "question", "reply"), _OPTIONS)
        turn, context = _turn(row, "question", condition)
        asked = question.screen(turn, context, condition)
        passages = knowledge.find(asked, int(condition.threshold("passages_in_draft")))
        proposed = Draft(lines.text(row, "reply"), passages, "given")
        verdicts = draft.check(asked, proposed, condition, country=context.patient.country)
        return _head(row) | {"disposition": policy.disposition(verdicts).name, "verdicts": _verdicts(verdicts)}

    raise typer.Exit(lines.serve(handle, lines.stdin(), sys.stdout))


def answer(pack: Path = PACK) -> None:
    """{id, text, …} -> {id, category, disposition, text, held, sources, backend}"""
    from core import settings
    from llm4sweat_model.backends import backend
    from llm4sweat_model.respond import respond

    condition = load(pack)
    try:
        complete = backend(settings.load(), condition)
    except settings.SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None

    def handle(row: Row) -> Row:
        lines.strict(row, ("id", "text"), _OPTIONS)
        turn, context = _turn(row, "text", condition)
        return _head(row) | _answer(respond(turn, context, condition, complete))

    raise typer.Exit(lines.serve(handle, lines.stdin(), sys.stdout))


def _answer(reply: Reply) -> Row:
    sources = {s.url: {"title": s.title, "url": s.url, "grade": s.grade} for text in reply.now for s in text.sources}
    return {
        "category": reply.category.value,
        "disposition": reply.disposition.name,
        "text": "\n\n".join(text.body for text in reply.now),
        "held": reply.held.text if reply.held else None,
        "sources": list(sources.values()),
        "backend": reply.draft.backend if reply.draft else None,
    }


def _turn(row: Row, name: str, condition: Condition) -> tuple[Turn, Context]:
    from llm4sweat_model.privacy import redact

    if not isinstance(row["id"], (str, int)):
        raise lines.BadLine("id must be a text or a number")
    said, spoken = lines.text(row, name), lines.language(row, condition)
    patient = Patient(uuid4(), "", spoken or "", lines.country(row), Consent(1, 1, 1), lines.profile(row, condition))
    turn = Turn(uuid4(), said, redact(said), spoken)
    return turn, Context(patient, lines.history(row), floor=Disposition.SEND, allow_unreviewed=True)


def _head(row: Row) -> Row:
    return {"id": row["id"]}


def _verdicts(verdicts: tuple[Verdict, ...]) -> list[Row]:
    return [
        {
            "check": v.check,
            "version": v.version,
            "category": v.category.value if v.category else None,
            "asks": v.asks.name,
            "reason": v.reason,
        }
        for v in verdicts
    ]

"""`llm4sweat pack`: whether a condition pack can be used, and what no clinician has signed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at a condition pack.", no_args_is_help=True)


@app.callback()
def pack() -> None:
    """Look at a condition pack."""


def _only_pack() -> Path:
    """The one folder in conditions/, for those who give none."""
    folders = sorted(path for path in Path("conditions").glob("*") if (path / "condition.toml").exists())
    if len(folders) != 1:
        raise typer.BadParameter(
            "name the pack's folder, or set CONDITION_DIR: conditions/ here does not hold just one"
        )
    return folders[0]


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(envvar="CONDITION_DIR", help="The pack's folder")] = None,
) -> None:
    """Read the pack as the bot does at start, run its golden cases, list what is unsigned or overdue."""
    from llm4sweat_model.pack_check import check as find_problems
    from llm4sweat_model.pack_check import overdue, summary, unsigned

    condition, problems = find_problems(folder or _only_pack())
    for problem in problems:
        typer.echo(problem)
    if condition:
        typer.echo(summary(condition))
        for what in unsigned(condition):
            typer.echo(f"signed by no clinician: {what}")
        for name in overdue(condition, date.today()):
            typer.echo(f"its review date has passed: {name}")
    typer.echo(f"{len(problems)} problems" if problems else "no problems")
    raise typer.Exit(1 if problems else 0)

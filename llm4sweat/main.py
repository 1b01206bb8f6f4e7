"""`llm4sweat`: the one command. Exit status 0: done; 1: something failed, as printed; 2: it was called wrongly."""

from __future__ import annotations

import typer

from llm4sweat import answers, doctor, pack, run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers people with a chronic condition on Telegram, under the eyes of medical experts.",
)
app.command("screen")(answers.screen)
app.command("check")(answers.check)
app.command("answer")(answers.answer)
app.command("doctor")(doctor.doctor)
app.command("bot")(run.bot)
app.command("pedigree")(run.pedigree)
app.command("migrate")(run.migrate)
app.add_typer(pack.app, name="pack", help="The condition pack: check it, see what is unsigned.")


if __name__ == "__main__":
    app()

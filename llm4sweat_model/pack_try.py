"""Tries the rules of an unfinished pack: `python -m llm4sweat_model.pack_try FOLDER --lang en [--stdin]`.

For those who write a language: works with whichever files exist. What a finished pack needs is `pack_check.py`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from llm4sweat_model.condition_files import Problem
from llm4sweat_model.condition_triage import engine, read_triage
from llm4sweat_model.golden import coverage, miss, read_golden, variety
from llm4sweat_model.guardrails.family import Clause
from llm4sweat_model.guardrails.lexicon import Lexicon
from llm4sweat_model.guardrails.rules import Rules


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def _show(problems: list[Problem]) -> None:
    for problem in sorted(set(problems)):
        _say(problem)
    _say(f"{len(set(problems))} problems")


def _golden(rules: Rules, folder: Path, languages: list[str]) -> int:
    problems: list[Problem] = []
    cases = read_golden(folder, languages, problems)
    missed = 0
    for case in cases:
        if wrong := miss(rules, case):
            missed += 1
            _say(f"{case.file}:{case.line}: {wrong}\n    {case.text}")
    files = [file for file in rules.files if file.language in languages]
    problems += coverage(files, cases) + variety(files, cases)
    _show(problems)
    _say(f"{len(cases)} cases, {missed} missed")
    return missed


def _clause(lexicon: Lexicon, clause: Clause) -> str:
    stands = sorted(lexicon.names(clause.active))
    silenced = sorted(lexicon.names(clause.raw & ~clause.active))
    return f"  {clause.text!r}: {', '.join(stands) or '-'}" + (f"; silenced: {', '.join(silenced)}" if silenced else "")


def _explain(rules: Rules, text: str, language: str | None) -> None:
    reading = rules.read(text, language)
    verdicts = rules.verdicts(reading, language)
    _say(f"{verdicts[0].category if verdicts else 'routine'} | {', '.join(v.check for v in verdicts) or 'no rule'}")
    _say(f"  language: {', '.join(reading.guess.covered) or '?'}; uncovered: {reading.guess.uncovered or 'no'}")
    for number, version in enumerate(reading.versions):
        for family, clauses in version.items():
            _say(f"  {family}, {'a further reading' if number else 'as written'}:")
            for clause in clauses:
                _say(_clause(rules.lexicon, clause))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", action="append", help="language files to try; all that exist when not given")
    parser.add_argument("--alone", action="store_true", help="load only these files, not the other languages")
    parser.add_argument("--stdin", action="store_true", help="read texts line by line and explain each")
    parser.add_argument("--person", help="the person's own language with --stdin")
    options = parser.parse_args()
    there = sorted(path.stem for path in (options.folder / "triage").glob("*.toml"))
    names = options.lang or there
    problems: list[Problem] = []
    files = read_triage(options.folder, names if options.alone else sorted({*there, *names}), problems)
    rules = engine(options.folder, files, problems)
    _show([problem for problem in problems if any(f"/{name}." in problem.file for name in names)])
    if rules is None:
        return 1
    if not options.stdin:
        return 1 if _golden(rules, options.folder, names) or problems else 0
    for line in sys.stdin:
        if line.strip():
            _explain(rules, line.rstrip("\n"), options.person)
    return 0


if __name__ == "__main__":
    sys.exit(main())

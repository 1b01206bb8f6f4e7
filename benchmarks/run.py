"""`make bench`: every figure of the project in one run, kept with commit, date, machine and command, and set beside the last.

`python -m benchmarks.run NAME …` runs some of them. Nothing here asserts a time: it reports.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
RESULTS = Path("benchmarks/results")


def answers() -> Row:
    """N6: right passage, key points, handed over."""
    from benchmarks.answers import measure
    from llm4sweat_model.condition import load

    pack = Path(os.environ.get("CONDITION_DIR", "conditions/hyperhidrosis"))
    found = measure(load(pack), pack / "sets/tune")
    found.pop("failed")
    return found


def guardrails() -> Row:
    """N2, second half: `screen` and `check` in process."""
    from benchmarks.guardrails import measure

    return measure()


def bot() -> Row:
    """N2, first half: the overhead of a reply."""
    from benchmarks.bot import at_rate, behind_many, one_at_a_time, running

    with running() as bench:
        return {
            "one_at_a_time": one_at_a_time(bench),
            "at_20_a_second": at_rate(bench, 20, 20),
            "emergency_behind_10000": behind_many(bench),
        }


def throughput() -> Row:
    """N4: answered messages a second, beside a bare echo and the local Telegram's own capacity."""
    from benchmarks.bot import flat_out, running
    from benchmarks.echo import echo_rate
    from sandbox.capacity import measure as capacity

    with running() as bench:
        flat_out(bench, 300)
        ours = flat_out(bench)
    echo = echo_rate()
    return {
        "bot": ours,
        "echo": echo,
        "ratio": round(ours["per_second"] / echo["per_second"], 2),
        "sandbox": capacity(),
    }


def emergency() -> Row:
    """N5: 50 updates a second, one in ten an emergency, the model hanging and PostgreSQL stopped."""
    from benchmarks.bot import emergencies, running
    from tests.flows.model import Model

    with Model() as model:
        model.mode = "hang"
        with running(VLLM_URL=model.url) as bench:
            return emergencies(bench)


MEASURES: dict[str, Callable[[], Row]] = {
    "answers": answers,
    "guardrails": guardrails,
    "bot": bot,
    "throughput": throughput,
    "emergency": emergency,
}


def main() -> None:
    """Run what was named, or all."""
    names = sys.argv[1:] or list(MEASURES)
    before = _last()
    run: Row = {
        "commit": _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--porcelain") else ""),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "command": "make bench" if not sys.argv[1:] else f"python -m benchmarks.run {' '.join(names)}",
        "load_before": os.getloadavg()[0],
        "results": {},
    }
    for name in names:
        began = time.monotonic()
        run["results"][name] = MEASURES[name]()
        print(f"{name} ({time.monotonic() - began:.0f} s)", flush=True)
        _show(run["results"][name], before.get("results", {}).get(name, {}), "  ")
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{run['date'][:16].replace(' ', 'T').replace(':', '')}-{run['commit'].rstrip('+')}.json"
    path.write_text(json.dumps(run, indent=1) + "\n")
    print(f"kept in {path}")


def _show(now: Row, then: Row, indent: str) -> None:
    for name, value in now.items():
        old = then.get(name) if isinstance(then, dict) else None
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _show(value, old if isinstance(old, dict) else {}, indent + "  ")
        else:
            print(f"{indent}{name:32} {value}" + (f"   (last {old})" if old is not None and old != value else ""))


def _last() -> Row:
    kept = sorted(RESULTS.glob("*.json"))
    found: Row = json.loads(kept[-1].read_text()) if kept else {}
    return found


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    main()

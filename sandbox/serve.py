"""`TELEGRAM_TOKEN=… make run`: the production bot against the real Telegram, on an embedded PostgreSQL with its own data directory.

What no clinician has signed is held, as in production. Ctrl-C stops all; the data stays in `.run/live`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from sandbox.demo import interrupt, kept_key
from sandbox.postgres import Postgres
from sandbox.processes import Processes

_FOLDER = Path(".run/live")


def main() -> None:
    """Run until Ctrl-C or until the bot ends."""
    if not os.environ.get("TELEGRAM_TOKEN"):
        raise SystemExit(
            "TELEGRAM_TOKEN is not set: get one from BotFather (docs/telegram.md), then: TELEGRAM_TOKEN=… make run"
        )
    folder = _FOLDER.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    processes, postgres = Processes(folder), Postgres(folder / "postgres")
    processes.clean_up()
    status = 0
    try:
        database = os.environ.get("DATABASE_URL") or postgres.start()
        if postgres.process is not None:
            processes.remember(postgres.process.pid)
        settings = {
            "DATABASE_URL": database,
            "PATIENT_KEY": os.environ.get("PATIENT_KEY") or kept_key(folder / "patient.key"),
            "STATE_DIR": str(folder / "state"),
        }
        bot = processes.start("bot", [sys.executable, "-m", "llm4sweat.main", "bot"], settings)
        print(f"the bot runs; its log is {folder}/bot.log. Ctrl-C stops it.", flush=True)
        while (code := bot.poll()) is None:
            time.sleep(0.3)
        status = code
        print((folder / "bot.log").read_text(encoding="utf-8", errors="replace").splitlines()[-1], file=sys.stderr)
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        processes.stop()
        postgres.stop(timeout=1.5)
        processes.forget()
    raise SystemExit(status)


if __name__ == "__main__":
    main()

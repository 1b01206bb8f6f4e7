"""`make demo`: the whole product on this machine, with a local Telegram, and a page to be a patient on.

Starts embedded PostgreSQL, the local Telegram with its page, and the production bot; prints one line with the address as soon as
the page answers, then a short conversation for those without a browser. Ctrl-C stops all. Started again it goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import time
import urllib.request
from pathlib import Path

from sandbox.conversation import converse
from sandbox.postgres import Postgres, free_port
from sandbox.processes import Processes
from sandbox.telegram import DEFAULT_TOKEN
from sandbox.telegram.client import Client

_FOLDER = Path(".run/demo")
_READY = 60.0


class Demo:
    """One run in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(self.folder)
        self.postgres = Postgres(self.folder / "postgres")
        self.url = ""

    def start(self) -> None:
        """Clean up after a killed run, then start everything."""
        left = self.processes.clean_up()
        if left:
            print(f"ended {left} processes of an earlier run", flush=True)
        pedigree = free_port()
        self._telegram(pedigree)
        print(f"LLM4Sweat demo: {self.url}", flush=True)
        database = self.postgres.start()
        if self.postgres.process is not None:
            self.processes.remember(self.postgres.process.pid)
        self.processes.start("bot", [sys.executable, "-m", "llm4sweat.main", "bot"], self._settings(database, pedigree))

    def _telegram(self, pedigree: int) -> None:
        port = 8000 if _free(8000) else free_port()
        command = [
            sys.executable, "-m", "sandbox.telegram", "--port", str(port), "--page", "--data-dir", str(self.folder / "telegram"),
            "--pedigree-url", f"http://127.0.0.1:{pedigree}/pedigree",
        ]  # fmt: skip
        self.processes.start("telegram", command, {})
        self.url = f"http://127.0.0.1:{port}"
        _answering(self.url, self.processes)

    def _settings(self, database: str, pedigree: int) -> dict[str, str]:
        return {
            "TELEGRAM_TOKEN": DEFAULT_TOKEN,
            "TELEGRAM_API_URL": f"{self.url}/bot",
            "TELEGRAM_MODE": "polling",
            "DATABASE_URL": database,
            "PATIENT_KEY": kept_key(self.folder / "patient.key"),
            "STATE_DIR": str(self.folder / "state"),
            "PEDIGREE_PORT": str(pedigree),
            "ALLOW_UNREVIEWED": "yes",
            "PYTHONWARNINGS": "ignore",
        }

    def wait_for_bot(self) -> None:
        """Wait until the bot polls."""
        client, deadline = Client(self.url), time.monotonic() + _READY
        while time.monotonic() < deadline:
            if (name := self.processes.ended()) is not None:
                raise SystemExit(f"the {name} process ended; see {self.folder}/{name}.log")
            since = client.state().get("seconds_since_poll")
            if since is not None and since < 30:
                return
            time.sleep(0.1)
        raise SystemExit(f"the bot did not start within {_READY:.0f} s; see {self.folder}/bot.log")

    def stop(self) -> None:
        """End everything."""
        self.processes.stop()
        self.postgres.stop(timeout=1.5)
        self.processes.forget()


def main() -> None:
    """Run the demo until Ctrl-C, or once."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--once", action="store_true", help="run the terminal conversation, then stop")
    arguments.add_argument("--folder", type=Path, default=_FOLDER)
    options = arguments.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    demo = Demo(options.folder)
    try:
        demo.start()
        demo.wait_for_bot()
        converse(Client(demo.url))
        if not options.once:
            print(f"\nOpen {demo.url} to be a patient yourself. Ctrl-C stops everything.", flush=True)
            while (name := demo.processes.ended()) is None:
                time.sleep(0.5)
            raise SystemExit(f"the {name} process ended; see {demo.folder}/{name}.log")
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        demo.stop()


def interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def kept_key(path: Path) -> str:
    """A key made once and kept: patients are known by it."""
    if not path.exists():
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text()


def _free(port: int) -> bool:
    import socket

    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return s.connect_ex(("127.0.0.1", port)) != 0


def _answering(url: str, processes: Processes, timeout: float = 30.0) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and processes.ended() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the local Telegram did not start; see .run/demo/telegram.log")


if __name__ == "__main__":
    main()

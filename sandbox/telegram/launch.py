"""Starts the server in a process of its own, for tests, benchmarks and the demo."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.telegram.client import Client
from sandbox.telegram.settings import DEFAULT_TOKEN


@dataclass(slots=True)
class Running:
    """A server in another process. As a context manager it is stopped at the end."""

    process: subprocess.Popen[str]
    url: str
    token: str

    @property
    def api_url(self) -> str:
        """For `TELEGRAM_API_URL`."""
        return f"{self.url}/bot"

    @property
    def client(self) -> Client:
        """A client of its control API."""
        return Client(self.url)

    def stop(self) -> None:
        """A clean end; everything is written down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As if the power failed."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(*options: str, token: str = DEFAULT_TOKEN, port: int = 0, data_dir: Path | None = None) -> Running:
    """Starts `python -m sandbox.telegram` and waits until it listens; `options` as on its command line."""
    command = [sys.executable, "-m", "sandbox.telegram", "--port", str(port), "--token", token, *options]
    if data_dir is not None:
        command += ["--data-dir", str(data_dir)]
    root = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=environment)
    running = Running(process, "", token)
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        running.stop()
        status = process.returncode
        raise RuntimeError(f"the local Telegram did not start (exit status {status}); see its error output")
    running.url = json.loads(line)["url"]
    return running

"""One line an event: an action's name and ids, never content. Libraries that would print a token or a body are quietened."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

_log = logging.getLogger("llm4sweat")
_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{20,}|xox[abp]-[\w-]+|xapp-[\w-]+")
_QUIET = ("httpx", "httpcore", "telegram", "openai", "langchain", "langsmith", "slack_bolt", "slack_sdk", "aiohttp.access",
          "asyncio")  # fmt: skip
_SILENT = ("psycopg", "psycopg.pool")  # what fails is mapped and said by the store
_NAME = re.compile(r"^[A-Za-z0-9_.:@/ ()+-]{1,120}$")


class _Redact(logging.Filter):
    """Takes tokens out of whatever a library still prints."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _TOKEN.sub("…", record.getMessage()), ()
        record.exc_info = record.exc_text = None  # a traceback's message may quote a patient
        return True


def start(level: int = logging.INFO) -> None:
    """Set up logging for this process, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_Redact())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def info(action: str, **ids: Any) -> None:
    """Say that something happened. Values are ids, counts and names of ours."""
    _log.info("%s", _line(action, ids))


def warning(action: str, **ids: Any) -> None:
    """Say that something needs a look."""
    _log.warning("%s", _line(action, ids))


def failed(action: str, error: BaseException, **ids: Any) -> None:
    """Say that an action failed: the error's type and where in our code, never its message."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "site-packages" not in file and "lib/python" not in file:
            where = f"{file.rsplit('/', 2)[-2]}/{file.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    _log.error("%s", _line(action, {**ids, "error": type(error).__name__, "at": where}))


def _line(action: str, ids: dict[str, Any]) -> str:
    safe = {k: v if not isinstance(v, str) or _NAME.match(v) else "…" for k, v in ids.items()}
    return action + (" " + json.dumps(safe, default=str) if safe else "")

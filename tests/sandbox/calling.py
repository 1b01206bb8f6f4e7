"""A plain caller of the Bot API, for the tests of the local Telegram."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from itertools import count
from typing import Any

from sandbox.telegram import Running

_OFFSETS = count(1)


@dataclass(frozen=True)
class Caller:
    """Calls methods over HTTP and answers with status and body."""

    running: Running

    def raw(
        self, path: str, body: bytes | None = None, kind: str = "application/json", timeout: float = 60
    ) -> tuple[int, Any]:
        """Any request below the server's address."""
        request = urllib.request.Request(self.running.url + path, data=body, headers={"Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def json(self, method: str, **parameters: Any) -> tuple[int, Any]:
        """A JSON call."""
        return self.raw(f"/bot{self.running.token}/{method}", json.dumps(parameters).encode())

    def form(self, method: str, **parameters: Any) -> tuple[int, Any]:
        """A form-encoded call."""
        body = urllib.parse.urlencode(parameters).encode()
        return self.raw(f"/bot{self.running.token}/{method}", body, "application/x-www-form-urlencoded")

    def good(self, method: str, **parameters: Any) -> Any:
        """The result of a call that must succeed."""
        status, body = self.json(method, **parameters)
        assert status == 200, body
        return body["result"]

    def refused(self, method: str, **parameters: Any) -> tuple[int, str]:
        """Code and description of a call that must fail."""
        status, body = self.json(method, **parameters)
        assert body["ok"] is False
        assert status == body["error_code"]
        return status, body["description"]

    def updates(self) -> Any:
        """All that is pending, without confirming; an offset of its own each time, so that it is not slowed down."""
        return self.good("getUpdates", offset=next(_OFFSETS))

"""A stand-in for an OpenAI-compatible server, strict about what it is asked, that can refuse, hang, answer nonsense and cut off."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

GOOD = (
    "Many people with sweaty hands begin with an antiperspirant that holds aluminium chloride. "
    "Put it on clean, completely dry skin at night and wash it off in the morning."
)
MODEL = "llm4sweat"


class Model:
    """`mode`: good, refuse (503), hang, drip, nonsense, cut, empty, html, half, another, think. `asked` keeps the requests."""

    def __init__(self) -> None:
        self.mode, self.text = "good", GOOD
        self.asked: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                model.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Model:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening: connections are refused."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request as the mode says."""
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self._look(handler, body)
        self.asked.append(body)
        if self.mode == "hang":
            time.sleep(60)
        elif self.mode == "refuse":
            _send(handler, 503, json.dumps({"error": {"message": "busy"}}))
        elif self.mode == "html":
            _send(handler, 200, "<html>gateway</html>", "text/html")
        elif self.mode == "half":
            handler.send_response(200)
            handler.send_header("Content-Length", "5000")
            handler.end_headers()
            handler.wfile.write(b'{"choices": [')
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        elif self.mode == "drip":
            _drip(handler)
        else:
            _send(handler, 200, json.dumps(self._completion(body)))

    def _look(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """What a strict server would refuse."""
        if handler.path != "/v1/chat/completions":
            self.wrong.append(f"path {handler.path}")
        if not (body.get("max_completion_tokens") or body.get("max_tokens")):
            self.wrong.append("no limit of tokens")
        if body.get("model") != MODEL:
            self.wrong.append("another model")

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        text = {"nonsense": "!" * 400, "empty": "", "cut": self.text[:60]}.get(self.mode, self.text)
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "other" if self.mode == "another" else body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "length" if self.mode == "cut" else "stop",
                }
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }


def _send(handler: BaseHTTPRequestHandler, status: int, body: str, kind: str = "application/json") -> None:
    data = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(120):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.5)
    except OSError:
        pass

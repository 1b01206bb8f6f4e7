"""The one door to every model: vLLM through LangChain, or the grounded backend when no model is configured.

What a model says is untrusted text. An error is a short name in the answer, never an exception and never content. Tracing is off whatever the
environment says; nothing is fetched; the client does not retry: one deadline, a bounded number of calls at once, a circuit breaker.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from core import logs
from core.domain import Answer, Complete, Request
from core.settings import Settings
from llm4sweat_model.condition import Condition
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.prompts import messages

_CONNECT, _TOTAL = 2.0, 25.0  # seconds
_AT_ONCE = 8
_TOKENS = 700
_OPENS_AFTER, _STAYS_OPEN = 4, 15.0  # failures in a row; seconds without asking
_LARGEST = 20_000  # characters of an answer that are read
_HANDOVER = "HANDOVER"  # what the prompt asks for when the passages do not answer
_TRACING = ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING", "LANGSMITH_TRACING_V2")


def backend(settings: Settings, condition: Condition) -> Complete:
    """The backend that the settings ask for."""
    return Vllm(settings, condition) if settings.vllm_url else Grounded.of(condition)


class Breaker:
    """After some failures in a row nothing is asked for a while; then one call tries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._until = 0, 0.0

    def allows(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            now = self._clock()
            if self._failures < _OPENS_AFTER:
                return True
            if now < self._until:
                return False
            self._until = now + _STAYS_OPEN  # this call tries; the others wait for it
            return True

    def record(self, good: bool) -> None:
        """What came of a call."""
        with self._lock:
            self._failures = 0 if good else self._failures + 1
            if self._failures >= _OPENS_AFTER:
                self._until = self._clock() + _STAYS_OPEN


class Vllm:
    """An OpenAI-compatible server behind LangChain's ChatOpenAI."""

    name = "vllm"

    def __init__(self, settings: Settings, condition: Condition, tokens: int = _TOKENS) -> None:
        """`tokens`: the most that an answer may have."""
        for variable in _TRACING:
            os.environ[variable] = "false"
        self._settings, self._condition, self._tokens = settings, condition, tokens
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._breaker = Breaker()
        self._client = self._make()

    def _make(self) -> Any:
        import httpx
        from langchain_openai import ChatOpenAI

        key = self._settings.vllm_api_key
        return ChatOpenAI(
            base_url=(self._settings.vllm_url or "").rstrip("/"),
            api_key=key if key is not None else "none",
            model=self._settings.vllm_model,
            max_retries=0,
            timeout=httpx.Timeout(_TOTAL, connect=_CONNECT),
            max_completion_tokens=self._tokens,
            temperature=0.2,
            n=1,
            http_client=httpx.Client(timeout=httpx.Timeout(_TOTAL, connect=_CONNECT), trust_env=False),
            custom_get_token_ids=lambda text: list(text.encode()),  # counting tokens must not fetch a file
            cache=False,
        )

    def one_token(self, request: Request) -> str | None:
        """Whether the model lives: None, or the name of what went wrong. A cut answer is life enough."""
        error = self._ask(request).error
        return None if error in (None, "cut", "empty") else error

    def __call__(self, request: Request) -> Answer:
        """Ask once. Errors: busy, open, and the names that `_ask` gives."""
        if not self._breaker.allows():
            return self._none("open")
        if not self._room.acquire(timeout=_CONNECT):
            return self._none("busy")
        try:
            answer = self._ask(request)
        finally:
            self._room.release()
        self._breaker.record(answer.error is None)
        return answer

    def _ask(self, request: Request) -> Answer:
        asked: dict[str, Any] = {}

        def call() -> None:
            try:
                asked["answer"] = self._client.invoke(messages(request, self._condition))
            except Exception as error:  # the server's words may quote a patient: only the type goes on
                asked["error"] = type(error).__name__

        thread = threading.Thread(target=call, daemon=True, name="model")
        thread.start()
        thread.join(_TOTAL)  # one deadline for all: a server that drips a byte a second is late too
        if thread.is_alive():
            return self._none("late")
        if "error" in asked:
            return self._none(asked["error"])
        return self._read(asked["answer"], request)

    def _read(self, message: Any, request: Request) -> Answer:
        text = message.content if isinstance(message.content, str) else ""
        reason = (message.response_metadata or {}).get("finish_reason")
        named = (message.response_metadata or {}).get("model_name")
        if reason == "length" or len(text) > _LARGEST:
            return self._none("cut")
        if reason != "stop" or getattr(message, "tool_calls", None):
            return self._none("unfinished")
        if not text.strip():
            return self._none("empty")
        if text.strip().rstrip(".") == _HANDOVER:
            return Answer("", Grounded.name, error="nothing_fits")
        if named and named != self._settings.vllm_model:
            return self._none("another_model")
        return Answer(
            text.strip(), self.name, self._settings.vllm_model, passages=tuple(p.id for p in request.passages)
        )

    def _none(self, why: str) -> Answer:
        logs.warning("model_no_answer", reason=why)
        return Answer("", self.name, self._settings.vllm_model, error=why)

"""A TCP relay on loopback that can be cut, held and slowed: what a network does to a wire."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType


class Relay:
    """Forwards to `target` on loopback. `cut`: refuses and breaks; `hold`: takes bytes and passes none; `delay` in seconds."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = int(self._listener.getsockname()[1])
        self.delay, self._closed = 0.0, False
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._flowing.set()
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._refusing = True
        for wire in self._open:
            wire.close()
        self._open.clear()

    def hold(self) -> None:
        """Let nothing through, and break nothing: a frozen server."""
        self._flowing.clear()

    def mend(self) -> None:
        """Everything passes again."""
        self._refusing = False
        self._flowing.set()

    def _accept(self) -> None:
        while not self._closed:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                wire.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                wire.close()
                continue
            self._open += [wire, far]
            for one, other in ((wire, far), (far, wire)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(65536):
                self._flowing.wait()
                if self.delay:
                    time.sleep(self.delay)
                sink.sendall(chunk)
        except OSError:
            pass
        finally:
            source.close()
            sink.close()

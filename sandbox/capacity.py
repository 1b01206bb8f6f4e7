"""How many messages the local Telegram takes a second, and what one costs it: `python -m sandbox.capacity`.

A benchmark of a bot shows with it that the sandbox is not the limit. It leaves the bot itself to the benchmarks.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import aiohttp

from sandbox.telegram import Running, start

CLOCK_TICKS, PEOPLE = 100, 50


def cpu_seconds(process_id: int) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


async def _send(running: Running, people: list[int], count: int, workers: int) -> None:
    url = f"{running.api_url}{running.token}/sendMessage"
    async with aiohttp.ClientSession() as session:

        async def work(worker: int) -> None:
            for number in range(count // workers):
                chat_id = people[(worker + number) % len(people)]
                async with session.post(url, data={"chat_id": chat_id, "text": f"message {number} " * 20}) as answer:
                    await answer.read()

        await asyncio.gather(*(work(worker) for worker in range(workers)))


def measure(count: int = 5000, workers: int = 20) -> dict[str, float]:
    """Calls of sendMessage a second over `workers` connections, and milliseconds of processor time for each."""
    with start("--no-limits") as running:
        people = [running.client.person(f"P{number}") for number in range(PEOPLE)]
        running.client.say_many([(person, "hello") for person in people])
        before, began = cpu_seconds(running.process.pid), time.perf_counter()
        asyncio.run(_send(running, people, count, workers))
        seconds = time.perf_counter() - began
        spent = cpu_seconds(running.process.pid) - before
    return {"calls_per_second": round(count / seconds), "cpu_ms_per_call": round(spent / count * 1000, 3)}


if __name__ == "__main__":
    print(json.dumps(measure()))

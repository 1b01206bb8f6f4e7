"""`make bench-peers`: `screen` and `check` beside NVIDIA NeMo Guardrails with input and output self-check, on this machine, in one run.

NeMo Guardrails gets an environment of its own and a fake model that answers at once, so that only its own overhead is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.guardrails import measure

_FOLDER = Path(".bench/nemo")
_PACKAGES = ("nemoguardrails==0.24.1", "langchain-openai")
_PEER = '''
import asyncio, json, time, warnings
warnings.filterwarnings("ignore")
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from nemoguardrails import LLMRails, RailsConfig

CONFIG = """
models: []
rails:
  input: {flows: [self check input]}
  output: {flows: [self check output]}
prompts:
  - task: self_check_input
    content: "Should this message be blocked? {{ user_input }} Answer yes or no."
  - task: self_check_output
    content: "Should this answer be blocked? {{ bot_response }} Answer yes or no."
"""
rails = LLMRails(RailsConfig.from_content(yaml_content=CONFIG), llm=FakeListChatModel(responses=["No", "An answer.", "No"]))
ask = [{"role": "user", "content": "My hands sweat so much at work that I avoid shaking hands."}]

async def main():
    found = []
    for _ in range(120):
        began = time.perf_counter()
        await rails.generate_async(messages=ask)
        found.append((time.perf_counter() - began) * 1000)
    found = sorted(found[20:])
    print(json.dumps({"p50_ms": round(found[50], 3), "p99_ms": round(found[98], 3)}))

asyncio.run(main())
'''


def main() -> None:
    """Measure both, ours before and after, and print the ratio."""
    python = _FOLDER / "bin/python"
    if not python.exists():
        venv.create(_FOLDER, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES], check=True
        )
    before = measure()["screen_and_check"]
    ran = subprocess.run([python, "-c", _PEER], capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stderr[-2000:], file=sys.stderr)
        raise SystemExit(1)
    peer = json.loads(ran.stdout.splitlines()[-1])
    after = measure()["screen_and_check"]
    ours = (before["p50_ms"] + after["p50_ms"]) / 2
    print(f"screen + check         p50 {before['p50_ms']} ms before, {after['p50_ms']} ms after")
    print(f"NeMo Guardrails        p50 {peer['p50_ms']} ms, p99 {peer['p99_ms']} ms ({_PACKAGES[0]})")
    print(f"ours / theirs          {ours / peer['p50_ms']:.3f}")


if __name__ == "__main__":
    main()

# The commands of the project; `make help` lists them. Everything lives in .venv and .run here; nothing is installed elsewhere.
# the first that runs and is new enough; a name on the path may be a shim that does not run
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: help demo run test test-fast check bench bench-peers lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/core ## the whole product here, with a page to be a patient on (ONCE=1: the terminal conversation only)
	@$(BIN)/python -W ignore -m sandbox.demo $(if $(ONCE),--once)

run: $(VENV)/core ## TELEGRAM_TOKEN=… make run: the production processes against the real Telegram
	@$(BIN)/python -W ignore -m sandbox.serve

test: $(VENV)/dev ## every test (browser tests run where a Chromium is found)
	@$(BIN)/python -m pytest -p no:cacheprovider

test-fast: $(VENV)/dev ## the pure part, in seconds
	@$(BIN)/python -m pytest -p no:cacheprovider tests/pure

check: $(VENV)/dev ## format, lint, types, imports, sizes, settings
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/llm4sweat pack check
	@$(BIN)/python -m pytest -p no:cacheprovider tests/pure/test_sizes.py tests/pure/test_settings.py tests/pure/test_docs.py

bench: $(VENV)/dev ## measure; results go to benchmarks/results
	@$(BIN)/python -W ignore -m benchmarks.run

bench-peers: $(VENV)/dev ## the same beside NeMo Guardrails, in an environment of its own
	@$(BIN)/python -W ignore -m benchmarks.peers

lock: $(VENV)/dev ## write the lock files anew
	@sh requirements/lock.sh

clean: ## remove what was built (the demo's and the bot's data in .run stay)
	rm -rf $(VENV) build *.egg-info

$(VENV)/ready:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed. Install one, then: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks ensurepip. On Debian: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/core: $(VENV)/ready requirements/core.lock pyproject.toml
	@echo "installing into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/core.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/dev: $(VENV)/core requirements/dev.lock
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

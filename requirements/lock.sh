#!/bin/sh
# Writes the lock files anew from pyproject.toml: exact versions, with hashes where every file comes from the index.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" --quiet --disable-pip-version-check install pip-tools
compile="$tools/bin/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links"
$compile --generate-hashes -o requirements/core.lock pyproject.toml
$compile --generate-hashes --extra dev -c requirements/core.lock -o requirements/dev.lock pyproject.toml
$compile --extra train -c requirements/core.lock -o requirements/train.lock pyproject.toml
$compile --extra serve -o requirements/serve.lock pyproject.toml
# a local build of torch names itself in its version; the lock must not
sed -i 's/^torch==\([0-9.]*\)+.*/torch==\1/' requirements/train.lock requirements/serve.lock

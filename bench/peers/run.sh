#!/usr/bin/env bash
# run.sh PROGRAM [OPTION...]: compares overproof with other programs (compare.py) in a Python environment of its own.
# The first time that needs the package registry; where it does not answer, nothing is compared, which is no failure.
# THREADS: of every program, all cores by default.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/build/peers/venv

skip() { echo "bench-peers skipped: $*"; exit 0; }

if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    "$root/scripts/install-deps.sh" python3-venv || skip "python3-venv is missing and cannot be installed"
  fi
  python3 -m venv "$venv"
  if ! "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --retries 1 --timeout 20 \
    -r "$here/requirements.txt" 2>"$venv/pip.log"; then
    grep -q Retrying "$venv/pip.log" && skip "the registry of Python packages does not answer"
    cat "$venv/pip.log" >&2
    exit 1
  fi
  cp "$here/requirements.txt" "$venv/installed.txt"
fi

threads=${THREADS:-$(nproc)}
export OPENBLAS_NUM_THREADS=$threads OMP_NUM_THREADS=$threads
exec "$venv/bin/python" "$here/compare.py" --out "$root/build/peers" "$@"

#!/bin/sh
# Finds a Python new enough and hands over to install.py, which keeps .venv in step with the locks.
set -eu
cd "$(dirname "$0")/.."

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if fits .venv/bin/python; then
    exec .venv/bin/python -I .ci/install.py "$@"
fi
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if fits "$name" && "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        exec "$name" -I .ci/install.py "$@"
    fi
done
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if fits "$name"; then
        echo "error: $name has no venv module; install it (Debian: apt-get install python3-venv)" >&2
        exit 1
    fi
done
found=$("${PYTHON:-python3}" -V 2>/dev/null || echo "none")
echo "error: Python 3.11 or newer is needed, found: $found (set PYTHON=/path/to/python3)" >&2
exit 1

"""`python -m telemetry.eventlog`, where no `runner` is installed."""

import sys

from telemetry.eventlog.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

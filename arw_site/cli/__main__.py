"""`python -m arw_site.cli`, where no `arw-cli` is installed."""

import sys

from arw_site.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

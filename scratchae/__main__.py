"""Entry point: `python -m scratchae` runs the command `scratchae`."""

from __future__ import annotations

import sys

from scratchae.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

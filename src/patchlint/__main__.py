"""``python -m patchlint``."""

import sys

from patchlint.cli import main

if __name__ == "__main__":
    sys.exit(main())

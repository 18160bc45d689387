"""``python -m linkhold`` is ``linkhold``."""

import sys

from linkhold.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

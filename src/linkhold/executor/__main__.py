"""The root service: ``python -m linkhold.executor``."""

import sys

from linkhold.executor.service.daemon import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))

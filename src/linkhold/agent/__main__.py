"""``python -m linkhold.agent``: the agent, without the command line's start-up; `linkhold agent run` is the same."""

import sys

from linkhold.agent.service import main
from linkhold.foundation.failures import Failure

if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except Failure as failure:
        sys.exit(f"linkhold: {failure}")

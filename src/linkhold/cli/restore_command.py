"""``linkhold restore``: at boot, or by hand against drift."""

import argparse
import json

from linkhold.cli import result_view
from linkhold.cli.progress import reporter
from linkhold.cli.terminal import Ink


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Apply what was committed."""
    import linkhold
    from linkhold.aio import NotApplied, Stranded

    try:
        result = linkhold.restore(progress=reporter(quiet=options.json), state_dir=options.state_dir)
    except (NotApplied, Stranded) as failure:
        result = failure.result
    if options.json:
        print(json.dumps(result_view.as_json(result), indent=2, ensure_ascii=False, default=str))
    else:
        print("\n".join(result_view.lines(result, Ink())))
    return result_view.exit_code(result)

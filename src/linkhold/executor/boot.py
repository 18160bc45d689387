"""The boot guard: before anything of the network comes up, whatever was not confirmed before the reboot is undone.

    python -m linkhold.executor.boot

The kernel forgot the change by itself, and the document of an unconfirmed transaction was never stored, so nothing of it
can come back. What is left of it are files (resolv.conf, hostname, NetworkManager's profiles) and databases: they are put
back from the journal. Then the transaction is closed, so that `linkhold restore` finds the last committed document and a
clear way. What needs a service that is started later (Open vSwitch's database) is left to that command.
"""

import asyncio
import sys
import typing

from linkhold.executor import log, store, verbs
from linkhold.foundation.failures import Failure
from linkhold.transaction.recovery import Recovered


def main(arguments: typing.Sequence[str]) -> int:
    """Exit code 0 when all is as it should be, 3 when something could not be put back, 1 when it could not even be tried."""
    folder = store.folder(arguments[0] if arguments else None)
    try:
        ended = asyncio.run(verbs.recovered(ground=verbs.standing(folder.path), early=True))
    except Failure as failure:
        log.write(folder.path, "boot guard", failure)
        sys.stderr.write(f"linkhold boot guard: {failure}\n")
        return 1
    return _told(ended)


def _told(ended: typing.Iterable[Recovered]) -> int:
    code = 0
    for one in ended:
        sys.stderr.write(f"linkhold boot guard: {one}\n")
        code = 3 if one.missing else code
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a client of leases runs when it has heard something: the composition of that client and of the kernel.

    python -m linkhold.executor.lease INTERFACE FAMILY

What was heard stands in the environment (dhcpcd-run-hooks(8)).
"""

import os
import sys
import typing

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.settings import Family


def main(arguments: typing.Sequence[str], environment: typing.Mapping[str, str]) -> int:
    """Lay what was heard on the interface.

    Raises:
        Failure: the kernel said no; the client's log gets to know.
    """
    from linkhold.providers.dhcpcd.folder import Client
    from linkhold.providers.dhcpcd.laying import heard
    from linkhold.providers.dhcpcd.presence import BASE
    from linkhold.providers.kernel.leases import Leases

    interface, family = arguments
    root = environment.get("LINKHOLD_ROOT", "")
    ways = Leases(root)
    try:
        heard(Client(interface, typing.cast("Family", family), root + BASE), environment, ways)
    finally:
        ways.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

"""Reading the host: netlink dumps, decoded with indexes first, then given names in one small pass.

One dump of links (a second one, of bridge VLANs, only where a bridge filters), one of addresses, one of rules for each
family, and one of routes for each protocol that is ours to show. Nothing is read per link, whatever their number, unless
the caller asks for details.
"""

from __future__ import annotations

import os

from linkhold.foundation.failures import NotPermitted
from linkhold.foundation.garbage import uncollected
from linkhold.providers.contract import ALL_DETAILS
from linkhold.providers.kernel.observe import addresses, links, routes, rules
from linkhold.state.network import NetworkState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.state.dns import DnsResolver
    from linkhold.state.hostname import Hostname

HOSTNAME_FILE = "/etc/hostname"


@uncollected
def observe(netlink: Netlink, scope: Scope, root: str = "") -> NetworkState:
    """The host as it is now, in canonical form. `root` is put before the paths of files.

    Raises:
        Refusal: the kernel did not answer a dump.
        NotPermitted: a file can't be read.
    """
    table = links.read(netlink, scope.names)
    by_link = addresses.read(netlink, table if scope.names else None)
    interfaces = links.interfaces(table, by_link, carrier="carrier" in scope.details)
    if scope.details & ALL_DETAILS:
        from linkhold.providers.kernel.observe.details import with_details

        interfaces = with_details(interfaces, table, netlink, scope.details)
    found_rules = rules.read(netlink)
    looked_into = rules.tables(found_rules) if scope.running else set()
    return NetworkState(
        hostname=hostname(root),
        dns=dns(root),
        rules=rules.declared(found_rules),
        routes=routes.read(
            netlink, table, running=scope.running, daemons="daemons" in scope.details, looked_into=looked_into
        ),
        interfaces=interfaces,
    )


def hostname(root: str = "") -> Hostname:
    """`running` is what the kernel says (uname(2)), `config` what `/etc/hostname` will say at the next boot."""
    from linkhold.state.hostname import Hostname

    try:
        with open(root + HOSTNAME_FILE, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.strip() for line in file]
    except FileNotFoundError:
        lines = []
    except PermissionError as error:
        raise NotPermitted(f"{HOSTNAME_FILE} can't be read", answer=str(error)) from error
    kept = next((line for line in lines if line and not line.startswith("#")), "")
    return Hostname(running=os.uname().nodename, config=kept)


def dns(root: str = "") -> DnsResolver:
    """Servers, search domains and options, in use and configured."""
    from linkhold.providers.kernel import resolver
    from linkhold.state.dns import DnsConfig, DnsResolver

    found = resolver.read(root)
    running, config = (
        DnsConfig(server=one.servers, search=one.search, options=one.options) for one in (found.running, found.config)
    )
    return DnsResolver(running=running, config=config)

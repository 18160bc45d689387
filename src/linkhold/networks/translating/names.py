"""Name servers: those of the network with the default route (vdsm's `nmstate/dns.py`)."""

from linkhold.networks.translating.parts import Plain
from linkhold.networks.translating.situation import Situation


def section(situation: Situation) -> dict[str, Plain] | None:
    """The document's ``dns-resolver.config``; None where the request says nothing of them.

    A network that had name servers and is not the way out any more, or has none now, takes them along.
    """
    new = [one.new for one in situation.steps if one.new is not None and one.new.default_route]
    servers = [server for one in new for server in one.nameservers or ()]
    old = [one.old for one in situation.steps if one.old is not None and one.old.default_route]
    if servers or any(one.nameservers for one in old):
        return {"server": list(dict.fromkeys(servers))}
    return None

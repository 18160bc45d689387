"""All rules for a request, in vdsm's order."""

from linkhold.networks.checks import addresses, bond, custom, names, network, southbound, switch, usage
from linkhold.networks.checks.context import Context
from linkhold.networks.configuration import Configuration
from linkhold.networks.drafts import Asked
from linkhold.networks.mistakes import Mistakes
from linkhold.networks.seen import Host


def check(asked: Asked, running: Configuration, host: Host, found: Mistakes) -> bool:
    """Add to `found` all that is wrong with a request; whether the host goes over to another kind of switch."""
    context = Context(asked, running, host, found)
    names.check(context)
    addresses.check(context)
    switch.check(context)
    southbound.check(context)
    network.check(context)
    bond.check(context)
    usage.check(context)
    custom.check(context)
    return switch.changes(context)

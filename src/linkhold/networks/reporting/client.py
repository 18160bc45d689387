"""``lastClientIface``: the interface over which the centre talks to us, by which it knows the management network."""

import ipaddress

from linkhold.state.network import NetworkState


def last_client_interface(state: NetworkState, local_address: str) -> str:
    """The interface that holds our side's address of the connection; '' if none does (any more).

    An address of IPv4 that came over a socket for both families (``::ffff:192.0.2.7``) is meant as such; the zone of a
    link-local one names the interface.
    """
    address, _, zone = local_address.partition("%")
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(wanted, ipaddress.IPv6Address) and wanted.ipv4_mapped is not None:
        wanted = wanted.ipv4_mapped
    text = str(wanted)
    for one in state.by_key.values():
        if zone and one.name != zone:
            continue
        for section in (one.ipv4, one.ipv6):
            held = section.get("address") if hasattr(section, "get") else ()
            if isinstance(held, tuple) and any(each.ip == text for each in held):
                return one.name
    return ""

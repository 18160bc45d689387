"""The map ``vlans``."""

from linkhold.networks.reporting.addresses import Entry, addressing, mtu_text
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.visible import Visible
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vlan import VlanConfig


def vlans(shown: Visible, gateways: Gateways) -> dict[str, Entry]:
    """By name; those of which a tag is known."""
    tags = {name: tag_of(one) for name, one in shown.vlans.items()}
    return {
        name: {"iface": parent_of(one), "vlanid": tags[name], "mtu": mtu_text(one), **addressing(one, gateways)}
        for name, one in shown.vlans.items()
        if tags[name] is not None
    }


def parent_of(one: Interface) -> str:
    """What a VLAN rides on, '' where that is in another network namespace."""
    section = one.get("vlan")
    return section.parent if isinstance(section, VlanConfig) and isinstance(section.parent, str) else ""


def tag_of(one: Interface) -> int | None:
    """The tag of a VLAN; None for another kind."""
    section = one.get("vlan")
    return section.tag if isinstance(section, VlanConfig) and isinstance(section.tag, int) else None

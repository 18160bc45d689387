"""What only the clients know of a host, laid over what the kernel shows."""

import os
import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.dhcpcd import supervising
from linkhold.providers.dhcpcd.folder import Client
from linkhold.providers.dhcpcd.presence import interfaces
from linkhold.providers.dhcpcd.settings import FAMILIES
from linkhold.state.interfaces.ip import Ip, Ipv4, Ipv6

if typing.TYPE_CHECKING:
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

WAITS: typing.Final = "wait-ip"
"""The file, beside the families of an interface, with what is waited for."""

_SECTIONS: typing.Final[dict[str, type[Ip]]] = {"ipv4": Ipv4, "ipv6": Ipv6}


def amended(state: "NetworkState", base: str) -> "NetworkState":
    """The state with the settings of clients that run; one that runs no more shows its interface without a lease, so that
    applying the same document starts it again."""
    known = set(interfaces(base))
    if not known or not isinstance(state.interfaces, tuple):
        return state
    return state.replace(
        interfaces=tuple(
            _interface(one, base) if one.name in known and not one.userspace else one for one in state.interfaces
        )
    )


def waited_for(interface: str, base: str) -> str:
    """``ipv4``, ``ipv6``, ``ipv4+ipv6``; '' where nothing was said."""
    try:
        with open(f"{base}/{interface}/{WAITS}", encoding="ascii") as file:
            return file.read().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def wait_for(interface: str, what: str, base: str) -> None:
    """Remember what is waited for; '' forgets it."""
    path = f"{base}/{interface}/{WAITS}"
    if what:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(what)
    elif os.path.exists(path):
        os.unlink(path)


def _interface(interface: "Interface", base: str) -> "Interface":
    changes: dict[str, typing.Any] = {}
    for family in FAMILIES:
        client = Client(interface.name, family, base)
        settings = client.settings
        if settings is None:
            continue
        section = interface.get(family)
        shown = _SECTIONS[family](enabled=True) if section is UNSET or section.enabled is False else section
        if supervising.running(client):
            fields = settings.shown()
            if section is not UNSET and section.get("enabled") is False and family == "ipv6":
                continue  # switched off by somebody else: then there are no addresses either
            if isinstance(shown.prefix_route_metric, int) and shown.prefix_route_metric == settings.metric:
                fields["prefix_route_metric"] = UNSET
            changes[family] = shown.replace(**fields)
        elif section is not UNSET and section.enabled is not False:
            gone = {"dhcp": False} if family == "ipv4" else {"dhcp": False, "autoconf": False}
            changes[family] = shown.replace(**gone)
    waits = waited_for(interface.name, base)
    if waits:
        changes["wait_ip"] = waits
    return interface.replace(**changes) if changes else interface

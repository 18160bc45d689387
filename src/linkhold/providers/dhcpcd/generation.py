"""The lower half of addresses that are made of router advertisements: as the kernel makes them, or stable and opaque."""

import socket
import typing

from linkhold.foundation import machine

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.settings import Settings


def address_in(prefix: str, settings: "Settings", mac: str, interface: str) -> str:
    """The address in a network of 64 bits, '' where none is to be made.

    A token (draft-chown-6man-tokenised-ipv6-identifiers) comes before the way in which all others are made.
    """
    half = _identifier(prefix, settings, mac, interface)
    if half is None:
        return ""
    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, prefix)[:8] + half)


def _identifier(prefix: str, settings: "Settings", mac: str, interface: str) -> bytes | None:
    if settings.token:
        return socket.inet_pton(socket.AF_INET6, settings.token)[8:]
    if settings.generation == "none":
        return None
    if settings.generation in ("stable-privacy", "random") or len(mac) != len("00:00:00:00:00:00"):
        return _stable(prefix, interface, settings.generation)
    return modified_eui64(mac)


def modified_eui64(mac: str) -> bytes:
    """RFC 4291, appendix A: the MAC with FF:FE in its middle, and the bit for "universal" turned round."""
    data = bytes.fromhex(mac.replace(":", ""))
    return bytes((data[0] ^ 2, *data[1:3], 0xFF, 0xFE, *data[3:6]))


def _stable(prefix: str, interface: str, generation: str) -> bytes:
    """RFC 7217, section 5: a hash of the network, the interface and a secret of this host (of this boot, for `random`)."""
    import hashlib

    seed = b"\0".join((_secret(generation), prefix.encode(), interface.encode("utf-8", "surrogateescape")))
    return hashlib.sha256(seed).digest()[:8]


def _secret(generation: str) -> bytes:
    return machine.identity(machine.BOOT) if generation == "random" else machine.identity()

"""How an interface takes part in IPv6 by itself: link-local addresses, router advertisements, switched off altogether.

Decided while the link is down: with the kernel's defaults each link that goes up makes addresses of its own, and ten
thousand of them take half a minute to do so.
"""

from __future__ import annotations

import os

from linkhold.foundation.machine import identity
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying.batch import refused_by_file
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import attribute, ip_bytes, nested, u8
from linkhold.state.interfaces.ip import Ipv6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from linkhold.planning.change import Change
    from linkhold.state.interfaces.common import Interface

SETTINGS = "/proc/sys/net"
MODES = {
    "eui64": link.IN6_ADDR_GEN_MODE_EUI64,
    "none": link.IN6_ADDR_GEN_MODE_NONE,
    "stable-privacy": link.IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
    "random": link.IN6_ADDR_GEN_MODE_RANDOM,
}


def mode_of(interface: Interface) -> int | None:
    """IN6_ADDR_GEN_MODE_* for an interface; None for a word the kernel doesn't know.

    An interface that says nothing of IPv6, or disables it, makes no addresses.
    """
    section = interface.ipv6
    if not isinstance(section, Ipv6) or section.enabled is not True:
        return link.IN6_ADDR_GEN_MODE_NONE
    return MODES.get(section.addr_gen_mode if isinstance(section.addr_gen_mode, str) else "eui64")


def is_enabled(interface: Interface) -> bool:
    """Whether IPv6 is asked for."""
    return isinstance(interface.ipv6, Ipv6) and interface.ipv6.enabled is True


def generation(interface: Interface) -> bytes:
    """IFLA_AF_SPEC with the way its IPv6 addresses are made, b'' when there is nothing to say: while IPv6 is switched
    off (`settings`) none are."""
    mode = mode_of(interface)
    off = isinstance(interface.ipv6, Ipv6) and interface.ipv6.enabled is False
    return b"" if mode is None or off else _inet6(u8(link.IFLA_INET6_ADDR_GEN_MODE, mode))


def token(text: str) -> bytes:
    """IFLA_AF_SPEC with the lower half of the addresses made of router advertisements; '' or '::' for none."""
    return _inet6(attribute(link.IFLA_INET6_TOKEN, ip_bytes(text or "::")))


def listens(name: str) -> bool:
    """Whether the kernel looks at router advertisements by itself; else it takes no token (`inet6_set_iftoken`), and who does
    look at them puts it into addresses."""
    try:
        with open(f"{SETTINGS}/ipv6/conf/{name}/accept_ra", encoding="ascii") as file:
            return file.read().strip() != "0"
    except OSError:  # no IPv6 here
        return False


def _inet6(inside: bytes) -> bytes:
    return nested(link.IFLA_AF_SPEC, nested(link.AF_INET6, inside))


def write_settings(
    change: Change, before: Interface | None, after: Interface, born: Container[tuple[str, str]] = ()
) -> None:
    """Write those settings of both families that only files of /proc/sys have; not those it was `born` with.

    Raises:
        Refused, NotPermitted: a file can't be written.
    """
    if mode_of(after) == link.IN6_ADDR_GEN_MODE_STABLE_PRIVACY:
        _write_secret(change)
    if before is not None and is_enabled(after) and mode_of(after) not in (None, _mode_now(before)):
        # by the file, and not by netlink: the kernel then makes the link-local address at once if the link is up;
        # before IPv6 is switched on, so that it never makes one in the mode it had
        _write(change, f"ipv6/conf/{change.name}/addr_gen_mode", str(mode_of(after)))
    for path, value in settings(before, after):
        if (path, value) not in born:
            _write(change, path.format(change.name), value)


def _mode_now(before: Interface) -> int | None:
    """The mode that an interface has; None where nobody asked, as IPv6 is off."""
    return mode_of(before) if is_enabled(before) else None


def birthright() -> set[tuple[str, str]]:
    """Settings, as in `settings`, that the kernel gives every new link of this namespace by itself."""
    path = "ipv6/conf/{}/disable_ipv6"
    try:
        with open(f"{SETTINGS}/{path.format('default')}") as file:
            return {(path, file.read().strip())}
    except OSError:  # no IPv6 in this kernel
        return set()


def settings(before: Interface | None, after: Interface) -> list[tuple[str, str]]:
    """Paths below SETTINGS (with a place for the name) and what to write there, in order."""
    found: list[tuple[str, str]] = []
    was, now = _said(before, "ipv6"), _said(after, "ipv6")
    enabled = now.get("enabled")
    if enabled is not UNSET and enabled != was.get("enabled", True if before is None else UNSET):
        found.append(("ipv6/conf/{}/disable_ipv6", "0" if enabled else "1"))
    autoconf = now.get("autoconf")
    if before is None and autoconf is UNSET:
        autoconf = False  # what a document means that says nothing of it
    if (
        enabled is True
        and autoconf is not UNSET
        and (autoconf != was.get("autoconf") or was.get("enabled") is not True)
    ):
        found.append(("ipv6/conf/{}/accept_ra", "2" if autoconf else "0"))  # 2: also where packets are forwarded
        found.append(("ipv6/conf/{}/autoconf", "1" if autoconf else "0"))
    for family in ("ipv4", "ipv6"):
        value = _said(after, family).get("forwarding")
        if value is not UNSET and value is not None and value != _said(before, family).get("forwarding"):
            found.append((family + "/conf/{}/forwarding", "1" if value else "0"))
    return found


def _said(interface: Interface | None, family: str) -> dict[str, object]:
    section = UNSET if interface is None else interface.get(family)
    values: dict[str, object] = {} if section is UNSET else section.__dict__
    return {name: values.get(name, UNSET) for name in ("enabled", "autoconf", "forwarding")}


def _write(change: Change, path: str, value: str) -> None:
    path = f"{SETTINGS}/{path}"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(handle, value.encode())
        finally:
            os.close(handle)
    except FileNotFoundError as error:
        if value == "1" and path.endswith(
            "/disable_ipv6"
        ):  # no IPv6 here (not built in, or the MTU is too small for it)
            return
        raise refused_by_file(change, f"write {value} into {path}", error) from error
    except OSError as error:
        error.filename = path
        raise refused_by_file(change, f"write {value} into {path}", error) from error


def _write_secret(change: Change) -> None:
    """Give the link a secret for stable addresses (RFC 7217) unless it has one: the same at every boot of this host."""
    path = f"{SETTINGS}/ipv6/conf/{change.name}/stable_secret"
    try:
        with open(path, "rb") as file:
            file.read()
        return
    except FileNotFoundError:
        return
    except OSError:  # EIO: none yet (Documentation/networking/ip-sysctl.rst)
        pass
    import hashlib
    import socket

    digest = hashlib.sha256(
        identity() + b"\0stable-privacy\0" + change.name.encode("utf-8", "surrogateescape")
    ).digest()
    _write(change, f"ipv6/conf/{change.name}/stable_secret", socket.inet_ntop(socket.AF_INET6, digest[:16]))

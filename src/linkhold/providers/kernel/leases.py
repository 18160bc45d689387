"""Laying what was leased on interfaces: addresses with an end, routes of servers and routers, name servers.

For a client that speaks the protocols but leaves the interface to us (`executor.host` brings the two together). Routes say
who gave them (RTPROT_DHCP, RTPROT_RA), so that `show` has them under ``running``.
"""

from __future__ import annotations

import errno
import os
import typing

from linkhold.foundation.failures import Failure, NotPermitted, Refused
from linkhold.providers.kernel.applying import files
from linkhold.providers.kernel.applying.ipv6_policy import MODES, SETTINGS
from linkhold.providers.kernel.netlink import address, link, route
from linkhold.providers.kernel.netlink.message import u32
from linkhold.providers.kernel.netlink.socket import Netlink, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.providers.kernel.netlink.message import Request

_PROTOCOLS = {"dhcp": route.RTPROT_DHCP, "ra": route.RTPROT_RA, "kernel": route.RTPROT_KERNEL}
IPV6_LEAST_MTU = 1280  # RFC 8200, section 5
_GONE = (errno.ENODEV, errno.ENOENT, errno.ESRCH, errno.EADDRNOTAVAIL, errno.ENXIO)
_THERE = (errno.EEXIST, errno.ENETDOWN)
"""What is fine for what shall be there: a link that is down gets its routes when it is up again, as the client tells then."""


class Address(typing.Protocol):
    """See `providers.dhcpcd.wanted.LeasedAddress`."""

    @property
    def ip(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def broadcast(self) -> str: ...
    @property
    def valid(self) -> int | None: ...
    @property
    def preferred(self) -> int | None: ...
    @property
    def metric(self) -> int: ...
    @property
    def bare(self) -> bool: ...


class LeasedRoute(typing.Protocol):
    """See `providers.dhcpcd.wanted.LeasedRoute`."""

    @property
    def destination(self) -> str: ...
    @property
    def gateway(self) -> str: ...
    @property
    def table(self) -> int: ...
    @property
    def metric(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def valid(self) -> int | None: ...
    @property
    def preference(self) -> int: ...
    @property
    def near(self) -> bool: ...


class Link(typing.NamedTuple):
    """An interface that is there, by its index."""

    number: int
    mac: str
    carrier: bool


class Leases:
    """The kernel's side of leases. `root` is put before the paths of files in /etc and /run.

    Raises (all methods):
        Refused, NotPermitted: the kernel said no, or a file can't be written.
    """

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._netlink: Netlink | None = None

    @property
    def netlink(self) -> Netlink:
        """The socket, opened on first use."""
        if self._netlink is None:
            self._netlink = Netlink()
        return self._netlink

    def close(self) -> None:
        """Close the socket."""
        if self._netlink is not None:
            self._netlink.close()
            self._netlink = None

    def link(self, interface: str) -> Link | None:
        """The interface of this name, nothing where there is none."""
        found = link.read(self.netlink, interface)
        return None if found is None else Link(found.index, found.address or "", found.has_carrier)

    def take(self, interface: str, addresses: Sequence[Address], routes: Sequence[LeasedRoute]) -> None:
        """Take these off it; an address that has become a static one stays."""
        index = self._index(interface)
        lasting = self._lasting(index) if addresses else set()
        asked = [(f"take the route to {one.destination} off", route.remove(_route(index, one))) for one in routes]
        asked += [
            (f"take {one.ip}/{one.length} off", address.remove(index, one.ip, one.length))
            for one in addresses
            if (one.ip, one.length) not in lasting
        ]
        self._ask(interface, asked, _GONE)

    def give(self, interface: str, addresses: Sequence[Address], routes: Sequence[LeasedRoute]) -> list[str]:
        """Give it these, or renew them; an address that is a static one stays so. What the kernel refused, in words."""
        index = self._index(interface)
        lasting = self._lasting(index) if addresses else set()
        asked = [
            (f"give {interface} the leased address {one.ip}/{one.length}", _address(index, one))
            for one in addresses
            if (one.ip, one.length) not in lasting
        ]
        # the same route again is refused, which puts off its end all the same (`fib6_add_rt2node` of net/ipv6/ip6_fib.c)
        asked += [
            (
                f"lay the route to {one.destination} through {one.gateway or interface}",
                route.add(_route(index, one, lasting=False), append=True),
            )
            for one in routes
        ]
        return self._refusals(asked, _THERE)

    def leave_to_client(self, interface: str, family: str) -> None:
        """The kernel makes nothing of advertisements by itself any more, and loses what it has made."""
        if family == "ipv4":
            # without it the kernel takes all addresses of a network away together with its first one
            self._set(f"ipv4/conf/{interface}/promote_secondaries", "1")
            return
        self._set(f"ipv6/conf/{interface}/accept_ra", "0")
        index = self._index(interface)
        asked: list[tuple[str, Request]] = []
        for one in address.dump(self.netlink, family=address.AF_INET6, index=index):
            if not one.is_permanent and _made_by_kernel(one.flags, one.protocol):
                asked.append((f"take {one.address} off", address.remove(index, one.address, one.prefix_length)))
        for learned in route.dump(self.netlink, family=route.AF_INET6, protocol=route.RTPROT_RA, oif=index):
            asked.append((f"take the route to {learned.destination} off", route.remove(route.same(learned))))
        self._ask(interface, asked, _GONE)

    def advertised(self, interface: str, mtu: int, hop_limit: int) -> None:
        """What routers ask of IPv6 on this link (RFC 4861, sections 4.2 and 4.6.4); 0 for the usual."""
        found = link.read(self.netlink, interface)
        most = 0 if found is None or found.mtu is None else found.mtu
        usual = self._setting("ipv6/conf/default/hop_limit")
        wanted = {
            "mtu": str(mtu if IPV6_LEAST_MTU <= mtu <= most else most),
            "hop_limit": str(hop_limit) if hop_limit else usual,
        }
        for name, value in wanted.items():
            path = f"ipv6/conf/{interface}/{name}"
            if self._setting(path) not in ("", value):
                self._set(path, value, fine=(errno.ENOENT, errno.EINVAL))  # EINVAL: the link's own changed meanwhile

    def generation(self, interface: str, mode: str) -> None:
        """How link-local addresses are made from now on."""
        number = MODES.get(mode)
        path = f"ipv6/conf/{interface}/addr_gen_mode"
        if number is not None and self._setting(path) not in ("", str(number)):
            self._set(path, str(number), fine=(errno.ENOENT, errno.EINVAL))  # EINVAL: no secret for stable ones yet

    def accepts_advertisements(self, interface: str) -> str:
        """The kernel's setting, '' where it has none."""
        return self._setting(f"ipv6/conf/{interface}/accept_ra")

    def accept_advertisements(self, interface: str, setting: str) -> None:
        """Put the kernel's setting back."""
        self._set(f"ipv6/conf/{interface}/accept_ra", setting)

    def names_changed(self, interface: str, servers: Sequence[str], search: Sequence[str]) -> None:
        """Let the host's resolver know what leases say now."""
        from linkhold.providers.kernel.applying import resolving

        try:
            resolving.set_leased(self._root, interface, servers, search)
        except OSError as error:
            raise _unwritable("set the name servers", error) from error

    def _index(self, interface: str) -> int:
        found = link.read(self.netlink, interface)
        if found is None:
            raise Refused(f"{interface} is gone", answer="ENODEV")
        return int(found.index)

    def _lasting(self, index: int) -> set[tuple[str, int]]:
        return {(one.address, one.prefix_length) for one in address.dump(self.netlink, index=index) if one.is_permanent}

    def _ask(self, interface: str, asked: Sequence[tuple[str, Request]], fine: Sequence[int]) -> None:
        refused = self._refusals(asked, fine)
        if refused:
            raise Refused(f"{interface}: {refused[0]}", answer=refused[0])

    def _refusals(self, asked: Sequence[tuple[str, Request]], fine: Sequence[int]) -> list[str]:
        found = []
        outcomes = self.netlink.batch([request for _, request in asked])
        for (what, _), outcome in zip(asked, outcomes, strict=True):
            if isinstance(outcome, Refusal) and outcome.errno not in fine:
                words = f"the kernel refused to {what} ({outcome})"
                if outcome.errno == errno.EPERM:
                    raise NotPermitted(words, answer=str(outcome))
                found.append(words)
        return found

    def _setting(self, path: str) -> str:
        try:
            return files.read(f"{SETTINGS}/{path}").strip()
        except OSError:  # EIO: a stable secret that is not set; or no such thing in this kernel
            return ""

    def _set(self, path: str, value: str, *, fine: Sequence[int] = (errno.ENOENT,)) -> None:
        try:
            handle = os.open(f"{SETTINGS}/{path}", os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(handle, value.encode())
            finally:
                os.close(handle)
        except OSError as error:
            if error.errno not in fine:
                raise _unwritable(f"write {value} into {path}", error) from error


def _unwritable(what: str, error: OSError) -> Failure:
    kind = NotPermitted if error.errno in (errno.EPERM, errno.EACCES) else Refused
    return kind(f"the host refused to {what} ({error})", answer=str(error))


def _made_by_kernel(flags: int, protocol: int) -> bool:
    """Addresses of its own making (IFA_PROTO, Linux 5.18); older kernels mark those whose network they made a route for by
    not marking them."""
    if protocol != address.IFAPROT_UNSPEC:
        return protocol == address.IFAPROT_KERNEL_RA
    return not flags & address.IFA_F_NOPREFIXROUTE


def _address(index: int, one: Address) -> Request:
    forever = address.FOREVER
    return address.add(
        index,
        one.ip,
        one.length,
        broadcast=one.broadcast or None,
        flags=address.IFA_F_NOPREFIXROUTE if one.bare else 0,
        preferred_lifetime=forever if one.preferred is None else one.preferred,
        valid_lifetime=forever if one.valid is None else one.valid,
        metric=one.metric or None,
        replace=True,
    )


def _route(index: int, one: LeasedRoute, *, lasting: bool = True) -> bytes:
    destination, _, length = one.destination.partition("/")
    payload = route.build(
        destination,
        int(length),
        table=one.table,
        protocol=_PROTOCOLS[one.protocol],
        oif=index,
        gateway=one.gateway or None,
        metric=one.metric,
        preferred_source=one.source or None,
        flags=route.RTNH_F_ONLINK if one.near else 0,
        preference=one.preference or None,
    )
    return payload if lasting or one.valid is None else payload + u32(route.RTA_EXPIRES, one.valid)

"""MPTCP endpoints and limits: family `mptcp_pm` of `include/uapi/linux/mptcp.h`, `net/mptcp/pm_netlink.c`."""

from __future__ import annotations

from linkhold.providers.kernel.netlink.generic import Generic, build
from linkhold.providers.kernel.netlink.message import (
    Request,
    attribute,
    attributes,
    i32,
    ip_bytes,
    nested,
    to_i32,
    to_ip,
    to_u8,
    to_u16,
    to_u32,
    u8,
    u16,
    u32,
)

MPTCP_PM_NAME = "mptcp_pm"

MPTCP_PM_CMD_ADD_ADDR = 1
MPTCP_PM_CMD_DEL_ADDR = 2
MPTCP_PM_CMD_GET_ADDR = 3
MPTCP_PM_CMD_FLUSH_ADDRS = 4
MPTCP_PM_CMD_SET_LIMITS = 5
MPTCP_PM_CMD_GET_LIMITS = 6
MPTCP_PM_CMD_SET_FLAGS = 7

MPTCP_PM_ATTR_ADDR = 1
MPTCP_PM_ATTR_RCV_ADD_ADDRS = 2
MPTCP_PM_ATTR_SUBFLOWS = 3

MPTCP_PM_ADDR_ATTR_FAMILY = 1
MPTCP_PM_ADDR_ATTR_ID = 2
MPTCP_PM_ADDR_ATTR_ADDR4 = 3
MPTCP_PM_ADDR_ATTR_ADDR6 = 4
MPTCP_PM_ADDR_ATTR_PORT = 5
MPTCP_PM_ADDR_ATTR_FLAGS = 6
MPTCP_PM_ADDR_ATTR_IF_IDX = 7

MPTCP_PM_ADDR_FLAG_SIGNAL = 1 << 0
MPTCP_PM_ADDR_FLAG_SUBFLOW = 1 << 1
MPTCP_PM_ADDR_FLAG_BACKUP = 1 << 2
MPTCP_PM_ADDR_FLAG_FULLMESH = 1 << 3
MPTCP_PM_ADDR_FLAG_IMPLICIT = 1 << 4
MPTCP_PM_ADDR_FLAG_LAMINAR = 1 << 5

AF_INET = 2
AF_INET6 = 10


class Endpoint:
    """An address MPTCP may use. `id` 0: the kernel chooses; `index` 0: of no link; `flags`: MPTCP_PM_ADDR_FLAG_*."""

    __slots__ = ("address", "flags", "id", "index", "port")

    def __init__(self, address: str, *, id: int = 0, flags: int = 0, index: int = 0, port: int = 0) -> None:  # noqa: A002
        self.address = address
        self.id = id
        self.flags = flags
        self.index = index
        self.port = port

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Endpoint):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Endpoint({self.address!r}, id={self.id}, flags={self.flags:#x}, index={self.index}, port={self.port})"

    def _key(self) -> tuple[str, int, int, int, int]:
        return self.address, self.id, self.flags, self.index, self.port


class Limits:
    """Of one connection: how many addresses of the peer are taken up, how many further subflows there may be."""

    __slots__ = ("accepted_addresses", "subflows")

    def __init__(self, accepted_addresses: int, subflows: int) -> None:
        self.accepted_addresses = accepted_addresses
        self.subflows = subflows


class Mptcp:
    """The path manager of this network namespace. Raises Unsupported when the kernel has none, Refusal."""

    def __init__(self, generic: Generic) -> None:
        self._generic = generic
        self._family = generic.family(MPTCP_PM_NAME)

    def endpoints(self) -> list[Endpoint]:
        answers = self._generic.dump(self._family, MPTCP_PM_CMD_GET_ADDR)
        return [decode(found[MPTCP_PM_ATTR_ADDR]) for _, found in answers if MPTCP_PM_ATTR_ADDR in found]

    def add(self, endpoint: Endpoint) -> Request:
        """For Generic.batch. Refused with EEXIST when there is one with this address."""
        return build(self._family, MPTCP_PM_CMD_ADD_ADDR, encode(endpoint))

    def remove(self, endpoint: Endpoint) -> Request:
        """For Generic.batch. The kernel goes by the id, so give an endpoint as `endpoints` told it."""
        return build(self._family, MPTCP_PM_CMD_DEL_ADDR, encode(endpoint))

    def change_flags(self, endpoint: Endpoint) -> Request:
        """For Generic.batch. Only BACKUP and FULLMESH can change; all else needs removing and adding."""
        return build(self._family, MPTCP_PM_CMD_SET_FLAGS, encode(endpoint))

    def limits(self) -> Limits:
        for _, found in self._generic.request(self._family, MPTCP_PM_CMD_GET_LIMITS):
            if MPTCP_PM_ATTR_RCV_ADD_ADDRS in found and MPTCP_PM_ATTR_SUBFLOWS in found:
                return Limits(to_u32(found[MPTCP_PM_ATTR_RCV_ADD_ADDRS]), to_u32(found[MPTCP_PM_ATTR_SUBFLOWS]))
        return Limits(0, 0)

    def set_limits(self, limits: Limits) -> Request:
        """For Generic.batch. Each at most 8."""
        return build(
            self._family,
            MPTCP_PM_CMD_SET_LIMITS,
            u32(MPTCP_PM_ATTR_RCV_ADD_ADDRS, limits.accepted_addresses),
            u32(MPTCP_PM_ATTR_SUBFLOWS, limits.subflows),
        )


def encode(endpoint: Endpoint) -> bytes:
    """MPTCP_PM_ATTR_ADDR. Raises OSError when the text is no address."""
    address = ip_bytes(endpoint.address)
    wide = len(address) == 16
    parts = [
        u16(MPTCP_PM_ADDR_ATTR_FAMILY, AF_INET6 if wide else AF_INET),
        attribute(MPTCP_PM_ADDR_ATTR_ADDR6 if wide else MPTCP_PM_ADDR_ATTR_ADDR4, address),
    ]
    if endpoint.id:
        parts.append(u8(MPTCP_PM_ADDR_ATTR_ID, endpoint.id))
    if endpoint.flags:
        parts.append(u32(MPTCP_PM_ADDR_ATTR_FLAGS, endpoint.flags))
    if endpoint.index:
        parts.append(i32(MPTCP_PM_ADDR_ATTR_IF_IDX, endpoint.index))
    if endpoint.port:
        parts.append(u16(MPTCP_PM_ADDR_ATTR_PORT, endpoint.port))
    return nested(MPTCP_PM_ATTR_ADDR, *parts)


def decode(payload: bytes) -> Endpoint:
    """The inside of MPTCP_PM_ATTR_ADDR. Raises Malformed."""
    found = attributes(payload)
    address = found.get(MPTCP_PM_ADDR_ATTR_ADDR4) or found.get(MPTCP_PM_ADDR_ATTR_ADDR6) or b""
    return Endpoint(
        to_ip(address),
        id=to_u8(found.get(MPTCP_PM_ADDR_ATTR_ID, b"\0")),
        flags=to_u32(found.get(MPTCP_PM_ADDR_ATTR_FLAGS, bytes(4))),
        index=to_i32(found.get(MPTCP_PM_ADDR_ATTR_IF_IDX, bytes(4))),
        port=to_u16(found.get(MPTCP_PM_ADDR_ATTR_PORT, bytes(2))),
    )

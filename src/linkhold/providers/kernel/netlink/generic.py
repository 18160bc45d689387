"""Generic netlink: families found by name. Source: `include/uapi/linux/genetlink.h`, `net/netlink/genetlink.c`."""

from __future__ import annotations

import errno
import struct

from linkhold.providers.kernel.netlink.message import (
    Malformed,
    Request,
    attributes,
    pairs,
    string,
    to_string,
    to_u16,
    to_u32,
    unpack,
)
from linkhold.providers.kernel.netlink.socket import NETLINK_GENERIC, Netlink, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from linkhold.providers.kernel.netlink.message import Message
    from linkhold.providers.kernel.netlink.socket import Outcome

GENL_ID_CTRL = 0x10
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID = 1
CTRL_ATTR_FAMILY_NAME = 2
CTRL_ATTR_VERSION = 3
CTRL_ATTR_MCAST_GROUPS = 7
CTRL_ATTR_MCAST_GRP_NAME = 1
CTRL_ATTR_MCAST_GRP_ID = 2

_GENLMSGHDR = struct.Struct("=BBH")

Answer = tuple[int, dict[int, bytes]]
"""A reply of a family: its command, and its attributes."""


class Unsupported(Exception):
    """This kernel does not have a generic netlink family (built without it, or its module is not there)."""

    def __init__(self, family: str) -> None:
        super().__init__(f"this kernel has no netlink family {family!r}")
        self.family = family


class Family:
    """A family as this kernel numbers it; `groups` are its multicast groups by name."""

    __slots__ = ("groups", "id", "name", "version")

    def __init__(self, name: str, id: int, version: int, groups: dict[str, int]) -> None:  # noqa: A002
        self.name = name
        self.id = id
        self.version = version
        self.groups = groups


class Generic:
    """A generic netlink socket that remembers the families it has looked up."""

    def __init__(self) -> None:
        self.netlink = Netlink(NETLINK_GENERIC)
        self._families: dict[str, Family | None] = {}

    def family(self, name: str) -> Family:
        """Raises Unsupported when the kernel does not have it, Refusal."""
        if name not in self._families:
            self._families[name] = self._look_up(name)
        found = self._families[name]
        if found is None:
            raise Unsupported(name)
        return found

    def request(self, family: Family, command: int, *parts: bytes, flags: int = 0) -> list[Answer]:
        """Send one command with its attributes. Raises Refusal, Malformed."""
        return [answer(each) for each in self.netlink.request(*build(family, command, *parts, flags=flags))]

    def dump(self, family: Family, command: int, *parts: bytes) -> list[Answer]:
        """Everything the command tells. Raises Refusal, Malformed."""
        kind, _, payload = build(family, command, *parts)
        return [answer(each) for each in self.netlink.dump(kind, payload)]

    def batch(self, requests: Iterable[Request]) -> list[Outcome]:
        """Many requests made by `build`, see Netlink.batch."""
        return self.netlink.batch(requests)

    def close(self) -> None:
        self.netlink.close()

    def __enter__(self) -> Generic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _look_up(self, name: str) -> Family | None:
        ask = _GENLMSGHDR.pack(CTRL_CMD_GETFAMILY, 2, 0) + string(CTRL_ATTR_FAMILY_NAME, name)
        try:
            replies = self.netlink.request(GENL_ID_CTRL, 0, ask)
        except Refusal as refusal:
            if refusal.errno == errno.ENOENT:
                return None
            raise
        for each in replies:
            _, found = answer(each)
            try:
                number, version = to_u16(found[CTRL_ATTR_FAMILY_ID]), to_u32(found[CTRL_ATTR_VERSION])
            except KeyError as missing:
                raise Malformed(f"family {name!r} without attribute {missing}") from None
            return Family(name, number, version, _groups(found.get(CTRL_ATTR_MCAST_GROUPS, b"")))
        return None


def build(family: Family, command: int, *parts: bytes, flags: int = 0) -> Request:
    """A command of a family with its attributes."""
    return family.id, flags, _GENLMSGHDR.pack(command, family.version & 0xFF, 0) + b"".join(parts)


def answer(reply: Message) -> Answer:
    """Raises Malformed."""
    _, data = reply
    command, _, _ = unpack(_GENLMSGHDR, data)
    return command, attributes(data, 4)


def _groups(payload: bytes) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, body in pairs(payload):
        group = attributes(body)
        if CTRL_ATTR_MCAST_GRP_NAME in group and CTRL_ATTR_MCAST_GRP_ID in group:
            found[to_string(group[CTRL_ATTR_MCAST_GRP_NAME])] = to_u32(group[CTRL_ATTR_MCAST_GRP_ID])
    return found

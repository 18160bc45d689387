"""All links of one reading, and what they are to each other."""

from __future__ import annotations

import sys

from linkhold.providers.kernel.names import Names
from linkhold.providers.kernel.netlink.link import (
    IFLA_IFNAME,
    IFLA_INFO_KIND,
    IFLA_LINK,
    IFLA_LINK_NETNSID,
    IFLA_MASTER,
    LinkMessage,
)
from linkhold.providers.kernel.netlink.message import to_string

IFLA_VRF_TABLE = 1
_VRF = b"vrf\0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkhold.providers.kernel.netlink.bridge_vlan import VlanRange


class Links:
    """Links by index, with the names of those around them.

    `wanted` are the indexes of the links to show; other links may be known because a shown one mentions them.
    """

    __slots__ = ("_names", "_partial", "_ports", "by_index", "names", "vlans", "wanted")

    def __init__(self, messages: Iterable[LinkMessage], wanted: frozenset[int] | None = None) -> None:
        self.by_index = {message.index: message for message in messages}
        self._partial = wanted is not None
        self.wanted = self.by_index.keys() if wanted is None else wanted
        self._names = {index: _name(message) for index, message in self.by_index.items()}
        self.names = Names(self._names)
        self.vlans: dict[int, list[VlanRange]] = {}
        self._ports: dict[int, list[int]] | None = None

    def name(self, index: int | None) -> str | None:
        """The name of a link of this network namespace."""
        return None if not index else self._names.get(index)

    def parent(self, link: LinkMessage) -> str | None:
        """What it rides on; of a veth, its peer. None when there is none, or when it is in another namespace."""
        return self.name(link.parent) if IFLA_LINK in link.attributes and self.is_local(link) else None

    @property
    def partial(self) -> bool:
        """Whether only some links of the host are shown."""
        return self._partial

    def shows(self, index: int | None) -> bool:
        """Whether the link with this index is to be shown."""
        return index in self.wanted

    def is_local(self, link: LinkMessage) -> bool:
        """Whether the index in IFLA_LINK is one of this namespace."""
        return IFLA_LINK_NETNSID not in link.attributes

    def tables(self) -> set[int]:
        """The routing tables of VRFs."""
        vrfs = [message for message in self.by_index.values() if message.info.get(IFLA_INFO_KIND) == _VRF]
        return {int.from_bytes(message.data.get(IFLA_VRF_TABLE, b""), sys.byteorder) for message in vrfs}

    def ports(self, index: int) -> list[LinkMessage]:
        """The ports of a controller, sorted by name."""
        if self._ports is None:
            self._ports = {}
            for message in self.by_index.values():
                if IFLA_MASTER in message.attributes:
                    self._ports.setdefault(message.controller or 0, []).append(message.index)
        indexes = sorted(self._ports.get(index, ()), key=self._names.__getitem__)
        return [self.by_index[one] for one in indexes]

    def port_names(self, index: int) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(self._names[port.index] for port in self.ports(index))


def _name(message: LinkMessage) -> str:
    return to_string(message.attributes.get(IFLA_IFNAME, b""))

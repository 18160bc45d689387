"""A kernel on paper: what a leaf writes is put into a link message, as the kernel would show it, and read by the leaf."""

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel import links as leaves
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.link import LinkMessage
from linkhold.providers.kernel.netlink.message import NLA_F_NESTED, attribute, attributes, i32, nested, string, u32
from linkhold.providers.kernel.observe.table import Links
from linkhold.state.interfaces import kind_class

INDEX = 100
"""That of the link under test."""


def message(index: int, name: str, *parts: bytes) -> LinkMessage:
    """A link message as in a dump."""
    return LinkMessage(link.header(index) + string(link.IFLA_IFNAME, name) + b"".join(parts))


def info(kind: str, data: bytes, port_kind: str = "", port: bytes = b"") -> bytes:
    """IFLA_LINKINFO."""
    inside = string(link.IFLA_INFO_KIND, kind) + nested(link.IFLA_INFO_DATA, data) if kind else b""
    if port_kind:
        inside += string(link.IFLA_INFO_SLAVE_KIND, port_kind) + nested(link.IFLA_INFO_SLAVE_DATA, port)
    return nested(link.IFLA_LINKINFO, inside)


def joined(data: dict[int, bytes]) -> bytes:
    """Attributes of a map."""
    return b"".join(attribute(kind | (NLA_F_NESTED if kind == 8 else 0), payload) for kind, payload in data.items())


def neighbours(*names: str) -> dict[str, int]:
    """Indexes for the names that a value mentions."""
    return {name: number for number, name in enumerate(sorted(set(names)), 1)}


def shown(interface, indexes, data: dict[int, bytes]):
    """The interface that is read from these IFLA_INFO_DATA; its ports are read from what the leaf writes for each."""
    leaf = leaves.leaf(interface.kind)
    parent = leaves.parent(interface)
    parts = [i32(link.IFLA_LINK, indexes[parent])] if isinstance(parent, str) and parent else []
    here = message(INDEX, interface.name, *parts, info(leaves.kernel_kind(interface), joined(data)))
    ports = set(interface.ports) if interface.is_controller and isinstance(interface.ports, tuple) else set()
    others = [_other(leaf, interface, index, name, name in ports) for name, index in indexes.items()]
    links = Links([here, *others])
    section = leaf.decode(here, links) if leaf.SECTION else UNSET
    return kind_class(interface.kind)(name=interface.name, **({leaf.SECTION: section} if leaf.SECTION else {}))


def _other(leaf, interface, index: int, name: str, is_port: bool) -> LinkMessage:
    if not is_port:
        return message(index, name)
    data = leaf.encode_port(None, interface, name) if hasattr(leaf, "encode_port") else b""
    return message(index, name, u32(link.IFLA_MASTER, INDEX), info("", b"", leaf.KERNEL_KIND, data))


def written(interface, indexes) -> dict[int, bytes]:
    """IFLA_INFO_DATA of an interface that is being made, with what has to wait for its ports."""
    leaf = leaves.leaf(interface.kind)
    late = leaf.encode_late(None, interface, indexes) if hasattr(leaf, "encode_late") else b""
    return attributes(leaf.encode(None, interface, indexes) + late)


def changed(before, after, indexes) -> dict[int, bytes]:
    """The same for a change in place."""
    leaf = leaves.leaf(after.kind)
    late = leaf.encode_late(before, after, indexes) if hasattr(leaf, "encode_late") else b""
    return attributes(leaf.encode(before, after, indexes) + late)

"""Tunnels of IP in IP or GRE: IFLA_IPTUN_*, IFLA_GRE_*, IFLA_VTI_* of `include/uapi/linux/if_tunnel.h`.

The kernel has a kind for each combination. What a change does not say it takes as zero (`ipip_netlink_parms` and its
like), so a change always says everything.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import BOOL, IP, U8, U32, Codec, Row, decode_rows, encode_rows, section
from linkhold.providers.kernel.netlink.message import be16, be32, u8, u32
from linkhold.state.interfaces.ip_tunnel import IpTunnelConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = ""
SECTION = "ip_tunnel"

IFLA_IPTUN_LINK = 1
IFLA_IPTUN_PROTO = 9
IFLA_GRE_LINK = 1
IFLA_GRE_IFLAGS = 2
IFLA_GRE_OFLAGS = 3
IFLA_GRE_IKEY = 4
IFLA_GRE_OKEY = 5
GRE_KEY = 0x2000
IPPROTO_IPIP = 4
IPPROTO_IPV6 = 41

_BE32 = Codec(lambda payload: int.from_bytes(payload, "big"), lambda value: int(value).to_bytes(4, "big"))
_LABEL = Codec(lambda payload: int.from_bytes(payload, "big") & 0xFFFFF, _BE32.encode)

_IPTUN = (
    Row("local", 2, IP),
    Row("remote", 3, IP),
    Row("ttl", 4, U8),
    Row("tos", 5, U8),
    Row("path_mtu_discovery", 10, BOOL),
)
_IP6TUN = (
    Row("local", 2, IP),
    Row("remote", 3, IP),
    Row("ttl", 4, U8),
    Row("encapsulation_limit", 6, U8),
    Row("flow_label", 7, _LABEL),
)
_GRE_ENDS = (Row("local", 6, IP), Row("remote", 7, IP), Row("ttl", 8, U8))
_GRE = (*_GRE_ENDS, Row("tos", 9, U8), Row("path_mtu_discovery", 10, BOOL))
_IP6GRE = (*_GRE_ENDS, Row("encapsulation_limit", 11, U8), Row("flow_label", 12, _LABEL))
_VTI = (Row("local", 4, IP), Row("remote", 5, IP), Row("input_key", 2, _BE32), Row("output_key", 3, _BE32))

KERNEL_KINDS = {
    "ipip": "ipip",
    "sit": "sit",
    "gre": "gre",
    "gretap": "gretap",
    "ipip6": "ip6tnl",
    "ip6ip6": "ip6tnl",
    "ip6gre": "ip6gre",
    "ip6gretap": "ip6gretap",
    "vti": "vti",
    "vti6": "vti6",
}
"""The kernel's kind by mode."""
_ROWS = {
    "ipip": _IPTUN,
    "sit": _IPTUN,
    "gre": _GRE,
    "gretap": _GRE,
    "ip6tnl": _IP6TUN,
    "ip6gre": _IP6GRE,
    "ip6gretap": _IP6GRE,
    "vti": _VTI,
    "vti6": _VTI,
}
_KEYED = frozenset({"gre", "gretap", "ip6gre", "ip6gretap"})
_PROTOCOLS = {"ipip6": IPPROTO_IPIP, "ip6ip6": IPPROTO_IPV6}


def kernel_kind(interface: Interface) -> str:
    """IFLA_INFO_KIND for the mode of a tunnel, '' when it says none that can be made."""
    found = section(interface, SECTION)
    return KERNEL_KINDS.get(found.get("mode"), "") if found is not None else ""


def decode(link: LinkMessage, links: Links) -> IpTunnelConfig:
    """The section of one tunnel."""
    kind, data = link.kind or "", link.data
    said = decode_rows(_ROWS.get(kind, ()), data)
    if kind in _KEYED:
        said |= _decode_keys(data)
    return IpTunnelConfig(
        mode=_mode(kind, data), parent=_parent(data, links) if links.is_local(link) else UNSET, **said
    )


def _mode(kind: str, data: Mapping[int, bytes]) -> Any:
    if kind != "ip6tnl":
        return kind if kind in KERNEL_KINDS else "unknown"
    protocol = U8.decode(data.get(IFLA_IPTUN_PROTO, b""))
    return {IPPROTO_IPIP: "ipip6", IPPROTO_IPV6: "ip6ip6"}.get(protocol, "unknown")


def _parent(data: Mapping[int, bytes], links: Links) -> str | Unset:
    """IFLA_*_LINK is 1 in all of them."""
    return links.name(U32.decode(data.get(IFLA_IPTUN_LINK, b""))) or UNSET


def _decode_keys(data: Mapping[int, bytes]) -> dict[str, object]:
    keys: dict[str, object] = {}
    for field, flags, key in (
        ("input_key", IFLA_GRE_IFLAGS, IFLA_GRE_IKEY),
        ("output_key", IFLA_GRE_OFLAGS, IFLA_GRE_OKEY),
    ):
        if int.from_bytes(data.get(flags, b""), "big") & GRE_KEY:
            keys[field] = int.from_bytes(data.get(key, b""), "big")
    return keys


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA, whole when anything differs. Raises KeyError when the parent does not exist."""
    new = section(after, SECTION)
    if not isinstance(new, IpTunnelConfig) or new == section(before, SECTION):
        return b""
    kind = kernel_kind(after)
    nowhere = UNSET if before is None else "::" if "6" in kind else "0.0.0.0"
    said = new.replace(**{end: nowhere for end in ("local", "remote") if new.get(end) == ""})
    written = encode_rows(_ROWS.get(kind, ()), None, said)
    if isinstance(new.parent, str) and new.parent:
        written += u32(IFLA_IPTUN_LINK, indexes[new.parent])
    if isinstance(new.mode, str) and new.mode in _PROTOCOLS:
        written += u8(IFLA_IPTUN_PROTO, _PROTOCOLS[new.mode])
    return written + (_encode_keys(new) if kind in _KEYED else b"")


def _encode_keys(new: IpTunnelConfig) -> bytes:
    written = b""
    if isinstance(new.input_key, int):
        written += be16(IFLA_GRE_IFLAGS, GRE_KEY) + be32(IFLA_GRE_IKEY, new.input_key)
    if isinstance(new.output_key, int):
        written += be16(IFLA_GRE_OFLAGS, GRE_KEY) + be32(IFLA_GRE_OKEY, new.output_key)
    return written

"""WireGuard: made like any link; its keys and peers are not in rtnetlink but in a generic netlink family of its own."""

from linkhold.providers.kernel.links.plain import decode, encode

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = "wireguard"
SECTION = ""

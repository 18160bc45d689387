"""Network cards: hardware, so netlink neither makes them nor says more of them. Their settings are ethtool's."""

from linkhold.providers.kernel.links.plain import decode, encode

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = ""
SECTION = ""

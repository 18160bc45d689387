"""The loopback interface: always there, nothing to say beyond its kind."""

from linkhold.providers.kernel.links.plain import decode, encode

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = ""
SECTION = ""

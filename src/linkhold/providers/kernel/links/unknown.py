"""Kinds that this version has no words for: their common properties are shown and can be set."""

from linkhold.providers.kernel.links.plain import decode, encode

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = ""
SECTION = ""

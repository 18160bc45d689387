"""Dummies: nothing to say beyond their kind."""

from linkhold.providers.kernel.links.plain import decode, encode

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = "dummy"
SECTION = ""

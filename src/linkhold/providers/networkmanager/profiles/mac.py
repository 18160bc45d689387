"""MAC addresses: texts in the state, bytes in profiles."""


def to_bytes(text: str) -> bytes:
    """The bytes of a MAC in canonical spelling."""
    return bytes.fromhex(text.replace(":", ""))


def to_text(raw: bytes) -> str:
    """The canonical spelling."""
    return bytes(raw).hex(":").upper()

"""The setting ``802-1x``: port authentication."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.ieee8021x import Ieee8021X

SETTING: typing.Final = "802-1x"
_SCHEMES: typing.Final = ("file://", "pkcs11:")


def blob(path: str) -> bytes | None:
    """A certificate or key by its path, as profiles name it: a URL and a zero byte."""
    if not path:
        return None
    if path.startswith("pkcs11:"):
        return path.encode() + b"\0"
    return f"file://{path.removeprefix('file://')}".encode() + b"\0"


def path_of(raw: bytes) -> str:
    """The other way; '' for a certificate that stands in the profile itself."""
    text = bytes(raw).rstrip(b"\0").decode(errors="replace")
    return text.removeprefix("file://") if text.startswith(_SCHEMES) else ""


_COLUMNS: typing.Final = (
    Column("identity", "identity"),
    Column("eap_methods", "eap", lambda said: list(said) or None, tuple),
    Column("private_key", "private-key", blob, path_of),
    Column("client_cert", "client-cert", blob, path_of),
    Column("ca_cert", "ca-cert", blob, path_of),
    Column("private_key_password", "private-key-password"),
    Column("phase2_auth", "phase2-auth"),
    Column("password", "password"),
)


def encode(said: typing.Any, draft: Draft) -> None:
    """Say what changed."""
    if isinstance(said, Ieee8021X):
        draft.table(SETTING, said, _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``802.1x``, where the profile has the setting."""
    if SETTING not in settings:
        return {}
    return {"ieee8021x": Ieee8021X(**decoded(settings[SETTING], _COLUMNS))}

"""MACsec: encryption of a link (IEEE 802.1AE; IFLA_MACSEC_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Range, Secret, Spelled
from linkhold.state.forms import Parsed
from linkhold.state.interfaces.common import Interface

_DIGITS = frozenset("0123456789abcdefABCDEF")


def _cak(text: str) -> str:
    if len(text) != 32 or not _DIGITS.issuperset(text):
        raise ValueError("32 hexadecimal digits")
    return text


def _ckn(text: str) -> str:
    if not 2 <= len(text) <= 64 or len(text) % 2 or not _DIGITS.issuperset(text):
        raise ValueError("an even number of hexadecimal digits, from 2 to 64")
    return text


class MacSecConfig(Record):
    """On which parent, how strictly, and (for key agreement, MKA) the key and its name."""

    encrypt: typing.Annotated[bool | Unset, Default(False)] = UNSET
    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent"), CreateOnly()] = UNSET
    mka_cak: typing.Annotated[str | Unset, Parsed("32 hexadecimal digits", _cak), Secret()] = UNSET
    mka_ckn: typing.Annotated[str | Unset, Parsed("an even number of hexadecimal digits, from 2 to 64", _ckn)] = UNSET
    port: typing.Annotated[int | Unset, Range(0, 65535), Default(1), CreateOnly()] = UNSET
    validation: typing.Annotated[typing.Literal["disabled", "check", "strict"] | Unset, Default("strict")] = UNSET
    send_sci: typing.Annotated[bool | Unset, Default(True)] = UNSET
    offload: typing.Annotated[typing.Literal["off", "phy", "mac"] | Unset, Default("off")] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """A key has a name."""
        if (self.mka_cak is UNSET) is not (self.mka_ckn is UNSET):
            given, missing = ("mka-ckn", "mka-cak") if self.mka_cak is UNSET else ("mka-cak", "mka-ckn")
            found.error("macsec-key", at, f"'{given}' without '{missing}'", expected="both or none")


class MacSec(Interface):
    """An encrypted interface on another interface."""

    kind: typing.ClassVar[str] = "macsec"

    macsec: MacSecConfig | Unset = UNSET

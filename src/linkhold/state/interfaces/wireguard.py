"""WireGuard tunnels (`include/uapi/linux/wireguard.h`)."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, KeyedBy, Range, ReadOnly, Secret, Unordered
from linkhold.state.forms import Parsed
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import IP_NETWORK


def _key(text: str) -> str:
    import base64

    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("44 characters that end with '=', as `wg genkey` prints them")
    return text


KEY = Parsed("a key of 32 bytes in base64", _key)


class WireguardPeer(Record):
    """The other end of a tunnel. `endpoint` is ``address:port``; `persistent_keepalive` is in seconds, 0 is off."""

    public_key: typing.Annotated[str, KEY]
    preshared_key: typing.Annotated[str | Unset, KEY, Secret()] = UNSET
    endpoint: typing.Annotated[str | Unset, Default("")] = UNSET
    persistent_keepalive: typing.Annotated[int | Unset, Range(0, 65535), Default(0)] = UNSET
    allowed_ips: typing.Annotated[tuple[typing.Annotated[str, IP_NETWORK], ...] | Unset, Unordered(), Default(())] = (
        UNSET
    )


class WireguardConfig(Record):
    """Keys, port and peers."""

    private_key: typing.Annotated[str | Unset, KEY, Secret()] = UNSET
    public_key: typing.Annotated[str | Unset, KEY, ReadOnly()] = UNSET
    listen_port: typing.Annotated[int | Unset, Range(0, 65535)] = UNSET
    fwmark: typing.Annotated[int | Unset, Default(0)] = UNSET
    peers: typing.Annotated[tuple[WireguardPeer, ...] | Unset, KeyedBy("public_key"), Default(())] = UNSET


class Wireguard(Interface):
    """An encrypted tunnel to some peers."""

    kind: typing.ClassVar[str] = "wireguard"
    has_own_mac: typing.ClassVar[bool] = False

    wireguard: WireguardConfig | Unset = UNSET

"""The properties that key files spell in a way of their own."""

import typing

from linkhold.providers.networkmanager.profiles import mac
from linkhold.providers.networkmanager.profiles.keyfile_text import joined, split

_ADDRESS_MODES: typing.Final = ("eui64", "stable-privacy", "default-or-eui64", "default")
"""NMSettingIP6ConfigAddrGenMode."""


class Spelling(typing.NamedTuple):
    """How one property is written, and read."""

    to: typing.Callable[[typing.Any], str]
    back: typing.Callable[[str], typing.Any]


def ranges_text(listed: typing.Iterable[dict[str, typing.Any]]) -> str:
    """``1-10,20 pvid untagged``."""
    words = []
    for one in listed:
        first, last = one.get("vid-start", one.get("start")), one.get("vid-end", one.get("end"))
        flags = "".join(f" {flag}" for flag in ("pvid", "untagged") if one.get(flag))
        words.append((f"{first}" if first == last else f"{first}-{last}") + flags)
    return ",".join(words)


def _read_ranges(text: str, first_key: str, last_key: str) -> list[dict[str, typing.Any]]:
    listed = []
    for part in text.split(","):
        span, *flags = part.split()
        first, _, last = span.partition("-")
        listed.append({first_key: int(first), last_key: int(last or first), **dict.fromkeys(flags, True)})
    return listed


def read_ranges(text: str) -> list[dict[str, typing.Any]]:
    """The other way."""
    return _read_ranges(text, "vid-start", "vid-end")


def _read_trunks(text: str) -> list[dict[str, typing.Any]]:
    return _read_ranges(text, "start", "end")


def certificate_text(raw: bytes) -> str:
    """A path, or a PKCS#11 URL; what is in the profile itself as base64."""
    text = bytes(raw)
    if text.startswith(b"file://") and text.endswith(b"\0"):
        return text[len(b"file://") : -1].decode()
    if text.startswith(b"pkcs11:"):
        return text.rstrip(b"\0").decode()
    import base64

    return "data:;base64," + base64.b64encode(text).decode()


def read_certificate(text: str) -> bytes:
    """The other way."""
    if text.startswith("data:;base64,"):
        import base64

        return base64.b64decode(text.removeprefix("data:;base64,"))
    scheme = "" if text.startswith(("file://", "pkcs11:")) else "file://"
    return f"{scheme}{text}".encode() + b"\0"


def _mode_text(number: int) -> str:
    return _ADDRESS_MODES[number]


def _read_mode(text: str) -> int:
    return _ADDRESS_MODES.index(text) if text in _ADDRESS_MODES else int(text)


_MAC: typing.Final = Spelling(mac.to_text, mac.to_bytes)
_CERTIFICATE: typing.Final = Spelling(certificate_text, read_certificate)
_RANGES: typing.Final = Spelling(ranges_text, read_ranges)

SPELLINGS: typing.Final[dict[tuple[str, str], Spelling]] = {
    ("802-3-ethernet", "mac-address"): _MAC,
    ("infiniband", "mac-address"): _MAC,
    ("bridge", "mac-address"): _MAC,
    ("bridge", "group-address"): _MAC,
    ("bridge", "vlans"): _RANGES,
    ("bridge-port", "vlans"): _RANGES,
    ("ovs-port", "trunks"): Spelling(ranges_text, _read_trunks),
    ("ipv6", "addr-gen-mode"): Spelling(_mode_text, _read_mode),
    **{
        ("802-1x", key): _CERTIFICATE
        for key in (
            "ca-cert", "client-cert", "private-key", "phase2-ca-cert", "phase2-client-cert", "phase2-private-key",
        )
    },
}  # fmt: skip
"""Of the others the D-Bus type says how they are written."""


def vf_text(entry: dict[str, typing.Any]) -> str:
    """A virtual function without its number (nm_utils_sriov_vf_to_str)."""
    words = [f"{key}={_word(value)}" for key, value in sorted(entry.items()) if key not in ("index", "vlans")]
    tags = []
    for vlan in entry.get("vlans", ()):
        protocol, qos = vlan.get("protocol", 0), vlan.get("qos", 0)
        tags.append(f"{vlan['id']}" + (f".{qos}" if qos or protocol else "") + (".ad" if protocol else ""))
    return " ".join([*words, f"vlans={';'.join(tags)}"] if tags else words)


def _word(value: typing.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_vf(index: int, text: str) -> dict[str, typing.Any]:
    """The other way."""
    entry: dict[str, typing.Any] = {"index": index}
    for word in text.split():
        key, _, value = word.partition("=")
        if key == "vlans":
            entry["vlans"] = [_read_tag(tag) for tag in value.split(";") if tag]
        elif value in ("true", "false"):
            entry[key] = value == "true"
        else:
            entry[key] = value if key == "mac" else int(value)
    return entry


def _read_tag(text: str) -> dict[str, typing.Any]:
    number, _, rest = text.partition(".")
    qos, _, protocol = rest.partition(".")
    entry: dict[str, typing.Any] = {"id": int(number)}
    if qos and int(qos):
        entry["qos"] = int(qos)
    if protocol == "ad":
        entry["protocol"] = 1
    return entry


def peer_lines(entry: dict[str, typing.Any]) -> dict[str, str]:
    """A WireGuard peer, whose group is called after its key."""
    lines = {key: str(value) for key, value in sorted(entry.items()) if key not in ("public-key", "allowed-ips")}
    if entry.get("allowed-ips"):
        lines["allowed-ips"] = joined(entry["allowed-ips"])
    return lines


def read_peer(key: str, lines: dict[str, str]) -> dict[str, typing.Any]:
    """The other way."""
    entry: dict[str, typing.Any] = {"public-key": key}
    for name, value in lines.items():
        if name == "allowed-ips":
            entry[name] = split(value)
        else:
            entry[name] = int(value) if name in ("persistent-keepalive", "preshared-key-flags") else value
    return entry

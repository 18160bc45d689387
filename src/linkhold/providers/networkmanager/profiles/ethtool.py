"""The setting ``ethtool``: offload features, pause frames, coalescing, rings, forward error correction."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.state.interfaces.ethtool import Coalesce, Ethtool, Fec, Pause, Ring

SETTING: typing.Final = "ethtool"

_FEATURE: typing.Final = "feature-"

_SAME: typing.Final = (
    "esp-hw-offload esp-tx-csum-hw-offload fcoe-mtu highdma hw-tc-offload l2-fwd-offload loopback "
    "macsec-hw-offload rx-all rx-fcs rx-gro-hw rx-gro-list rx-udp-gro-forwarding rx-udp_tunnel-port-offload "
    "rx-vlan-filter rx-vlan-stag-filter rx-vlan-stag-hw-parse tls-hw-record tls-hw-rx-offload "
    "tls-hw-tx-offload tx-checksum-fcoe-crc tx-checksum-ip-generic tx-checksum-ipv4 tx-checksum-ipv6 "
    "tx-checksum-sctp tx-esp-segmentation tx-fcoe-segmentation tx-gre-csum-segmentation tx-gre-segmentation "
    "tx-gso-list tx-gso-partial tx-gso-robust tx-ipxip4-segmentation tx-ipxip6-segmentation tx-nocache-copy "
    "tx-scatter-gather tx-scatter-gather-fraglist tx-sctp-segmentation tx-tcp-ecn-segmentation "
    "tx-tcp-mangleid-segmentation tx-tcp-segmentation tx-tcp6-segmentation tx-tunnel-remcsum-segmentation "
    "tx-udp-segmentation tx-udp_tnl-csum-segmentation tx-udp_tnl-segmentation tx-vlan-stag-hw-insert"
)
"""Features that are called alike."""

FEATURES: typing.Final[dict[str, str]] = {
    "rx-checksum": "rx",
    "rx-gro": "gro",
    "rx-hashing": "rxhash",
    "rx-lro": "lro",
    "rx-ntuple-filter": "ntuple",
    "rx-vlan-hw-parse": "rxvlan",
    "tx-generic-segmentation": "gso",
    "tx-vlan-hw-insert": "txvlan",
    **{name: name for name in _SAME.split()},
}
"""The kernel's features to NetworkManager's names for exactly them (`nm_ethtool_data`); a profile can hold no others."""
_KERNEL_FEATURES: typing.Final = {name: kernel for kernel, name in FEATURES.items()}
_GROUPS: typing.Final[dict[str, tuple[str, type[Record]]]] = {
    "pause": ("pause-", Pause),
    "coalesce": ("coalesce-", Coalesce),
    "ring": ("ring-", Ring),
}
_FEC: typing.Final[dict[typing.Literal["off", "rs", "baser", "llrs"], int]] = {
    "off": 0x4,
    "rs": 0x8,
    "baser": 0x10,
    "llrs": 0x20,
}
"""NMSettingEthtoolFecMode: the bits of ETHTOOL_FEC_* without NONE (1) and AUTO (2)."""
_FEC_AUTO: typing.Final = 0x2
_ADAPTIVE: typing.Final = ("adaptive_rx", "adaptive_tx")


def encode(said: typing.Any, whole: typing.Any, draft: Draft) -> None:
    """Say what changed. Pause frames are negotiated, or given: NetworkManager refuses both at once."""
    if not isinstance(said, Ethtool):
        return
    if isinstance(said.feature, dict):
        for name, on in said.feature.items():
            if name in FEATURES:
                draft.put(SETTING, _FEATURE + FEATURES[name], on)
    for group, (prefix, _) in _GROUPS.items():
        record = said.get(group)
        if record is not UNSET:
            negotiated = group == "pause" and whole.pause.autoneg is True
            for field, value in record.said().items():
                if negotiated and field != "autoneg":
                    draft.put(SETTING, prefix + field, None)
                elif not field.endswith("_max"):
                    plain = int(value) if field in _ADAPTIVE else value
                    draft.put(SETTING, prefix + field.replace("_", "-"), plain)
    if isinstance(said.fec, Fec):
        mode = said.fec.get("mode")
        draft.put(SETTING, "fec-mode", _FEC_AUTO if said.fec.get("auto") is True else _FEC.get(mode, UNSET))


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``ethtool``, where the profile has the setting."""
    section = settings.get(SETTING)
    if not section:
        return {}
    said: dict[str, typing.Any] = {}
    named = {key.removeprefix(_FEATURE): on for key, on in section.items() if key.startswith(_FEATURE)}
    features = dict(sorted((_KERNEL_FEATURES.get(name, name), on) for name, on in named.items()))
    if features:
        said["feature"] = features
    for group, (prefix, cls) in _GROUPS.items():
        fields = {key.removeprefix(prefix).replace("-", "_"): key for key in section if key.startswith(prefix)}
        known = {field: _plain(field, section[key]) for field, key in fields.items() if field in cls.field_names()}
        if known:
            said[group] = cls(**known)
    if section.get("fec-mode"):
        said["fec"] = _fec(section["fec-mode"])
    return {"ethtool": Ethtool(**said)} if said else {}


def _plain(field: str, value: typing.Any) -> typing.Any:
    return bool(value) if field in _ADAPTIVE else value


def _fec(bits: int) -> Fec:
    if bits & _FEC_AUTO:
        return Fec(auto=True)
    words = [word for word, bit in _FEC.items() if bits & bit]
    return Fec(mode=words[0]) if words else Fec()

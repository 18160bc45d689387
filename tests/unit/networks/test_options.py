"""Texts of custom properties."""

import pytest

from linkhold.networks.ethtool_options import features
from linkhold.networks.options import EthtoolSetting, bridge_options, ethtool_options, further_addresses


def test_options_of_a_bridge() -> None:
    assert bridge_options(" group_fwd_mask=0x8  priority=7 priority=7 ") == {"group_fwd_mask": "0x8", "priority": "7"}
    assert bridge_options("") == {}


@pytest.mark.parametrize("text", ["priority", "priority=", "=7", "../brport=1", "Priority=7", "priority=1 priority=2"])
def test_what_is_no_option_of_a_bridge(text: str) -> None:
    with pytest.raises(ValueError, match=r"priority|=|brport"):
        bridge_options(text)


def test_further_addresses() -> None:
    assert further_addresses("192.0.2.8/24, 198.51.100.7,192.0.2.8/24") == ("192.0.2.8/24", "198.51.100.7/32")
    assert further_addresses("") == ()


@pytest.mark.parametrize(
    "text", ["here", "192.0.2.8/33", "192.0.2.8/255.255.255.0", "2001:db8::7/64", "0.0.0.0/0", "224.0.0.1"]
)
def test_what_is_no_further_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an IPv4 address with a prefix"):
        further_addresses(text)


ETHTOOL = [
    ("", ()),
    ("-K ens3 rx off", (EthtoolSetting("feature", "ens3", {"rx-checksum": False}),)),
    (
        "--offload ens3 gro on tx-nocache-copy off",
        (EthtoolSetting("feature", "ens3", {"rx-gro": True, "tx-nocache-copy": False}),),
    ),
    ("--features * tso off", (EthtoolSetting("feature", "*", {"tx-tcp*-segmentation": False}),)),
    (
        "--coalesce ens3 rx-usecs 14 adaptive-rx off",
        (EthtoolSetting("coalesce", "ens3", {"rx-usecs": 14, "adaptive-rx": False}),),
    ),
    ("-G ens3 rx 4096 tx 512", (EthtoolSetting("ring", "ens3", {"rx": 4096, "tx": 512}),)),
    ("-A ens3 autoneg off rx on", (EthtoolSetting("pause", "ens3", {"autoneg": False, "rx": True}),)),
    (
        "--change ens3 speed 1000 duplex half autoneg off",
        (EthtoolSetting("link", "ens3", {"speed": 1000, "duplex": "half", "auto-negotiation": False}),),
    ),
    ("--set-fec ens3 encoding RS", (EthtoolSetting("fec", "ens3", {"mode": "rs"}),)),
    ("--set-fec ens3 encoding auto", (EthtoolSetting("fec", "ens3", {"auto": True}),)),
    (
        "-C ens3 rx-usecs 1 -K * rx on",
        (EthtoolSetting("coalesce", "ens3", {"rx-usecs": 1}), EthtoolSetting("feature", "*", {"rx-checksum": True})),
    ),
]


@pytest.mark.parametrize(("text", "settings"), ETHTOOL)
def test_words_of_ethtool(text: str, settings: tuple[EthtoolSetting, ...]) -> None:
    assert ethtool_options(text) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ens3 rx on", "'ens3' is no command of ethtool"),
        ("--reset ens3 all", "'--reset' is no command of ethtool"),
        ("-K", "'-K' names no interface"),
        ("-K -C", "'-K' names no interface"),
        ("-K ens3", "'-K' needs pairs"),
        ("-K ens3 rx", "'-K' needs pairs"),
        ("-K ens3 rx maybe", "'rx' is on or off"),
        ("-K ens3 rx on rx-checksumming off", "contradicts"),
        ("-K ens3 rx on --nope ens3 x y", "'--nope' is no command"),
        ("-C ens3 rx-usecs often", "'rx-usecs' needs a whole number"),
        ("-C ens3 rx-usecs 4294967296", "'rx-usecs' needs a whole number"),
        ("-C ens3 rx-usec 7", "'rx-usec' can't be set"),
        ("-G ens3 rx-max 7", "'rx-max' can't be set"),
        ("-s ens3 duplex both", "'duplex' is full or half"),
        ("-s ens3 wol g", "'wol' can't be set"),
        ("--set-fec ens3 encoding strong", "is not encoding with one of"),
    ],
)
def test_words_that_ethtool_does_not_know(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ethtool_options(text)


def test_a_word_for_several_features() -> None:
    known = ["tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp-segmentation", "rx-gro"]
    assert features({"tx-tcp*-segmentation": False, "rx-gro": True}, known) == {
        "tx-tcp-segmentation": False,
        "tx-tcp6-segmentation": False,
        "rx-gro": True,
    }

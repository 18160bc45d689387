"""Ports keep the bridge's default PVID where NetworkManager gave them VLANs; it is not told as their own."""

import typing

import pytest

from linkhold.providers.networkmanager.default_pvid import without_default_pvid
from linkhold.state.document import read, to_plain


def bridge(vlan: dict[str, typing.Any], **options: typing.Any) -> dict[str, typing.Any]:
    section = {"options": options, "port": [{"name": "eth1", "vlan": vlan}]}
    return {"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "up", "bridge": section}]}


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            {"mode": "trunk", "enable-native": True, "tag": 7, "trunk-tags": [{"id": 1}, {"id": 9}]},
            {"mode": "trunk", "enable-native": True, "tag": 7, "trunk-tags": [{"id": 9}]},
        ),
        (
            {"mode": "trunk", "enable-native": True, "tag": 305, "trunk-tags": [{"id": 1}]},
            {"mode": "access", "tag": 305},
        ),
        (
            {"mode": "trunk", "trunk-tags": [{"id-range": {"min": 1, "max": 3}}]},
            {"mode": "trunk", "trunk-tags": [{"id-range": {"min": 2, "max": 3}}]},
        ),
    ],
)
def test_the_default_is_left_out(shown: dict[str, typing.Any], told: dict[str, typing.Any]) -> None:
    (made,) = read(bridge(shown)).by_key.values()
    assert without_default_pvid(made, {}) == read(bridge(told)).by_key["br0", ""]


@pytest.mark.parametrize(
    ("vlan", "options"),
    [
        ({"mode": "trunk", "trunk-tags": [{"id": 1}]}, {}),  # asked for, and alone
        ({"mode": "access", "tag": 1}, {}),
        (
            {"mode": "trunk", "enable-native": True, "tag": 7, "trunk-tags": [{"id": 1}, {"id": 9}]},
            {"vlan-default-pvid": 5},
        ),
        ({}, {}),
    ],
    ids=str,
)
def test_what_is_not_left_over_stays(vlan: dict[str, typing.Any], options: dict[str, typing.Any]) -> None:
    state = read(bridge(vlan, **options))
    (made,) = state.by_key.values()
    assert to_plain(state.replace(interfaces=(without_default_pvid(made, {}),))) == to_plain(state)


def test_what_a_profile_asks_for_stays() -> None:
    (made,) = read(bridge({"mode": "trunk", "trunk-tags": [{"id-range": {"min": 1, "max": 3}}]})).by_key.values()
    profile = {"bridge-port": {"vlans": [{"vid-start": 1, "vid-end": 3}]}}
    assert without_default_pvid(made, {"eth1": profile}) is made

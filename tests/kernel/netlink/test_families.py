"""The generic families of a real kernel against `ethtool` and `ip mptcp`."""

import json
import subprocess

import pytest

from linkhold.providers.kernel.netlink import ethtool, link, macsec, message, mptcp
from linkhold.providers.kernel.netlink.generic import Generic, Unsupported
from linkhold.providers.kernel.netlink.socket import Refusal

pytestmark = pytest.mark.needs("veth")


@pytest.fixture
def generic(netns):
    with Generic() as opened:
        yield opened


@pytest.fixture
def device(netlink):
    netlink.request(*link.create("v0", "veth"))
    return link.read(netlink, "v0").index


@pytest.fixture
def settings(generic, device):
    return ethtool.Ethtool(generic)


def test_a_family_that_is_not_there_is_unsupported(generic):
    for _ in range(2):
        with pytest.raises(Unsupported, match="'no_such_family'"):
            generic.family("no_such_family")


def test_families_tell_their_groups(generic):
    assert "notify" in generic.family("nlctrl").groups
    assert generic.family("ethtool").id >= 16


def test_features_agree_with_ethtool(settings, device):
    told = {}
    for line in subprocess.run(["ethtool", "-k", "v0"], check=True, capture_output=True, text=True).stdout.splitlines():
        name, _, rest = line.strip().partition(": ")
        told[name] = (rest.startswith("on"), "[fixed]" in rest)
    features = settings.features(device)
    compared = features.known & told.keys()
    assert len(compared) > 30
    for name in compared:
        assert (name in features.active) == told[name][0], name
        assert (name not in features.changeable) == told[name][1], name


def test_features_are_set_by_name(settings, device):
    assert settings.set_features(device, {"rx-gro": True, "tx-tcp-segmentation": False}) == frozenset()
    features = settings.features(device)
    assert "rx-gro" in features.active
    assert not {"tx-tcp-segmentation"} & (features.active | features.wanted)
    assert settings.set_features(device, {"rx-vlan-filter": True, "rx-gro": False}) == {"rx-vlan-filter"}
    assert "rx-gro" not in settings.features(device).active
    with pytest.raises(Refusal) as caught:
        settings.set_features(device, {"no-such-feature": True})
    assert "bit name" in caught.value.message


def test_link_modes_and_state(settings, netlink, device):
    modes = settings.link_modes(device)
    assert (modes.speed, modes.duplex, modes.autonegotiation) == (10000, ethtool.DUPLEX_FULL, False)
    assert settings.link_state(device)[ethtool.ETHTOOL_A_LINKSTATE_LINK] == 0
    peer = link.read(netlink, device).parent
    netlink.batch([link.set_up(device), link.set_up(peer)])
    assert settings.link_state(device)[ethtool.ETHTOOL_A_LINKSTATE_LINK] == 1


def test_channels_are_read_and_set(settings, device):
    before = settings.channels(device)
    assert before[ethtool.ETHTOOL_A_CHANNELS_RX_COUNT] == 1
    most = before[ethtool.ETHTOOL_A_CHANNELS_RX_MAX]  # one for each processor
    settings.set_channels(device, {ethtool.ETHTOOL_A_CHANNELS_RX_COUNT: most})
    assert settings.channels(device)[ethtool.ETHTOOL_A_CHANNELS_RX_COUNT] == most
    with pytest.raises(Refusal):
        settings.set_channels(device, {ethtool.ETHTOOL_A_CHANNELS_RX_COUNT: most + 1})


def test_what_the_driver_does_not_know_is_none(settings, device):
    assert settings.pause(device) is None
    assert settings.coalesce(device) is None
    assert settings.forward_error_correction(device) is None
    for change in (settings.set_pause, settings.set_coalesce, settings.set_rings):
        with pytest.raises(Refusal):
            change(device, {3: 1})


def test_all_devices_come_in_one_dump(settings, netlink):
    found = settings.read_all(ethtool.ETHTOOL_MSG_FEATURES_GET)
    assert found.keys() == {each.index for each in link.dump(netlink)}
    assert all(ethtool.Features(each).active for each in found.values())


def told_by_ip(*words):
    done = subprocess.run(["ip", "-j", "mptcp", *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.needs("mptcp")
def test_mptcp_endpoints_and_limits_agree_with_iproute2(generic, device):
    manager = mptcp.Mptcp(generic)
    signal, subflow, backup = (
        mptcp.MPTCP_PM_ADDR_FLAG_SIGNAL,
        mptcp.MPTCP_PM_ADDR_FLAG_SUBFLOW,
        mptcp.MPTCP_PM_ADDR_FLAG_BACKUP,
    )
    requests = [
        manager.add(mptcp.Endpoint("192.0.2.1", flags=signal, index=device)),
        manager.add(mptcp.Endpoint("2001:db8::1", id=7, flags=subflow | backup)),
        manager.set_limits(mptcp.Limits(3, 4)),
    ]
    assert generic.batch(requests) == [None, None, None]
    told = {each["id"]: each for each in told_by_ip("endpoint", "show")}
    ours = {each.id: each for each in manager.endpoints()}
    assert {number: each.address for number, each in ours.items()} == {
        number: each["address"] for number, each in told.items()
    }
    assert (ours[1].flags, ours[1].index, ours[7].flags) == (signal, device, subflow | backup)
    assert told[1]["dev"] == "v0"
    assert (manager.limits().accepted_addresses, manager.limits().subflows) == (3, 4)
    ours[7].flags &= ~backup
    assert generic.batch([manager.change_flags(ours[7])]) == [None]
    assert {each.id: each.flags for each in manager.endpoints()}[7] == subflow
    assert generic.batch(manager.remove(each) for each in manager.endpoints()) == [None, None]
    assert manager.endpoints() == []


@pytest.mark.needs("macsec")
def test_macsec_agrees_with_iproute2(generic, netlink, device):
    netlink.request(*link.create("m0", "macsec", link.parent(device)))
    index = link.read(netlink, "m0").index
    key = "00112233445566778899aabbccddeeff"
    subprocess.run(["ip", "macsec", "add", "m0", "tx", "sa", "0", "pn", "7", "on", "key", "01", key], check=True)
    subprocess.run(["ip", "macsec", "add", "m0", "rx", "port", "1", "address", "02:00:00:00:00:09"], check=True)
    peer = ["ip", "macsec", "add", "m0", "rx", "port", "1", "address", "02:00:00:00:00:09"]
    subprocess.run([*peer, "sa", "2", "pn", "9", "on", "key", "02", key], check=True)
    (entity,) = macsec.dump(generic)
    assert entity.index == index
    (told,) = json.loads(
        subprocess.run(["ip", "-j", "macsec", "show"], check=True, capture_output=True, text=True).stdout
    )
    assert int(entity.sci, 16) == int(told["sci"], 16)
    assert message.to_u8(entity.options[macsec.MACSEC_SECY_ATTR_ICV_LEN]) == told["icv_length"]
    (sending,) = entity.associations
    assert (sending.number, sending.packet_number, sending.active) == (0, 7, True)
    assert sending.key_id == told["sa_list"][0]["key"]
    (channel,) = entity.channels
    assert channel.sci == "0200000000090001"
    assert int(channel.sci, 16) == int(told["rx_sc"][0]["sci"], 16)
    assert [(each.number, each.packet_number) for each in channel.associations] == [(2, 9)]

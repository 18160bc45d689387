"""What the kernel does of interfaces that NetworkManager owns: classes of what is sent, options of bridges."""

import subprocess

import pytest

import linkhold
from linkhold.foundation.diagnostics import Invalid
from tests.lab import namespaces
from tests.services.managed import Document, interface, static
from tests.services.rigs.networkmanager import NetworkManager


def classes(name: str) -> set[str]:
    said = subprocess.run(["tc", "class", "show", "dev", name], check=True, capture_output=True, text=True).stdout
    listed = [line.split() for line in said.splitlines()]
    return {words[2] for words in listed if words[1] == "hfsc" and words[2] != "1389:"}


def with_classes(*tags: int, **more: object) -> Document:
    return {**static("eth1", "192.0.2.1/24"), "qos": {"classes": [said(tag) for tag in tags]}, **more}


def said(tag: int) -> Document:
    return {"vlan": tag, "link-share": {"m2": tag}, "upper-limit": {"m2": 8000 * tag}}


@pytest.mark.needs("qos")
def test_classes_come_and_go_beside_a_profile(nm: NetworkManager) -> None:
    linkhold.apply({"interfaces": [with_classes(101)]})
    assert interface("eth1")["provider"] == "networkmanager"
    assert classes("eth1") == {"1389:1388", "1389:65"}
    assert linkhold.apply({"interfaces": [with_classes(101)]}).outcome == "unchanged"
    linkhold.apply({"interfaces": [with_classes(102, mtu=1400)]})
    assert classes("eth1") == {"1389:1388", "1389:66"}
    nm.nmcli("device", "reapply", "eth1")
    assert classes("eth1") == {"1389:1388", "1389:66"}
    linkhold.apply({"interfaces": [with_classes(103)]}, commit=False)
    assert classes("eth1") == {"1389:1388", "1389:67"}
    linkhold.rollback()
    assert classes("eth1") == {"1389:1388", "1389:66"}
    linkhold.apply({"interfaces": [with_classes()]})
    assert classes("eth1") == set()


@pytest.mark.needs("qos", "bond")
def test_a_new_bond_of_networkmanagers_has_its_classes(nm: NetworkManager) -> None:
    bond = {
        **static("bond0", "192.0.2.1/24"),
        "type": "bond",
        "link-aggregation": {"mode": "active-backup", "port": ["eth1", "eth2"]},
        "qos": {"classes": [said(7)]},
    }
    linkhold.apply({"interfaces": [bond]})
    assert interface("bond0")["provider"] == "networkmanager"
    assert classes("bond0") == {"1389:1388", "1389:7"}


def test_without_schedulers_it_is_refused_with_the_reason(nm: NetworkManager) -> None:
    if subprocess.run(["tc", "qdisc", "add", "dev", "eth2", "root", "handle", "7:", "hfsc"], check=False).returncode:
        with pytest.raises(Invalid, match="no HFSC scheduler"):
            linkhold.apply({"interfaces": [with_classes(101)]})
    else:
        with pytest.raises(Invalid, match="somebody else"):
            linkhold.apply({"interfaces": [{**with_classes(101), "name": "eth2", "ipv4": {"enabled": False}}]})


def test_options_of_a_bridge_that_no_profile_holds(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    def bridge(**options: object) -> Document:
        return {"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}], "options": options}}

    def told() -> Document:
        found = netns.ip_json("-d", "link", "show", "br0")[0]["linkinfo"]["info_data"]
        return {key: found[key] for key in ("mcast_igmp_version", "no_linklocal_learn", "forward_delay", "stp_state")}

    stp = {"enabled": False, "forward-delay": 0}
    wanted = bridge(**{"multicast-igmp-version": 3, "no-linklocal-learn": True, "stp": stp})
    linkhold.apply({"interfaces": [wanted]})
    assert interface("br0")["provider"] == "networkmanager"
    assert told() == {"mcast_igmp_version": 3, "no_linklocal_learn": 1, "forward_delay": 0, "stp_state": 0}
    assert linkhold.apply({"interfaces": [wanted]}).outcome == "unchanged"
    changed = bridge(**{"multicast-igmp-version": 2, "stp": {"enabled": True, "forward-delay": 4}})
    linkhold.apply({"interfaces": [changed]}, commit=False)
    assert told() == {"mcast_igmp_version": 2, "no_linklocal_learn": 1, "forward_delay": 400, "stp_state": 1}
    linkhold.rollback()
    assert told() == {"mcast_igmp_version": 3, "no_linklocal_learn": 1, "forward_delay": 0, "stp_state": 0}

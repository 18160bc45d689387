"""Cards keep the names by which something finds them."""

import os
import pathlib

import pytest

from linkhold.executor import card_names
from linkhold.executor.card_names import clean_up, inspect, persist, predicted
from linkhold.foundation.failures import Permanent
from linkhold.insight.pinning import pins
from linkhold.state.document import read
from linkhold.state.network import NetworkState

STATIC = {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]}


def card(name: str, number: int, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "type": "ethernet",
        "state": "up",
        "permanent-mac-address": f"02:00:00:00:00:{number:02x}",
        **more,
    }


def host(*interfaces: dict[str, object]) -> NetworkState:
    return read({"interfaces": list(interfaces)})


HOST = host(
    card("eth0", 1, ipv4=STATIC),
    card("eth1", 2, controller="bond0"),
    card("eth2", 3),
    card("eth3", 4, ipv4={"enabled": True, "dhcp": True}),
    card("eth4", 5),
    {"name": "bond0", "type": "bond", "state": "up", "link-aggregation": {"mode": "balance-rr", "port": ["eth1"]}},
    {"name": "eth4.7", "type": "vlan", "state": "up", "vlan": {"base-iface": "eth4", "id": 7}},
    {"name": "v0", "type": "veth", "state": "up", "ipv4": STATIC},
)


def files(root: pathlib.Path) -> set[str]:
    return set(os.listdir(root / "etc/systemd/network"))


def udev(root: pathlib.Path, name: str, index: int, *lines: str) -> None:
    """What udev knows of a card."""
    (root / f"sys/class/net/{name}").mkdir(parents=True)
    (root / f"sys/class/net/{name}/ifindex").write_text(f"{index}\n")
    (root / "run/udev/data").mkdir(parents=True, exist_ok=True)
    (root / f"run/udev/data/n{index}").write_text("I:1234\n" + "".join(f"E:{line}\n" for line in lines) + "G:systemd\n")
    (root / "proc").mkdir(exist_ok=True)
    (root / "proc/cmdline").write_text("quiet\n")


def test_which_cards_are_pinned() -> None:
    assert [(pin.name, pin.why) for pin in pins(HOST)] == [
        ("eth0", "it has static addresses"),
        ("eth1", "it is a port of bond0"),
        ("eth4", "other interfaces ride on it"),
    ]


def test_cards_that_can_not_be_told_apart_are_left_out() -> None:
    assert pins(host(card("eth0", 1, ipv4=STATIC), card("eth1", 1, ipv4=STATIC))) == ()


def test_files_of_systemd(tmp_path: pathlib.Path) -> None:
    done = persist(HOST, root=str(tmp_path))
    assert files(tmp_path) == {
        "98-nmstate-eth0.link",
        "98-nmstate-eth1.link",
        "98-nmstate-eth4.link",
        ".nmstate-persist.stamp",
    }
    assert (tmp_path / "etc/systemd/network/98-nmstate-eth1.link").read_text().splitlines()[1:] == [
        "[Match]",
        "PermanentMACAddress=02:00:00:00:00:02",
        "",
        "[Link]",
        "Name=eth1",
    ]
    assert done.arguments == (
        "ifname=eth0:02:00:00:00:00:01",
        "ifname=eth1:02:00:00:00:00:02",
        "ifname=eth4:02:00:00:00:00:05",
    )


def test_it_is_done_once(tmp_path: pathlib.Path) -> None:
    persist(host(), root=str(tmp_path))
    assert files(tmp_path) == {".nmstate-persist.stamp"}
    assert persist(HOST, root=str(tmp_path)).done_before
    assert files(tmp_path) == {".nmstate-persist.stamp"}


def test_a_rehearsal_touches_nothing(tmp_path: pathlib.Path) -> None:
    done = persist(HOST, root=str(tmp_path), dry_run=True)
    assert len(done.files) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_can_not_be_written_to(tmp_path: pathlib.Path) -> None:
    (tmp_path / "etc").touch()
    with pytest.raises(Permanent, match=r"etc/systemd"):
        persist(HOST, root=str(tmp_path))


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["ID_NET_NAME_MAC=enx1", "ID_NET_NAME_PATH=enp0s3"], "enp0s3"),
        (["ID_NET_NAME_PATH=enp0s3", "ID_NET_NAME_SLOT=ens3", "ID_NET_NAME_ONBOARD=eno1"], "eno1"),
        (["ID_NET_NAME_MAC=enx1"], ""),
        ([], ""),
    ],
)
def test_what_udev_would_say(tmp_path: pathlib.Path, lines: list[str], name: str) -> None:
    udev(tmp_path, "eth0", 2, *lines)
    assert predicted("eth0", root=str(tmp_path)) == name
    assert predicted("eth1", root=str(tmp_path)) == ""


def test_where_udev_leaves_names_alone(tmp_path: pathlib.Path) -> None:
    udev(tmp_path, "eth0", 2, "ID_NET_NAME_PATH=enp0s3")
    (tmp_path / "proc/cmdline").write_text("quiet net.ifnames=0\n")
    assert predicted("eth0", root=str(tmp_path)) == ""


def test_cleaning_up_takes_away_what_changes_nothing(tmp_path: pathlib.Path) -> None:
    persist(HOST, root=str(tmp_path))
    udev(tmp_path, "eth0", 2, "ID_NET_NAME_PATH=eth0")
    udev(tmp_path, "eth1", 3, "ID_NET_NAME_PATH=enp0s3")
    rehearsed = clean_up(root=str(tmp_path), dry_run=True)
    assert len(files(tmp_path)) == 4
    done = clean_up(root=str(tmp_path))
    assert done == rehearsed
    assert [os.path.basename(path) for path in done.removed] == ["98-nmstate-eth0.link"]
    assert done.arguments == ("ifname=eth0:02:00:00:00:00:01",)
    assert files(tmp_path) == {"98-nmstate-eth1.link", "98-nmstate-eth4.link", card_names.STAMP}


def test_the_last_file_takes_the_stamp_with_it(tmp_path: pathlib.Path) -> None:
    persist(host(card("eth0", 1, ipv4=STATIC)), root=str(tmp_path))
    udev(tmp_path, "eth0", 2, "ID_NET_NAME_PATH=eth0")
    (tmp_path / "etc/systemd/network/10-theirs.link").touch()
    clean_up(root=str(tmp_path))
    assert files(tmp_path) == {"10-theirs.link"}
    assert clean_up(root=str(tmp_path)).removed == ()


def test_inspecting(tmp_path: pathlib.Path) -> None:
    udev(tmp_path, "eth0", 2, "ID_NET_NAME_PATH=enp0s3")
    before = inspect(HOST, root=str(tmp_path))
    assert [(one.pin.name, one.pinned, one.predicted) for one in before] == [
        ("eth0", False, "enp0s3"),
        ("eth1", False, ""),
        ("eth4", False, ""),
    ]
    persist(HOST, root=str(tmp_path))
    assert all(one.pinned for one in inspect(HOST, root=str(tmp_path)))

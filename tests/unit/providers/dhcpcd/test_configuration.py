"""The client's configuration, its identity, and what is read of a document."""

import pathlib
import typing

import pytest

from linkhold.foundation.failures import Refused
from linkhold.providers.dhcpcd.configuration import configuration
from linkhold.providers.dhcpcd.identity import duid
from linkhold.providers.dhcpcd.settings import Settings, of_plain, settings_of, to_plain
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import Ip, Ipv4, Ipv6

MAC = "02:00:5e:10:00:01"


def lines(**settings: typing.Any) -> list[str]:
    said = Settings(**{"family": "ipv4", "dhcp": True, **settings})
    return configuration(said, "/run/script", mac=MAC, duid="00:03:00:01:" + MAC).splitlines()


def test_the_interface_is_left_to_us() -> None:
    for family in ("ipv4", "ipv6"):
        assert {"noconfigure", "script /run/script"} <= set(lines(family=family))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("ll", f"clientid 01:{MAC}"),
        ("01:02:03", "clientid 01:02:03"),
        ("me", 'clientid "me"'),
        ('a "b\\', 'clientid "a \\"b\\\\"'),
    ],
)
def test_client_identifiers(said: str, line: str) -> None:
    assert line in lines(client_id=said)


def test_what_would_be_another_line_is_refused() -> None:
    for said in ({"client_id": "me\nscript /evil"}, {"hostname": "me\rscript /evil"}):
        with pytest.raises(Refused):
            lines(**said)


def test_without_a_client_identifier_dhcpcd_makes_that_of_rfc_4361() -> None:
    assert not [line for line in lines(client_id="iaid+duid") if line.startswith("clientid")]


@pytest.mark.parametrize(
    ("dhcp", "autoconf", "expected", "never"),
    [
        (True, False, {"noipv6rs", "dhcp6", "ia_na"}, {"ipv6rs"}),
        (False, True, {"ipv6rs", "nodhcp6"}, {"ia_na", "dhcp6"}),
        (True, True, {"ipv6rs", "dhcp6"}, {"noipv6rs", "ia_na"}),
    ],
)
def test_protocols_of_ipv6(dhcp: bool, autoconf: bool, expected: set[str], never: set[str]) -> None:
    found = set(lines(family="ipv6", dhcp=dhcp, autoconf=autoconf))
    assert expected <= found
    assert not never & found


def test_what_is_not_the_clients_to_know_changes_nothing_for_it() -> None:
    """Else it would have to be started anew."""
    assert lines() == lines(dns=False, gateway=False, routes=False, table=7, metric=9)


def test_identifiers(tmp_path: pathlib.Path) -> None:
    kept = str(tmp_path / "kept")

    def made(said: str, mac: str = MAC) -> str:
        return duid(said, mac, "eth1", kept=kept)

    assert made("ll") == f"00:03:00:01:{MAC}"
    assert made("llt").startswith("00:01:00:01:")
    assert made("llt").endswith(MAC)
    assert made("llt") == made("llt")
    assert (tmp_path / "kept/eth1.duid-time").exists()
    assert made("en").startswith("00:02:00:00:ab:11:")
    assert made("uuid").startswith("00:04:")
    assert len(made("uuid").split(":")) == 18
    assert made("00:AA:01") == "00:aa:01"
    assert made("ll", mac="") == made("uuid")  # no hardware address: the machine's identity


def ethernet(**more: typing.Any) -> Ethernet:
    return Ethernet(**{"name": "eth1", "state": "up", **more})


@pytest.mark.parametrize(
    "interface",
    [
        ethernet(),
        ethernet(ipv4=Ipv4(enabled=True)),
        ethernet(ipv4=Ipv4(enabled=False, dhcp=True)),
        ethernet(ipv4=Ipv4(enabled=True, dhcp=True), state="down"),
        ethernet(ipv4=Ipv4(enabled=True, dhcp=True), state="ignore"),
        ethernet(ipv4=Ipv4(enabled=True, dhcp=True), provider="networkmanager"),
    ],
)
def test_who_asks_for_nothing(interface: Ethernet) -> None:
    assert settings_of(interface, "ipv4") is None


@pytest.mark.parametrize(
    "section",
    [
        Ipv4(enabled=True, dhcp=True),
        Ipv4(enabled=True, dhcp=True, auto_dns=False, auto_gateway=False, auto_routes=False),
        Ipv4(enabled=True, dhcp=True, auto_route_table_id=7, auto_route_metric=9, dhcp_client_id="iaid+duid"),
        Ipv4(enabled=True, dhcp=True, dhcp_send_hostname=False, dhcp_custom_hostname="me"),
        Ipv6(enabled=True, autoconf=True, token="::7", addr_gen_mode="stable-privacy"),
        Ipv6(enabled=True, autoconf=True, dhcp=True, dhcp_duid="llt"),
        Ipv6(enabled=True, dhcp=True, autoconf=False),
    ],
)
def test_what_is_asked_for_is_shown_again(section: Ip) -> None:
    """As a section, and through a file: so that applying a document twice finds nothing to do."""
    family: typing.Literal["ipv4", "ipv6"] = "ipv6" if section.ipv6 else "ipv4"
    asked = settings_of(ethernet(**{family: section}), family)
    assert asked is not None
    assert of_plain(to_plain(asked)) == asked
    shown = type(section)(**asked.shown())
    for name, value in section.said().items():
        assert shown.get(name) == value, name
    assert settings_of(ethernet(**{family: shown}), family) == asked

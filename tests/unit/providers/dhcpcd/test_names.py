"""Name servers of leases in resolv.conf, beside those that were configured."""

import pathlib

import pytest

from linkhold.planning.change import Change
from linkhold.providers.kernel import resolver
from linkhold.providers.kernel.applying import resolving
from linkhold.providers.kernel.applying.host import Host
from linkhold.providers.kernel.applying.resolving import set_leased, set_names
from linkhold.state.dns import DnsConfig, DnsResolver

CONFIGURED = "# mine\nnameserver 192.0.2.1\nsearch corp.example\n"


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text(CONFIGURED)
    return tmp_path


def lease(root: pathlib.Path, text: str, interface: str = "eth1", family: str = "ipv4") -> None:
    folder = root / f"run/linkhold/leases/{interface}/{family}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resolv.conf").write_text(text)
    set_leased(str(root), interface, (), ())


def written(root: pathlib.Path) -> str:
    return (root / "etc/resolv.conf").read_text()


def configure(root: pathlib.Path, config: DnsConfig) -> None:
    change = Change(action="~", subject="dns", name="dns", after=DnsResolver(config=config))
    set_names(Host(None, str(root)), [change])  # type: ignore[arg-type]


def test_they_stand_below_a_line(root: pathlib.Path) -> None:
    lease(root, "nameserver 192.0.2.53\nsearch lan.example\n")
    text = written(root)
    assert text.startswith(CONFIGURED + resolver.LEASED_MARK)
    found = resolver.read(str(root))
    assert (found.config.servers, found.config.search) == (("192.0.2.1",), ("corp.example",))
    assert found.running.servers == ("192.0.2.1", "192.0.2.53")
    assert found.running.search == ("corp.example", "lan.example")


def test_when_the_last_lease_says_nothing_the_file_is_as_before(root: pathlib.Path) -> None:
    lease(root, "nameserver 192.0.2.53\n")
    lease(root, "")
    assert written(root) == CONFIGURED


def test_several_leases(root: pathlib.Path) -> None:
    lease(root, "nameserver 2001:db8::53\n", family="ipv6")
    lease(root, "nameserver 192.0.2.53\nsearch lan.example\n")
    lease(root, "nameserver 192.0.2.53\nnameserver 198.51.100.53\n", interface="eth2")
    assert resolver.leased(str(root)) == resolver.Resolver(
        ("192.0.2.53", "2001:db8::53", "198.51.100.53"), ("lan.example",)
    )
    assert written(root).count("192.0.2.53") == 1


def test_configuring_leaves_them_where_they_are(root: pathlib.Path) -> None:
    lease(root, "nameserver 192.0.2.53\nsearch lan.example\n")
    configure(root, DnsConfig(server=("203.0.113.1",), search=("other.example",)))
    found = resolver.read(str(root))
    assert found.config.servers == ("203.0.113.1",)
    assert found.running.servers == ("203.0.113.1", "192.0.2.53")
    assert found.running.search == ("other.example", "lan.example")
    configure(root, DnsConfig())
    assert resolver.read(str(root)).config == resolver.Resolver()
    assert resolver.read(str(root)).running.servers == ("192.0.2.53",)
    assert "# mine" in written(root)


def test_a_lease_writes_nothing_that_stands_there_already(root: pathlib.Path) -> None:
    lease(root, "nameserver 192.0.2.53\n")
    before = (root / "etc/resolv.conf").stat().st_ino
    lease(root, "nameserver 192.0.2.53\n")
    assert (root / "etc/resolv.conf").stat().st_ino == before


def test_a_file_of_somebody_else_is_all_configured(root: pathlib.Path) -> None:
    lease(root, "nameserver 192.0.2.53\n")
    (root / "etc/resolv.conf").write_text("nameserver 203.0.113.77\n")
    found = resolver.read(str(root))
    assert found.config == found.running == resolver.Resolver(("203.0.113.77",))


@pytest.mark.parametrize(
    ("servers", "search", "asked"),
    [
        (("192.0.2.53", "fe80::53%lo"), ("lan.example",), ["dns lo 192.0.2.53 fe80::53", "domain lo lan.example"]),
        ((), (), ["dns lo ", "domain lo "]),
    ],
)
def test_where_systemd_resolved_answers_it_is_told_by_interface(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
    servers: tuple[str, ...],
    search: tuple[str, ...],
    asked: list[str],
) -> None:
    program = tmp_path / "resolvectl"
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setattr(resolving, "RESOLVECTL", str(program))
    monkeypatch.setattr(resolver, "uses_resolved", lambda root="": True)
    set_leased("", "lo", servers, search)
    assert (tmp_path / "asked").read_text().splitlines() == asked

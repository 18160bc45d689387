"""Probes against real sockets on the loopback interface."""

import asyncio
import contextlib
import socket
import struct
import time
import typing

import pytest

from linkhold.foundation.clock import SystemClock
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.transaction import dns_query, probes, probing, trials
from linkhold.transaction.options import Options
from linkhold.transaction.probes import Probe, Tried, Unanswered, parse
from linkhold.transaction.runner import run
from tests.unit.transaction.stage import Stage, document

CLOCK = SystemClock()


def ran(*kinds: Probe, budget: float = 1.0, before: typing.Sequence[Tried] = ()) -> tuple[Tried, ...]:
    return asyncio.run(trials.run(kinds, NetworkState(), CLOCK, budget, before))


@contextlib.contextmanager
def listener(port: int = 0) -> typing.Iterator[int]:
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with listener() as port:
        return port


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("gateway", "gateway", ""),
        ("tcp:192.0.2.1:443", "tcp", "192.0.2.1:443"),
        ("tcp:[2001:db8::1]:22", "tcp", "[2001:db8::1]:22"),
        ("dns:example.org", "dns", "example.org"),
        ("command:/bin/true --all", "command", "/bin/true --all"),
    ],
)
def test_probes_are_read_as_they_are_printed(text: str, kind: str, target: str) -> None:
    probe = parse(text)
    assert (probe.kind, probe.target) == (kind, target)
    assert str(probe) == text


WRONG = ("", "ping:x", "tcp:host", "tcp:host:0", "tcp:host:99999", "tcp::22", "dns:", "command: ", "gateway:x")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_probe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no probe|is not HOST:PORT"):
        parse(text)


def test_a_port_that_accepts_passes_and_one_that_does_not_fails_with_the_reason() -> None:
    with listener() as port:
        (open_one, closed) = ran(
            Probe(kind="tcp", target=f"127.0.0.1:{port}"), Probe(kind="tcp", target=f"127.0.0.1:{free_port()}")
        )
    assert open_one.passed
    assert not closed.passed
    assert "refused" in closed.message.lower()


def test_a_port_that_opens_within_the_budget_passes() -> None:
    port = free_port()

    async def story() -> tuple[Tried, ...]:
        work = asyncio.ensure_future(
            trials.run([Probe(kind="tcp", target=f"127.0.0.1:{port}")], NetworkState(), CLOCK, 5.0)
        )
        await asyncio.sleep(0.5)
        with listener(port):
            return await work

    (tried,) = asyncio.run(story())
    assert tried.passed
    assert 0.5 < tried.seconds < 2


def test_all_share_one_budget() -> None:
    began = time.monotonic()
    tried = ran(*(Probe(kind="command", target=f"sleep {number + 30}") for number in range(5)), budget=0.6)
    assert time.monotonic() - began < 2
    assert not any(one.passed for one in tried)


def test_a_command_passes_by_its_exit_code_and_no_shell_reads_it() -> None:
    good, bad, shell, missing = ran(
        Probe(kind="command", target="/bin/true"),
        Probe(kind="command", target="ls /does-not-exist"),
        Probe(kind="command", target="/bin/false || /bin/true"),
        Probe(kind="command", target="/no/such/program"),
        budget=0.5,
    )
    assert good.passed
    assert not bad.passed
    assert "does-not-exist" in bad.message
    assert not shell.passed
    assert not missing.passed


def test_those_that_failed_before_have_no_vote_and_nobody_waits_for_them() -> None:
    with listener() as port:
        alive, dead = (
            Probe(kind="tcp", target=f"127.0.0.1:{port}"),
            Probe(kind="tcp", target=f"127.0.0.1:{free_port()}"),
        )
        before = asyncio.run(trials.run([alive, dead], NetworkState(), CLOCK, 0.3))
        began = time.monotonic()
        after = ran(alive, dead, budget=10, before=before)
    assert time.monotonic() - began < 2
    assert [(one.passed, one.counted) for one in after] == [(True, True), (False, False)]
    assert probes.good(after)
    assert not probes.good(before)


class NameServer:
    """Answers every question: with an address for what is known, with "no such name" for the rest."""

    def __init__(self, *known: bytes) -> None:
        self.known = known
        self.channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.channel.bind(("127.0.0.1", 0))
        self.port = self.channel.getsockname()[1]

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        self.channel.setblocking(False)
        while True:
            question, peer = await loop.sock_recvfrom(self.channel, 512)
            ok = any(name in question for name in self.known)
            head = question[:2] + struct.pack("!5H", 0x8180 if ok else 0x8183, 1, 1 if ok else 0, 0, 0)
            answer = b"\xc0\x0c" + struct.pack("!2HIH4s", 1, 1, 60, 4, bytes(4)) if ok else b""
            await loop.sock_sendto(self.channel, b"garbage!", peer)
            await loop.sock_sendto(self.channel, head + question[12:] + answer, peer)


def test_names_are_asked_from_the_name_server_itself() -> None:
    server = NameServer(b"\x07example")

    async def story() -> None:
        serving = asyncio.ensure_future(server.serve())
        await dns_query.ask("127.0.0.1", "example.org", server.port)
        with pytest.raises(Unanswered, match="no such name"):
            await dns_query.ask("127.0.0.1", "other.org", server.port)
        serving.cancel()

    asyncio.run(story())
    server.channel.close()


def test_name_servers_come_from_the_state() -> None:
    dns = DnsResolver(running=DnsConfig(server=("127.0.0.1",)), config=DnsConfig(server=("192.0.2.1",)))
    assert probing._servers(NetworkState(dns=dns)) == ("127.0.0.1",)
    with pytest.raises(Unanswered, match="no name server"):
        asyncio.run(probing.attempt(Probe(kind="dns", target="x"), NetworkState(), 1))


def test_gateways_are_those_of_the_default_routes() -> None:
    default = Route(destination="0.0.0.0/0", next_hop_interface="eth0", next_hop_address="192.0.2.1")
    six = Route(destination="::/0", next_hop_interface="eth0", next_hop_address="fe80::1")
    other = Route(destination="198.51.100.0/24", next_hop_interface="eth0", next_hop_address="192.0.2.2")
    on_link = Route(destination="0.0.0.0/0", next_hop_interface="ppp0")
    state = NetworkState(routes=Routes(config=(default, other), running=(default, six, on_link)))
    assert probing.gateways_of(state) == [("eth0", "192.0.2.1"), ("eth0", "fe80::1")]
    with pytest.raises(Unanswered, match="no default gateway"):
        asyncio.run(probing.attempt(Probe(kind="gateway"), NetworkState(), 1))


def test_a_change_that_breaks_a_probe_is_taken_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to a service leads through the address that the document takes away."""

    async def attempt(probe: Probe, state: NetworkState, left: float) -> None:
        names = {one.name for one in (stage.state().interfaces)}
        if probe.target == "unlucky" or "br0" in names:
            raise Unanswered("no answer")

    monkeypatch.setattr(trials, "attempt", attempt)
    before = stage.state()
    chosen = Options(
        confirming="probes", probes=(Probe(kind="dns", target="lucky"), Probe(kind="dns", target="unlucky"))
    )
    result = asyncio.run(run(document(), stage.ground, chosen))
    assert result.outcome == "rolled-back"
    assert "dns:lucky failed" in result.reason
    assert "unlucky" not in result.reason
    assert stage.state() == before
    kept = asyncio.run(run(document("interfaces: [{name: d0, type: dummy}]"), stage.ground, chosen))
    assert kept.outcome == "committed"
    assert [(str(one.probe), one.passed, one.counted) for one in kept.probes] == [
        ("dns:lucky", True, True),
        ("dns:unlucky", False, False),
    ]


def test_probes_look_at_the_host_as_it_is_at_their_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the change the old gateway is asked, after it the new one."""
    asked: list[list[tuple[str, str]]] = []

    async def attempt(probe: Probe, state: NetworkState, left: float) -> None:
        asked.append(probing.gateways_of(state))

    monkeypatch.setattr(trials, "attempt", attempt)
    text = """
routes:
  config:
  - {state: absent, destination: 0.0.0.0/0}
  - {destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 198.51.100.9}
"""
    chosen = Options(confirming="probes", probes=(Probe(kind="gateway"),))
    assert asyncio.run(run(document(text), stage.ground, chosen)).outcome == "committed"
    assert asked == [[("eth0", "192.0.2.9")], [("eth1", "198.51.100.9")]]

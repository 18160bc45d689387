"""What runs inside a measured process: each function does its work to warm up, then timed, and prints the seconds.

Run as ``python -m benchmarks.measured NAME [ARGUMENT…]``.
"""

import json
import subprocess
import sys
import time
import typing

if typing.TYPE_CHECKING:
    from linkhold.networks.configuration import Configuration
    from linkhold.state.network import NetworkState
    from linkhold.wire.client import Client

CENTRE, PORT = "/etc/linkhold-test", 54321
"""Where the certificates of a centre are, and the agent's port (tests/agent/pair.py)."""

QUESTIONS = (("-d", "link"), ("addr",), ("route", "show", "table", "all"))
"""What `ip -j` is asked to know what `observe` knows: links, addresses, routes of both families."""


def observe() -> None:
    """Read the host through a socket of its own, as `plan` does before it plans."""
    from linkhold.foundation.driving import drive
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel.provider import Kernel

    def work() -> None:
        kernel = Kernel()
        drive(kernel.observe(Scope()))
        kernel.close()

    _print_time(work)


def report() -> None:
    """Read the host and all facts about it, and make one report of its capabilities: each bridge over a VLAN is a network."""
    from linkhold.foundation.driving import drive
    from linkhold.networks.reporting.caps import capabilities
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel import facts
    from linkhold.providers.kernel.provider import Kernel

    kernel = Kernel()
    running = _networks_of(drive(kernel.observe(Scope())))

    def work() -> None:
        state = drive(kernel.observe(Scope()))
        told = capabilities(state, facts.read(kernel.netlink), running, False)
        if not told.maps["networks"] or len(told.maps["networks"]) != len(running.networks):
            raise AssertionError(f"{len(running.networks)} networks, {len(told.maps['networks'])} reported")

    _print_time(work)
    kernel.close()


def reports() -> None:
    """Tell the capabilities of an unchanged host a thousand times, each time to a centre on some connection."""
    from linkhold.agent.reports import Reports
    from linkhold.agent.snapshots import Snapshot
    from linkhold.foundation.clock import SystemClock
    from linkhold.foundation.driving import drive
    from linkhold.foundation.logs import Log
    from linkhold.networks.reporting.visible import USUAL
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel import facts
    from linkhold.providers.kernel.provider import Kernel

    kernel = Kernel()
    state = drive(kernel.observe(Scope()))
    snapshot = Snapshot(generation=1, state=state, facts=facts.read(kernel.netlink), running=_networks_of(state))
    kernel.close()

    def work() -> None:
        asked = Reports(USUAL, tuple, SystemClock(), Log("benchmark"))
        told: dict[str, typing.Any] = {}
        for _ in range(1000):
            capabilities = asked.capabilities(snapshot)
            told = {**capabilities, "lastClientIface": asked.client_interface(snapshot, "10.0.0.1")}
        if not told["networks"] or len(told["networks"]) != len(snapshot.running.networks):
            raise AssertionError("networks are missing in the report")

    _print_time(work)


def _networks_of(state: "NetworkState") -> "Configuration":
    from linkhold.networks.configuration import Configuration, Network

    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    networks = {
        one.name: Network(bonding="bond0", vlan=number)
        for number, one in enumerate((one for one in listed if one.kind == "linux-bridge"), 1)
    }
    return Configuration(networks=networks)


def ip_json() -> None:
    """Ask `ip -j` and parse what it prints."""

    def work() -> None:
        for question in QUESTIONS:
            answer = subprocess.run(["ip", "-j", *question], stdout=subprocess.PIPE, check=True).stdout
            json.loads(answer or b"[]")

    _print_time(work)


def apply(state_dir: str, *paths: str) -> None:
    """Apply documents one after the other; the last one is timed, those before are there to warm up."""
    import linkhold

    texts = []
    for path in paths:
        with open(path) as file:
            texts.append(file.read())
    *before, last = texts
    for text in before:
        linkhold.apply(text, state_dir=state_dir)
    began = time.perf_counter()
    linkhold.apply(last, state_dir=state_dir)
    _print(time.perf_counter() - began)


def set_up(request: str) -> None:
    """Connect to the agent as a centre, and have a request carried out: timed from the connecting to the answer."""
    with open(request) as file:
        asked = json.load(file)

    async def work(client: "Client") -> None:
        answer = await client.call("Host.setupNetworks", asked)
        if answer != {"code": 0, "message": "Done"}:
            raise AssertionError(answer)

    _print(_as_centre(work))


def ask(networks: str) -> None:
    """Ask for capabilities a thousand times, one after the other; the time of one call."""
    count = 1000

    async def work(client: "Client") -> None:
        await client.call("Host.getCapabilities")
        began = time.perf_counter()
        told: dict[str, typing.Any] = {}
        for _ in range(count):
            told = await client.call("Host.getCapabilities")
        _print((time.perf_counter() - began) / count)
        if len(told["networks"]) != int(networks):
            raise AssertionError(f"{len(told['networks'])} networks reported")

    _as_centre(work)


def _as_centre(work: "typing.Callable[[Client], typing.Awaitable[None]]") -> float:
    """Do some work on a connection; how long connecting and working took."""
    import asyncio

    from linkhold.wire import tls
    from linkhold.wire.client import Client

    async def connected() -> float:
        files = tls.Files(
            *(f"{CENTRE}/{name}" for name in ("authority.pem", "engine.example.crt", "engine.example.key"))
        )
        began = time.perf_counter()
        client = await Client.connect("::1", PORT, tls.client_context(files, check_name=False))
        try:
            await work(client)
            return time.perf_counter() - began
        finally:
            await client.close()

    return asyncio.run(connected())


def _print_time(work: typing.Callable[[], None]) -> None:
    work()
    began = time.perf_counter()
    work()
    _print(time.perf_counter() - began)


def _print(seconds: float) -> None:
    print(json.dumps({"seconds": seconds}))


FUNCTIONS: dict[str, typing.Callable[..., None]] = {
    "observe": observe,
    "ip_json": ip_json,
    "report": report,
    "reports": reports,
    "apply": apply,
    "set_up": set_up,
    "ask": ask,
}

if __name__ == "__main__":
    FUNCTIONS[sys.argv[1]](*sys.argv[2:])

"""The agent killed, the executor killed at moments of a change, two centres at once, one that is cut off, strangers."""

import asyncio
import typing

import pytest

from linkhold.foundation.failures import Failure
from linkhold.wire.call import RpcError
from linkhold.wire.client import Client
from tests.agent.functional.stranger import Stranger

pytestmark = pytest.mark.needs("namespace")

Plain = dict[str, typing.Any]

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}
PATIENCE = 40.0


def asking(networks: Plain, seconds: float = 30, **options: typing.Any) -> Plain:
    return {
        "networks": networks,
        "bondings": {},
        "options": {"connectivityCheck": True, "connectivityTimeout": seconds, **options},
    }


async def until(true: typing.Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


def events(stranger: Stranger, daemon: str = "executor") -> list[str]:
    return [line["event"] for line in stranger.host.log(daemon)]


def journals(stranger: Stranger, folder: str) -> list[str]:
    found = stranger.host.root / "var/lib/linkhold" / folder
    return sorted(path.name for path in found.iterdir()) if found.is_dir() else []


def reached(stranger: Stranger, moment: str) -> bool:
    """Whether a change is at a moment, by the journal's own lines."""
    folder = stranger.host.root / "var/lib/linkhold/pending"
    return any(f'"event":"{moment}"' in path.read_text() for path in folder.iterdir()) if folder.is_dir() else False


MANY = {f"many{number}": {"bridged": True} for number in range(30)}


@pytest.mark.parametrize("moment", ["checkpoint-taken", "level", "all-applied"])
def test_the_executor_killed_at_moments_of_a_change(stranger: Stranger, moment: str) -> None:
    """Whoever asked is told, the guard takes it back, and the next executor finds a clear way."""
    standing = {"red": {"nic": "eth1", **FOUR}}
    stranger.setup(standing)
    before = len(journals(stranger, "history"))

    async def scene(client: Client) -> RpcError:
        task = asyncio.ensure_future(
            client.call("Host.setupNetworks", asking({**MANY, "red": {"nic": "eth2", **FOUR}}, seconds=4))
        )
        await until(lambda: reached(stranger, moment) or task.done())
        stranger.host.do("executor", "kill")
        with pytest.raises(RpcError) as caught:
            await task
        return caught.value

    error = stranger.during(scene)
    assert error.code in (99, 29, -32603), error
    stranger.during(lambda client: until(lambda: len(journals(stranger, "history")) > before))
    assert ".rolled-back." in journals(stranger, "history")[-1]
    stranger.host.do("executor", "start")
    stranger.agree()


def test_the_agent_killed_while_a_change_waits(stranger: Stranger) -> None:
    """The centre is back on another connection, is heard there, and finds what it has asked for; also that it is kept."""

    async def scene(client: Client) -> None:
        known = events(stranger).count("waits")
        request = asking({"red": {"nic": "eth1", **FOUR}}, commitOnSuccess=True)
        task = asyncio.ensure_future(client.call("Host.setupNetworks", request))
        await until(lambda: events(stranger).count("waits") > known)
        stranger.host.do("agent", "kill")
        with pytest.raises(Failure):
            await task

    stranger.during(scene)
    stranger.host.do("agent", "start")
    done = events(stranger).count("finished")
    assert stranger.call("Host.confirmConnectivity") is True
    stranger.during(lambda client: until(lambda: events(stranger).count("finished") > done))
    stranger.remember({"red": {"nic": "eth1", **FOUR}}, {})
    stranger.agree()
    assert stranger.caps()["netConfigDirty"] == "False"


@pytest.fixture
def other(stranger: Stranger) -> typing.Iterator[Stranger]:
    """Another centre, whose certificate has another name."""
    stranger.host.do("authority", "issue", "other.example")
    folder = stranger.host.root / "etc/linkhold-test"
    names = ("authority.pem", "other.example.crt", "other.example.key")
    one = Stranger(stranger.host, type(stranger.files)(*(str(folder / name) for name in names)))
    yield one
    one.close()


def test_two_centres_at_once(stranger: Stranger, other: Stranger) -> None:
    """The second one is told at once that it has to wait; what it says does not count for the first one's change."""

    async def scene(client: Client) -> tuple[int, object]:
        second = await other.connected()
        task = asyncio.ensure_future(
            client.call("Host.setupNetworks", asking({"red": {"nic": "eth1", **FOUR}}, seconds=2))
        )
        await asyncio.sleep(0.1)
        with pytest.raises(RpcError) as caught:
            await second.call("Host.setupNetworks", asking({"blue": {"nic": "eth2"}}))
        assert (caught.value.code, caught.value.message) == (40, "Resource unavailable")
        with pytest.raises(RpcError) as caught:
            await second.call("Host.setSafeNetworkConfig")
        while not task.done():
            await second.call("Host.confirmConnectivity")
            assert (await second.call("Host.getNetworkCapabilities"))["networks"] == {}
            await asyncio.sleep(0.1)
        with pytest.raises(RpcError) as silence:
            await task
        return caught.value.code, silence.value.code

    other._loop.close()
    other._loop = stranger._loop
    assert stranger.during(scene) == (40, 10)
    stranger.agree()
    stranger.during(lambda client: _hang_up(other))
    other._loop = asyncio.new_event_loop()


async def _hang_up(other: Stranger) -> None:
    assert other._client is not None
    await other._client.close()
    other._client = None


def test_many_ask_at_once(stranger: Stranger) -> None:
    """Of many requests at once one is carried out, the others are told to wait; reports are answered meanwhile, and who asks
    for more than a host can do is told so."""

    async def scene(client: Client) -> list[object]:
        requests = [
            client.call(
                "Host.setupNetworks", {**asking({"red": {"nic": "eth1"}}), "options": {"connectivityCheck": False}}
            )
            for _ in range(8)
        ]
        reports = [client.call("Host.getCapabilities") for _ in range(20)]
        answers = await asyncio.gather(*requests, *reports, return_exceptions=True)
        assert all(isinstance(one, dict) for one in answers[8:]), [
            one for one in answers[8:] if not isinstance(one, dict)
        ]
        return [getattr(one, "code", 0) for one in answers[:8]]

    async def flood(client: Client) -> set[object]:
        answers = await asyncio.gather(
            *(client.call("Host.getCapabilities") for _ in range(300)), return_exceptions=True
        )
        return {"answered" if isinstance(one, dict) else getattr(one, "code", one) for one in answers}

    codes = stranger.during(scene)
    assert (codes.count(0), codes.count(40)) == (1, 7)
    assert stranger.during(flood) == {"answered", 1100}
    stranger.remember({"red": {"nic": "eth1"}}, {})
    stranger.agree()


def test_certificates_of_others(stranger: Stranger) -> None:
    """Expired, of another authority, none at all: nothing is answered."""
    root = stranger.host.root / "etc/linkhold-test"
    stranger.host.do("authority", "issue", "late", -1)  # type: ignore[arg-type]
    late = type(stranger.files)(*(str(root / name) for name in ("authority.pem", "late.crt", "late.key")))
    one = Stranger(stranger.host, late)
    with pytest.raises(Failure):
        one.call("Host.ping2")
    one.close()
    assert stranger.call("Host.ping2") is True


@pytest.mark.needs("vlan")
def test_a_centre_that_cuts_itself_off_is_back(stranger: Stranger) -> None:
    """It calls over the cable; the address it calls moves to another VLAN, by its own request: nothing more is heard of it,
    and after the time it gave itself the address is where it was."""
    host = stranger.host
    stranger.setup({"ovirtmgmt": {"nic": "eth1", "vlan": 101, **FOUR}}, commitOnSuccess=True)
    host.far.ip("link", "add", "link", "far1", "name", "far1.101", "type", "vlan", "id", "101")
    host.far.ip("address", "add", "192.0.2.1/24", "dev", "far1.101")
    host.far.ip("link", "set", "far1.101", "up")

    async def scene() -> Plain:
        with host.far.entered():
            client = await _called(stranger)
        request = asking({"ovirtmgmt": {"nic": "eth1", "vlan": 102, **FOUR}}, seconds=2)
        task = asyncio.ensure_future(client.call("Host.setupNetworks", request))
        speaking = asyncio.ensure_future(_speak(client))
        with pytest.raises(RpcError) as caught:
            await asyncio.wait_for(task, PATIENCE)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        assert caught.value.code == 10
        caps = await client.call("Host.getCapabilities")
        await client.close()
        return typing.cast(Plain, caps)

    caps = stranger._loop.run_until_complete(scene())
    assert caps["lastClientIface"] == "ovirtmgmt"
    assert caps["networks"]["ovirtmgmt"]["vlanid"] == 101
    stranger.agree()


async def _called(stranger: Stranger) -> Client:
    from linkhold.wire import tls
    from tests.agent.pair import PORT

    return await Client.connect("192.0.2.7", PORT, tls.client_context(stranger.files, check_name=False))


async def _speak(client: Client) -> None:
    """As an engine's poller does; what it says while it is cut off arrives when the way is back, and is too late then."""
    while True:
        asyncio.ensure_future(client.call("Host.confirmConnectivity")).add_done_callback(lambda done: done.exception())
        await asyncio.sleep(0.5)

"""All providers of a host as one: who is asked for what, in which order, and whose ground is kept."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.executor import owners
from linkhold.executor.together import Together
from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Permanent, Temporary
from linkhold.planning.change import Change, Plan, Stage
from linkhold.planning.owning import Row
from linkhold.providers.contract import Alone, Capabilities, Inability, Saved, Scope, Watch
from linkhold.state.document import read
from linkhold.state.interfaces.vlan import Vlan
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised

STATE = normalised(read({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up"}]}), Diagnostics())
ETH1 = STATE.by_key["eth1", ""]
CALLS: list[str] = []


class Quiet:
    """A watch that hears of something when it is told so."""

    def __init__(self, *, news: bool) -> None:
        self.news, self.closed = news, False

    async def changed(self, timeout: float) -> bool:
        if not self.news:
            await asyncio.sleep(timeout)
        return self.news

    def close(self) -> None:
        self.closed = True


class Part(Alone):
    """Writes down what it is asked for."""

    def __init__(
        self, name: str, kinds: dict[str, str], *, lacks: str = "", completes: str = "", news: bool = False
    ) -> None:
        self.name, self._kinds, self._lacks, self._completes, self._news = name, kinds, lacks, completes, news
        self.refuses_to_save = self.silent = False

    async def capabilities(self) -> Capabilities:
        if self.silent:
            raise Temporary("does not answer")
        return Capabilities(
            provider=self.name,
            kinds=self._kinds,
            subjects=frozenset({"route"}) if self._kinds else frozenset(),
            inabilities=(Inability(path=self._lacks, reason="no"),) if self._lacks else (),
            completes=frozenset({self._completes}) if self._completes else frozenset(),
        )

    def present(self) -> bool:
        return True

    async def observe(self, scope: Scope) -> NetworkState:
        return STATE

    async def amend(self, state: NetworkState, scope: Scope) -> NetworkState:
        if self.silent:
            raise Temporary("does not answer")
        (one,) = state.by_key.values()
        said = one.description if isinstance(one.description, str) else ""
        return state.replace(interfaces=(one.replace(description=f"{said}{self.name} "),))

    async def apply(self, stage: Stage, changes: typing.Sequence[Change]) -> None:
        CALLS.append(f"{self.name} {stage} {' '.join(change.name for change in changes)}")

    async def save(self, plan: Plan, seconds: float, held: typing.Container[str] = ()) -> Saved:
        if self.refuses_to_save:
            raise Temporary("not now")
        return {"of": self.name} if self._kinds and self.name != "kernel" else {}

    async def put_back(self, saved: Saved) -> None:
        CALLS.append(f"{self.name} put back {saved['of']}")

    async def discard(self, saved: Saved) -> None:
        CALLS.append(f"{self.name} discard {saved['of']}")

    def close(self) -> None:
        CALLS.append(f"{self.name} close")

    def watch(self) -> Watch:
        return Quiet(news=self._news)


def owner(together: Together) -> str:
    table = drive(together.owners())
    assert table is not None
    return table.owner(ETH1)


@pytest.fixture(autouse=True)
def _forget() -> None:
    CALLS.clear()


def host(rows: tuple[Row, ...] = (), *, news: str = "") -> Together:
    kernel = Part("kernel", {"ethernet": ""}, lacks="ipv4.dhcp", news=news == "kernel")
    manager = Part("manager", {"ethernet": "", "vlan": ""}, news=news == "manager")
    client = Part("client", {}, completes="ipv4.dhcp")
    return Together(kernel, (manager, client), rows=rows)


def change(provider: str, *, before: str = "kernel", action: typing.Any = "~") -> Change:
    old = ETH1.replace(provider=before) if before != "kernel" else ETH1
    return Change(action=action, subject="interface", name="eth1", before=old, after=old, provider=provider)


def test_services_lay_what_they_know_over_what_the_kernel_shows() -> None:
    (interface,) = drive(host().observe(Scope())).by_key.values()
    assert interface.description == "manager client "


def test_a_change_goes_to_its_owner_to_the_kernel_and_to_who_completes_it() -> None:
    drive(host().apply("configure", [change("kernel")]))
    assert CALLS == ["kernel configure eth1", "client configure eth1"]
    CALLS.clear()
    drive(host().apply("configure", [change("manager")]))
    assert CALLS == ["manager configure eth1", "kernel configure eth1"]


def test_the_former_owner_lets_go_in_the_release() -> None:
    drive(host().apply("release", [change("kernel", before="manager")]))
    assert CALLS == ["client release eth1", "kernel release eth1", "manager release eth1"]
    CALLS.clear()
    drive(host().apply("configure", [change("kernel", before="manager")]))
    assert "manager configure eth1" not in CALLS


def test_a_route_that_goes_is_deleted_by_the_kernel_whoever_owned_it() -> None:
    route = Change(action="-", subject="route", name="default", provider="manager")
    drive(host().apply("release", [route]))
    assert CALLS == ["kernel release default", "manager release default"]
    CALLS.clear()
    drive(host().apply("route", [route.replace(action="+")]))
    assert CALLS == ["manager route default"]


def test_each_gets_its_own_ground_back() -> None:
    together = host()
    saved = drive(together.save(Plan(), 60.0))
    assert saved == {"manager": {"of": "manager"}}
    assert drive(together.save(Plan(), 60.0, held=saved)) == {}
    drive(together.put_back(saved))
    drive(together.discard(saved))
    assert CALLS == ["manager put back manager", "manager discard manager"]


def test_a_ground_that_can_not_be_saved_leaves_none_behind() -> None:
    together = host()
    other = Part("other", {"bond": ""})
    other.refuses_to_save = True
    together.services = (*together.services, other)
    with pytest.raises(Temporary):
        drive(together.save(Plan(), 60.0))
    assert CALLS == ["manager discard manager"]


def test_the_ground_of_a_service_that_is_gone_is_put_back_all_the_same() -> None:
    kernel = Part("kernel", {"ethernet": ""})
    alone = Together(kernel, (), absent={"manager": lambda: Part("manager", {"ethernet": ""})})
    drive(alone.put_back({"manager": {"of": "yore"}}))
    assert CALLS == ["manager put back yore"]
    with pytest.raises(Temporary, match="'stranger'"):
        drive(alone.put_back({"stranger": {}}))


@pytest.mark.parametrize("who", ["kernel", "manager"])
def test_news_of_any_is_news(who: str) -> None:
    watch = host(news=who).watch()
    assert asyncio.run(watch.changed(5.0))
    watch.close()


def test_no_news_takes_the_whole_time() -> None:
    assert not asyncio.run(host().watch().changed(0.01))


def test_the_table_of_owners_begins_with_what_is_forced(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc/linkhold"
    folder.mkdir(parents=True)
    (folder / "linkhold.toml").write_text('[providers]\n"eth1" = "kernel"\n"*" = "auto"\n')
    rows = owners.forced(str(tmp_path))
    table = drive(host(rows).owners())
    assert table is not None
    vlan = Vlan(name="v", state="up")
    assert table.owner(ETH1) == "kernel"
    assert table.owner(ETH1.replace(name="eth2")) == "manager"
    assert table.owner(vlan) == "manager"
    assert owners.forced(str(tmp_path / "nowhere")) == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[providers\n", "linkhold.toml"),
        ("[providers]\neth1 = 7\n", "maps names of interfaces"),
        ('[providers]\neth1 = "carrier-pigeon"\n', "no provider 'carrier-pigeon' here"),
    ],
)
def test_a_wrong_configuration_is_told(tmp_path: pathlib.Path, text: str, complaint: str) -> None:
    folder = tmp_path / "etc/linkhold"
    folder.mkdir(parents=True)
    (folder / "linkhold.toml").write_text(text)
    with pytest.raises(Permanent, match=complaint):
        drive(host(owners.forced(str(tmp_path))).owners())


def test_a_service_that_does_not_answer_is_left_out_until_it_does() -> None:
    together = host()
    manager = together.services[0]
    assert isinstance(manager, Part)
    manager.silent = True
    (interface,) = drive(together.observe(Scope())).by_key.values()
    assert interface.description == "client "
    assert together.remarks() == ("manager left out: does not answer",)
    assert [one.provider for one in drive(together.all_capabilities())] == ["kernel", "client"]
    assert drive(together.owners()) is None
    manager.silent = False
    drive(together.observe(Scope()))
    assert together.remarks() == ()
    assert owner(together) == "manager"


def test_a_service_that_never_answered_is_told_too() -> None:
    together = host()
    assert isinstance(together.services[0], Part)
    together.services[0].silent = True
    assert len(drive(together.all_capabilities())) == 2
    assert together.remarks() == ("manager left out: does not answer",)

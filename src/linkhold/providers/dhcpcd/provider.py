"""Leases as a service beside the kernel: one dhcpcd for each family of an interface that asks for one."""

import os
import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.contract import Capabilities, Groundless, Saved, Scope
from linkhold.providers.dhcpcd import presence

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.providers.dhcpcd.serving import Serving
    from linkhold.providers.dhcpcd.ways import Ways
    from linkhold.state.network import NetworkState

COMPLETES: typing.Final = frozenset({"ipv4.dhcp", "ipv6.dhcp", "ipv6.autoconf", "wait-ip"})


class Dhcpcd(Groundless):
    """Implements `Service` of the contract. `ways` is how leases get onto interfaces (`providers.dhcpcd.ways`); `root` is put
    before the paths of our files, for tests.

    What it was asked for is part of the state it shows, so taking back is planning; kept beside is which clients there were,
    since one that died as it was started shows nowhere, and what the kernel did with router advertisements.
    """

    name = "dhcpcd"

    def __init__(self, root: str = "", ways: "typing.Callable[[str], Ways] | None" = None) -> None:
        self._root = root
        self._base = root + presence.BASE
        self._make_ways = ways
        self._ways: Ways | None = None
        self._kept_by_kernel: set[str] = set()

    def present(self) -> bool:
        """Whether the program is installed."""
        return presence.present()

    async def capabilities(self) -> Capabilities:
        """It owns nothing, and completes what the owners of interfaces can't do."""
        return Capabilities(provider=self.name, kinds={}, subjects=frozenset(), completes=COMPLETES)

    async def amend(self, state: "NetworkState", scope: Scope) -> "NetworkState":
        """The state with what clients were asked for."""
        if not presence.interfaces(self._base):
            return state
        from linkhold.providers.dhcpcd.amending import amended

        return amended(state, self._base)

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Stop what is not wanted any more as soon as may be; start what is wanted once its interface is up."""
        mine = [one for one in changes if one.subject == "interface" and self._concerned(one)]
        if not mine:
            return
        serving = self._serving()
        for change in mine:
            try:
                serving.carry_out(stage, change)
            except OSError as error:
                from linkhold.foundation.failures import Refused

                answer = f"{error.strerror} ({error.filename})"
                raise Refused(
                    f"the lease of {change.name} can't be set up: {answer}", change=change, answer=answer
                ) from error
        await serving.leased()

    async def save(self, plan: "Plan", seconds: float) -> Saved:
        """Which clients there are, and what the kernel does with router advertisements where there is none yet."""
        from linkhold.providers.dhcpcd.folder import Client
        from linkhold.providers.dhcpcd.settings import FAMILIES, OWNERS

        self._kept_by_kernel.clear()
        clients: dict[str, list[str]] = {}
        kernel: dict[str, str] = {}
        for change in plan.changes:
            if change.subject != "interface" or not self._concerned(change):
                continue
            name = change.name
            clients[name] = [one for one in FAMILIES if Client(name, one, self._base).settings is not None]
            ours = change.before is not UNSET and change.before.owner in OWNERS
            if ours and "ipv6" not in clients[name] and any(_listens(one) for one in (change.before, change.after)):
                kernel[name] = self._host().accepts_advertisements(name)
        return {"clients": clients, "accept-ra": kernel} if clients else {}

    async def put_back(self, saved: Saved) -> None:
        """Clients that were not there go, wherever their start had got to; the kernel does with advertisements what it did.
        Those that were there, and their settings, are planned."""
        from linkhold.providers.dhcpcd.folder import Client
        from linkhold.providers.dhcpcd.settings import FAMILIES

        serving = self._serving()
        for interface, before in saved.get("clients", {}).items():
            for family in FAMILIES:
                if family not in before:
                    serving.end(Client(interface, family, self._base))
        for interface, setting in saved.get("accept-ra", {}).items():
            self._kept_by_kernel.add(interface)
            if setting and self._host().link(interface) is not None:
                self._host().accept_advertisements(interface, setting)

    def close(self) -> None:
        """Nothing is held open."""
        close = getattr(self._ways, "close", None)
        if close is not None:
            close()
        self._ways = None

    def watch(self) -> "Quiet":
        """What a lease changes, the kernel tells."""
        return Quiet()

    def _concerned(self, change: "Change") -> bool:
        if os.path.isdir(f"{self._base}/{change.name}"):
            return True
        return any(_automatic(side) for side in (change.before, change.after))

    def _serving(self) -> "Serving":
        from linkhold.providers.dhcpcd.serving import Serving

        return Serving(self._host(), self._root, self._base, frozenset(self._kept_by_kernel))

    def _host(self) -> "Ways":
        if self._ways is None:
            assert self._make_ways is not None, "composed without a way to the kernel"
            self._ways = self._make_ways(self._root)
        return self._ways


def _listens(interface: typing.Any) -> bool:
    """Whether it has, or wants, addresses from routers or by DHCPv6."""
    section = UNSET if interface is UNSET else interface.ipv6
    return section is not UNSET and section.automatic


def _automatic(interface: typing.Any) -> bool:
    if interface is UNSET:
        return False
    families = [section for section in (interface.ipv4, interface.ipv6) if section is not UNSET]
    return interface.wait_ip is not UNSET or any(one.dhcp is True or one.get("autoconf") is True for one in families)


class Quiet:
    """A watch that has nothing to tell by itself."""

    async def changed(self, timeout: float) -> bool:
        """Wait."""
        import asyncio

        await asyncio.sleep(timeout)
        return False

    def close(self) -> None:
        """Nothing to let go of."""

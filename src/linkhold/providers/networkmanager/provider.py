"""NetworkManager as a service beside the kernel: one connection to the bus, opened on first use."""

import typing

from linkhold.providers.networkmanager import presence

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.providers.contract import Capabilities, Saved, Scope
    from linkhold.providers.networkmanager.apply import Applier
    from linkhold.providers.networkmanager.bus import Bus
    from linkhold.providers.networkmanager.watch import NetworkManagerWatch
    from linkhold.state.network import NetworkState


def _none(name: str) -> bool:
    return False


class NetworkManager:
    """Implements `Service` of the contract. Its coroutines need an event loop; each loop gets a connection of its own.

    `root` is put before the paths of profile files (images, tests). `leaves` tells which devices belong to another
    provider by the operator's word: unmanaged ones among them are not shown as ignored.
    """

    name = "networkmanager"

    def __init__(self, root: str = "", *, leaves: typing.Callable[[str], bool] = _none) -> None:
        self._root, self._leaves = root, leaves
        self._bus: Bus | None = None
        self._applier: Applier | None = None
        self._patient = True
        self._kept: frozenset[str] = frozenset()

    def present(self) -> bool:
        """Whether it runs here."""
        return presence.present()

    async def _connected(self) -> "Bus":
        if self._bus is not None and self._bus.alive:
            return self._bus
        from linkhold.providers.networkmanager.bus import Bus

        self._drop()
        self._bus = await Bus.open()
        return self._bus

    async def capabilities(self) -> "Capabilities":
        """What can be done here, by the release that runs now: it may have been killed, or replaced by a newer one."""
        from linkhold.providers.networkmanager.capability import capabilities
        from linkhold.providers.networkmanager.dbus import I_MANAGER, MANAGER
        from linkhold.providers.networkmanager.inventory import READING, version_of

        bus = await self._connected()
        return capabilities(version_of(await bus.property(MANAGER, I_MANAGER, "Version", READING)))

    async def amend(self, state: "NetworkState", scope: "Scope") -> "NetworkState":
        """The state with what only NetworkManager knows."""
        from linkhold.providers.networkmanager import amend, inventory, leaving, reading, scripts

        handed_over = leaving.left(self._root)  # whoever is to own them next: they are set up, by another provider
        bus = await self._connected()
        known = await inventory.take_inventory(bus)
        running = await reading.running(bus, known, compared=scope.idle)
        kept = await reading.waiting(bus, known)
        leaves = lambda name: name in handed_over or self._leaves(name)  # noqa: E731
        idle = await reading.idle(bus, known) if scope.idle else []
        return amend.amended(state, known, running, kept, idle, scripts.read_scripts(), leaves)

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """Remember the whole: a profile holds an interface with all its routes."""
        from linkhold.providers.networkmanager.apply import Applier

        self._applier = Applier(plan, before, after, lasting=lasting, kept=self._kept, root=self._root)
        await self._leave_alone(plan, lasting)

    async def _leave_alone(self, plan: "Plan", lasting: bool) -> None:
        """What another provider is about to make must not be looked after by NetworkManager as soon as it appears: it sets
        switches of IPv6 that are not as its own profiles would have them."""
        from linkhold.providers.networkmanager import activation, ground, leaving

        names = ground.made_by_others(plan, await self.capabilities())
        if lasting and names - leaving.left(self._root):
            leaving.leave(names, self._root)
            await activation.read_configuration(await self._connected())

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Carry out one stage of some changes of the plan that was begun."""
        if self._applier is None:
            raise RuntimeError("nothing was begun: apply follows begin")
        await self._applier.carry_out(await self._connected(), stage, changes)

    async def save(self, plan: "Plan", seconds: float) -> "Saved":
        """Take a checkpoint, and keep what that does not hold."""
        from linkhold.providers.networkmanager import ground

        self._patient, self._kept = True, frozenset()
        if not ground.concerns(plan) and not ground.made_by_others(plan, await self.capabilities()):
            return {}
        return await ground.save(await self._connected(), plan, seconds, self._root)

    async def keep(self, saved: "Saved", seconds: float) -> None:
        """Put off NetworkManager's own way back."""
        from linkhold.providers.networkmanager import ground

        await ground.keep(await self._connected(), saved, seconds)

    async def put_back(self, saved: "Saved") -> None:
        """Return to the checkpoint, or to the originals of all profiles."""
        from linkhold.providers.networkmanager import ground

        reached = await ground.put_back(self._connected, saved, self._root, patient=self._patient)
        self._patient = reached  # who has waited for it once and in vain does not wait again
        self._kept = frozenset(saved["active"])

    async def discard(self, saved: "Saved") -> None:
        """Give the checkpoint up."""
        from linkhold.providers.networkmanager import ground

        await ground.discard(self._connected, saved)

    def close(self) -> None:
        """Close the connection."""
        self._drop()
        self._applier = None

    def _drop(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def watch(self) -> "NetworkManagerWatch":
        """Watch what NetworkManager tells."""
        from linkhold.providers.networkmanager.watch import NetworkManagerWatch

        return NetworkManagerWatch(self._connected, self._bus)

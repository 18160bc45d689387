"""Carrying out a plan by profiles.

All profiles are written at once, before the first stage that needs one; nothing happens to a device by that. A device is
then *brought* to its profile once, in the first stage that makes or changes its interface: by Reapply where that does
without a flap, else by activating. Nobody waits for a device before the last stage its interface stands in, so that a
whole level, and what stands on it, comes up together.
"""

import collections
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET, Unset
from linkhold.planning.change import Change, Plan, Stage
from linkhold.planning.references import named
from linkhold.providers.networkmanager import activation, leaving, targets
from linkhold.providers.networkmanager.activation import Awaited, Tracker
from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.capability import NAME
from linkhold.providers.networkmanager.dbus import (
    ACTIVE_DEACTIVATED,
    ACTIVE_DEACTIVATING,
    BLOCK_AUTOCONNECT,
    I_DEVICE,
    I_PROFILE,
    I_SETTINGS,
    IN_MEMORY,
    NO_REAPPLY,
    NOTHING,
    SETTINGS,
    TO_DISK,
)
from linkhold.providers.networkmanager.host_wide import apply_host_wide
from linkhold.providers.networkmanager.inventory import Inventory, take_inventory
from linkhold.providers.networkmanager.profile_files import in_memory
from linkhold.providers.networkmanager.reading import applied, secrets, stored
from linkhold.providers.networkmanager.scripts import write_scripts
from linkhold.providers.networkmanager.targets import Held, Target, owned
from linkhold.providers.networkmanager.values import Settings, packed, plain, signatures_of
from linkhold.state.network import NetworkState

ATTEMPTS: typing.Final = 3
"""Activations of one device, where it fails since what it depends on was itself activated again."""

_FULL: typing.Final = frozenset({"controller", "mptcp"})
"""Fields that NetworkManager takes note of only when a profile is activated."""


class Applier:
    """One plan, from its `begin` to its last stage."""

    def __init__(
        self,
        plan: Plan,
        before: NetworkState,
        after: NetworkState,
        *,
        lasting: bool,
        kept: frozenset[str] = frozenset(),
        root: str = "",
    ) -> None:
        self._plan, self._before, self._after, self._lasting = plan, before, after, lasting
        self._left = collections.Counter(name for _, changes in plan.steps() for name in self._names(changes))
        self._kept, self._root = kept, root
        self._ready = False
        self._inventory = Inventory({})
        self._held: Held = {}
        self._seen: dict[str, dict[str, dict[str, str]]] = {}
        self._targets: dict[str, Target] = {}
        self._paths: dict[str, str] = {}
        self._awaited: dict[str, Awaited] = {}
        self._brought: set[str] = set()
        self._ending: list[str] = []
        self._swayed: tuple[str, ...] = ()
        self._following: dict[str, list[str]] = {}

    def _names(self, changes: typing.Iterable[Change]) -> typing.Iterator[str]:
        """The interfaces that changes are about, of those that we carry out."""
        for change in changes:
            if change.provider != NAME and not _lets_go(change):
                continue
            if change.subject == "interface":
                yield (change.before if change.after is UNSET else change.after).name
            elif change.subject == "route":
                yield targets.route_carrier(change)

    def _followed(self, names: typing.Iterable[str]) -> dict[str, None]:
        """These, and after each controller the ports that are brought along with it."""
        return dict.fromkeys(one for name in names for one in (name, *self._following.get(name, ())))

    async def carry_out(self, bus: Bus, stage: Stage, changes: typing.Sequence[Change]) -> None:
        """One stage of some changes.

        Raises:
            Failure: NetworkManager refused, failed or went away.
        """
        tracker = Tracker(bus)
        try:
            await self._prepare(bus)
            if stage == "release":
                await self._release(bus, changes)
            elif stage in ("remove", "discard"):
                await self._remove(bus, tracker, changes)
            await self._bring_all(bus, tracker, stage, changes)
            if stage == "resolve":
                await apply_host_wide(bus, self._inventory, changes, self._after)
            await self._finish(bus, tracker, changes)
        finally:
            tracker.close()

    async def _prepare(self, bus: Bus) -> None:
        """Look, decide and write all profiles. Done once; a plan that is carried out again begins anew."""
        if self._ready:
            return
        self._inventory = await take_inventory(bus)
        raw = await stored(bus, list(self._inventory.profiles))
        self._seen = {path: signatures_of(settings) for path, settings in raw.items()}
        self._held = {path: plain(settings) for path, settings in raw.items()}
        await self._with_secrets(bus)
        making = targets.Making(
            self._before,
            self._after,
            self._inventory,
            self._held,
            targets.dns_in_profiles(self._plan, self._after),
            self._kept,
            await self._unstored(bus),
        )
        names = dict.fromkeys(targets.touched(self._plan, self._after))
        if any(one.subject in ("rule", "dns") and one.provider == NAME for one in self._plan.changes):
            self._swayed = making.swayed()
            names |= dict.fromkeys(self._swayed)
        for name in names:
            one = making.target(self._after.by_key[(name, "")])
            if one.path or one.interface.wanted:  # what is to be down needs no profile for that
                self._targets[name] = one
        for name in names:
            self._with_ports(making, name)
        await self._write(bus)
        self._ready = True

    async def _unstored(self, bus: Bus) -> Held:
        """What is in force, by interface, where the profiles that stay in use say otherwise."""
        changes = [one for one in self._plan.changes if one.subject == "interface" and one.before is not UNSET]
        names = {one.before.name for one in changes if one.before.unstored is not UNSET}
        if not names:
            return {}
        return {name: one for name, one in (await applied(bus, self._inventory)).items() if name in names}

    def _with_ports(self, making: targets.Making, name: str) -> None:
        """What a controller says of a port stands in the port's profile."""
        ports = self._after.by_key[(name, "")].ports
        for port in ports if isinstance(ports, tuple) else ():
            interface = self._after.by_key.get((port, ""), UNSET)
            if isinstance(interface, Unset) or port in self._targets or not owned(interface):
                continue
            one = making.target(interface)
            if _as_port(one.settings) != _as_port(self._held.get(one.path, {})):
                self._targets[port] = one
                self._following.setdefault(name, []).append(port)

    async def _with_secrets(self, bus: Bus) -> None:
        for path, sections in (await secrets(bus, self._held)).items():
            for name, section in sections.items():
                self._held[path].setdefault(name, {}).update(section)

    async def _write(self, bus: Bus) -> None:
        """Save the profiles that are not yet as they are to be; pipelined."""
        where = TO_DISK if self._lasting else IN_MEMORY
        calls: list[Call] = []
        written: list[Target] = []
        for one in self._targets.values():
            if one.path:
                self._paths[one.name] = one.path
                stays = self._lasting and in_memory(self._inventory.profiles[one.path])
                if one.settings == self._held[one.path] and not stays:
                    continue
            written.append(one)
            calls.append(self._save(one, where))
        for one, (answer, *_) in zip(written, await bus.every(calls), strict=True):
            if not one.path:
                self._paths[one.name] = answer

    def _save(self, one: Target, where: int) -> Call:
        body = packed(one.settings, self._seen.get(one.path, {}))
        change = self._change(one.name)
        if one.path:
            flags = where | BLOCK_AUTOCONNECT | NO_REAPPLY
            about = f"change the profile of {one.name}"
            return Call(one.path, I_PROFILE, "Update2", "a{sa{sv}}ua{sv}", (body, flags, {}), about, change)
        about = f"add a profile for {one.name}"
        arguments: tuple[typing.Any, ...] = (body, where | BLOCK_AUTOCONNECT, {})
        return Call(SETTINGS, I_SETTINGS, "AddConnection2", "a{sa{sv}}ua{sv}", arguments, about, change)

    def _change(self, name: str) -> Change | None:
        return next((one for one in self._plan.changes if one.subject == "interface" and one.name == name), None)

    async def _release(self, bus: Bus, changes: typing.Sequence[Change]) -> None:
        """Let go of what goes to another provider; begin to take down what is removed or made anew."""
        leaving = [one for one in changes if _lets_go(one)]
        if leaving:
            await self._let_go(bus, [one.before.name for one in leaving])
        going = [one for one in changes if one.subject == "interface" and one.provider == NAME and one.action in "-±"]
        await self._take_down(bus, going)

    async def _let_go(self, bus: Bus, names: list[str]) -> None:
        await activation.manage(bus, self._inventory, names, wanted=False)
        if self._lasting:
            leaving.leave(names, self._root)
        await self._delete(bus, [path for name in names for path in self._profiles(name)])

    def _profiles(self, name: str) -> tuple[str, ...]:
        return targets.profiles_for(name, self._inventory, self._held)

    async def _take_down(self, bus: Bus, changes: typing.Sequence[Change]) -> None:
        calls = []
        for change in changes:
            active = self._inventory.active_on(change.before.name)
            if active is not None and active.path not in self._ending:
                calls.append(activation.deactivate(active.path, change.name, change))
                self._ending.append(active.path)
        await bus.all(calls)  # one that ended by itself meanwhile is no trouble: `_remove` looks

    async def _remove(self, bus: Bus, tracker: Tracker, changes: typing.Sequence[Change]) -> None:
        """Delete the profiles of what goes, and devices that would stay."""
        going = [one for one in changes if one.subject == "interface" and one.action in "-±"]
        await self._take_down(bus, going)
        await activation.deactivated(bus, tracker, self._ending)
        self._ending.clear()
        doomed = [path for one in going if one.action == "-" for path in self._profiles(one.before.name)]
        await self._delete(bus, doomed)
        now = await take_inventory(bus)
        devices = [now.by_name[one.before.name] for one in going if one.before.name in now.by_name]
        virtual = {one.before.name for one in going if one.before.virtual}
        gone = await bus.all(
            Call(one.path, I_DEVICE, "Delete", about=f"delete {one.name}")
            for one in devices
            if one.name in virtual and one.real
        )
        for answer in gone:
            if answer.failure is not None and not answer.failure.name.endswith(
                (".UnknownObject", ".UnknownMethod", ".NotSoftware")
            ):
                raise answer.failure.failure() from answer.failure

    async def _delete(self, bus: Bus, paths: typing.Iterable[str]) -> None:
        """Delete profiles; for a change that is not to last, those on disk stay."""
        chosen = [one for one in dict.fromkeys(paths) if one in self._held]
        if not self._lasting:
            chosen = [one for one in chosen if in_memory(self._inventory.profiles[one])]
        answers = await bus.all(Call(one, I_PROFILE, "Delete", about="delete a profile") for one in chosen)
        for path, answer in zip(chosen, answers, strict=True):
            if answer.failure is not None and "Unknown" not in answer.failure.name:
                raise answer.failure.failure() from answer.failure
            self._held.pop(path, None)

    async def _bring_all(self, bus: Bus, tracker: Tracker, stage: Stage, changes: typing.Sequence[Change]) -> None:
        names = self._due(stage, changes)
        if not names:
            return
        names = list(dict.fromkeys(one for name in names for one in (*self._parents(name), name)))
        if leaving.take(self._targets, self._root):
            await activation.read_configuration(bus)
        late = self._after_their_peers(names)
        await self._bring(bus, tracker, [name for name in names if name not in late])
        await self._bring(bus, tracker, late)

    def _after_their_peers(self, names: typing.Sequence[str]) -> list[str]:
        """Other ends of pairs, and what would bring those up before they exist: NetworkManager brings a controller up with
        all its ports, and a port with its controller, and then never gets done with an end that is made under its hands."""
        ends = self._other_ends(names)
        first = {self._targets[name].interface.get("veth").peer for name in ends}
        controllers = set(self._controllers(ends)) - set(self._controllers(first))
        return [
            name
            for name in names
            if name in ends or name in controllers or self._targets[name].interface.controller in controllers
        ]

    def _other_ends(self, names: typing.Sequence[str]) -> list[str]:
        """Those that come with their peer, which stands before them: they can be set up only once it was made."""
        ends = []
        for index, name in enumerate(names):
            veth = self._targets[name].interface.get("veth")
            if veth is not UNSET and veth.peer in names[:index] and veth.peer not in ends:
                ends.append(name)
        return ends

    async def _bring(self, bus: Bus, tracker: Tracker, names: typing.Sequence[str]) -> None:
        if not names:
            return
        await self._there(bus, tracker, [*names, *self._controllers(names)])
        now = await take_inventory(bus)
        calm = [name for name in names if self._calm(name, now)]
        calls = [activation.reapply(now.by_name[name].path, name, self._change(name)) for name in calm]
        answers = await bus.all(calls)
        refused = {name for name, answer in zip(calm, answers, strict=True) if answer.failure is not None}
        rest = [name for name in names if name not in calm or name in refused]
        await self._activate(bus, now, rest)
        self._brought.update(names)

    async def _there(self, bus: Bus, tracker: Tracker, names: typing.Sequence[str]) -> None:
        """Have all devices that are there managed. The other end of a pair comes with the first one: NetworkManager, which
        waits for udev, may not have seen it yet."""
        peers = [name for name in names if self._targets[name].interface.kind == "veth"]
        now = await activation.seen(bus, tracker, [name for name in peers if self._comes_with(name)])
        await activation.manage(bus, now, names, wanted=True)

    def _parents(self, name: str) -> typing.Iterator[str]:
        """What it rides on, lowest first, as far as that is there by its profile only and so comes up later: now, then."""
        for parent in named(self._targets[name].interface, "parent"):
            idle = parent in self._targets and parent not in self._inventory.by_name
            if idle and parent not in self._brought and self._targets[parent].interface.wanted:
                yield from self._parents(parent)
                yield parent

    def _controllers(self, names: typing.Iterable[str]) -> typing.Iterator[str]:
        """Of ports that are brought up: NetworkManager brings their controllers up with them."""
        for name in names:
            controller = self._targets[name].interface.controller
            if controller in self._targets:
                yield str(controller)

    def _comes_with(self, name: str) -> bool:
        """Whether it exists since another interface was made."""
        veth = self._targets[name].interface.get("veth")
        return veth is not UNSET and veth.peer in self._brought

    def _due(self, stage: Stage, changes: typing.Sequence[Change]) -> list[str]:
        """The interfaces to be brought to their profiles in this stage."""
        due: dict[str, None] = {}
        if stage not in ("release", "remove", "discard"):
            due |= dict.fromkeys(self._names(changes))
        else:
            due |= dict.fromkeys(self._for_the_last_time(changes))
        if any(one.subject in ("rule", "dns") for one in changes):
            due |= dict.fromkeys(self._swayed)
        return [
            name
            for name in self._followed(due)
            if name in self._targets and name not in self._brought and self._targets[name].interface.wanted
        ]

    def _for_the_last_time(self, changes: typing.Sequence[Change]) -> typing.Iterator[str]:
        """Interfaces that stand in no later stage: ports that only leave their controller, those over which a route goes."""
        here = collections.Counter(self._names(changes))
        return (name for name, times in here.items() if self._left[name] <= times)

    def _calm(self, name: str, now: Inventory) -> bool:
        """Whether the device runs by the right profile, and the change needs no more than to put it in force."""
        active = now.managing(name)
        if active is None or active.profile != self._paths[name] or active.state >= ACTIVE_DEACTIVATED:
            return False
        change = self._change(name)
        if change is None or change.action != "~":
            return change is None
        if any(_added_to_leases(change.before.get(family), change.after.get(family)) for family in ("ipv4", "ipv6")):
            return False
        return all(change.before.get(field) == change.after.get(field) for field in _FULL)

    async def _activate(self, bus: Bus, now: Inventory, names: typing.Sequence[str]) -> None:
        """Activate, unless a controller that came up did so already with the profile as it is now."""
        calls, chosen = [], []
        for name in names:
            device = now.by_name.get(name)
            coming = self._coming(name, now)
            if coming:
                self._await(name, coming)
                continue
            chosen.append(name)
            path = device.path if device is not None and device.real else NOTHING
            calls.append(activation.activate(self._paths[name], path, name, self._change(name)))
        for name, (path,) in zip(chosen, await bus.every(calls), strict=True):
            self._await(name, path)

    def _coming(self, name: str, now: Inventory) -> str:
        """The active connection that is on its way already with the profile as it is now; '' for none."""
        old = self._inventory.managing(name)
        fresh = (
            one.path
            for one in now.actives.values()
            if one.profile == self._paths[name]
            and one.state < ACTIVE_DEACTIVATING
            and (old is None or one.path != old.path)
        )
        return next(fresh, "")

    def _await(self, name: str, active: str) -> None:
        interface = self._targets[name].interface
        self._awaited[name] = Awaited(
            name, self._paths[name], active, targets.waits_whole(interface), self._change(name)
        )

    async def _finish(self, bus: Bus, tracker: Tracker, changes: typing.Sequence[Change]) -> None:
        """Wait for those that stand in no later stage; then what hangs on them being up."""
        names = list(self._names(changes))
        self._left.subtract(names)
        over = [name for name in dict.fromkeys(names) if self._left[name] <= 0]
        if any(one.subject in ("rule", "dns") for one in changes):
            over += [name for name in self._swayed if self._left[name] <= 0]
        over = list(self._followed(over))
        await self._wait(bus, tracker, over)
        down = [
            one for one in changes if one.subject == "interface" and _goes_down(one) and self._left[one.after.name] <= 0
        ]
        await self._bring_down(bus, tracker, down)
        bare = [one.after.name for one in down if targets.given_up(one.after)]
        await self._delete(bus, [path for name in bare for path in self._profiles(name)])
        await self._delete(bus, [path for name in over if name in self._targets for path in self._targets[name].others])
        write_scripts([one for one in changes if one.subject == "interface" and one.provider == NAME])

    async def _wait(self, bus: Bus, tracker: Tracker, names: typing.Sequence[str]) -> None:
        awaited = [self._awaited.pop(name) for name in names if name in self._awaited]
        for _ in range(ATTEMPTS):
            again = await activation.activated(bus, tracker, awaited)
            if not again:
                return
            await self._activate(bus, await take_inventory(bus), [one.name for one in again])
            awaited = [self._awaited.pop(one.name) for one in again]
        names_ = ", ".join(one.name for one in awaited)
        raise Refused(
            f"NetworkManager could not activate {names_}: what they depend on came and went", change=awaited[0].change
        )

    async def _bring_down(self, bus: Bus, tracker: Tracker, changes: typing.Sequence[Change]) -> None:
        if not changes:
            return
        names = [one.after.name for one in changes]
        await activation.manage(bus, self._inventory, names, wanted=True)
        now = await take_inventory(bus)
        active = [(one, found) for one in changes if (found := now.active_on(one.after.name)) is not None]
        await bus.all(activation.deactivate(found.path, one.name, one) for one, found in active)
        await activation.deactivated(bus, tracker, [found.path for _, found in active])


def _added_to_leases(before: typing.Any, after: typing.Any) -> bool:
    """Whether static addresses change beside a lease that stays: Reapply accepts that and does nothing (1.42)."""
    if UNSET in (before, after) or before.get("dhcp") is not True or after.get("dhcp") is not True:
        return False
    return bool(before.static != after.static)


def _as_port(settings: Settings) -> list[dict[str, typing.Any]]:
    return [settings.get(name, {}) for name in ("bond-port", "bridge-port", "ovs-port")]


def _lets_go(change: Change) -> bool:
    """Whether an interface of ours goes to another provider."""
    return (
        change.subject == "interface"
        and change.provider != NAME
        and change.before is not UNSET
        and change.before.provider == NAME
    )


def _goes_down(change: Change) -> bool:
    return change.provider == NAME and change.after is not UNSET and not owned(change.after) and change.action in "~+"

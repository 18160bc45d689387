"""Activating, re-applying and deactivating profiles, and waiting by signals until devices are where they should be."""

import asyncio
import typing

from dbus_fast.unpack import unpack_variants

from linkhold.foundation.failures import Failure, Refused, Temporary, TimedOut
from linkhold.providers.networkmanager.bus import Answer, Bus, Call
from linkhold.providers.networkmanager.dbus import (
    ACTIVATED,
    ACTIVE_ACTIVATED,
    ACTIVE_DEACTIVATED,
    ACTIVE_DEACTIVATING,
    DEACTIVATING,
    DISCONNECTED,
    FAILED,
    I_ACTIVE,
    I_DEVICE,
    I_MANAGER,
    I_PROPERTIES,
    IP_CONFIG,
    LAYER2_READY,
    MANAGER,
    NOTHING,
    RELOAD_CONFIGURATION,
    STATES,
    UNMANAGED,
    reason,
)
from linkhold.providers.networkmanager.inventory import Inventory, take_inventory

PATIENCE: typing.Final = 60.0
"""Seconds in which at least one more device gets as far as it can without anybody else's help (a DHCP server's, a
neighbour's)."""

LOOK_AGAIN: typing.Final = 0.5
"""Seconds without a signal after which everything is looked at again: where a controller activated its port anew,
NetworkManager (1.42) may leave the first activation as it is, and say no more of it."""

BRINGING_DOWN: typing.Final = 30.0
"""Seconds in which at least one more device goes down; a thousand bridges take the kernel most of a minute."""

PASSING: typing.Final = frozenset({0, 50, 60, 61})
"""Reasons that pass: what it depends on was itself activated again, or something else took its place."""


class Awaited(typing.NamedTuple):
    """A device whose activation was asked for. `active` is the path of the active connection of its `profile`; it is done
    when it is activated, or (if not `whole`) when its IP settings are being made, which for dynamic ones can take for
    ever."""

    name: str
    profile: str
    active: str
    whole: bool
    change: object


class Tracker:
    """What is known of devices and active connections, kept true by signals.

    It begins to listen when made, and is given an inventory after that: nothing in between is lost.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._news = asyncio.Event()
        self._said: dict[str, dict[str, typing.Any]] = {}
        self._gone: set[str] = set()
        self.reasons: dict[str, int] = {}
        bus.listen(self._heard)

    def forget(self) -> None:
        """Take the next inventory for the truth."""
        self._said.clear()

    def close(self) -> None:
        """Stop listening."""
        self._bus.unlisten(self._heard)

    def _heard(self, message: typing.Any) -> None:
        if message.member == "PropertiesChanged" and message.body[0] in (I_DEVICE, I_ACTIVE):
            self._said.setdefault(message.path, {}).update(unpack_variants(message.body[1]))
        elif message.member == "StateChanged" and message.interface == I_DEVICE:
            new, old, why = message.body
            if new == FAILED or (old > DISCONNECTED and new <= DISCONNECTED and old != FAILED):
                self.reasons[message.path] = why
        elif message.member == "InterfacesRemoved":
            self._gone.add(message.body[0])
        elif message.member != "NameOwnerChanged":
            return
        self._news.set()

    def state(self, inventory: Inventory, device: str) -> int:
        """A device's state, NMDeviceState; 0 for one that is gone."""
        if device in self._gone or device not in inventory.devices:
            return int(self._said.get(device, {}).get("State", 0)) if device not in self._gone else 0
        return int(self._said.get(device, {}).get("State", inventory.devices[device].state))

    def active(self, inventory: Inventory, path: str) -> tuple[int, int, tuple[str, ...]]:
        """State, flags and devices of an active connection."""
        known = inventory.actives.get(path)
        said = self._said.get(path, {})
        if path in self._gone or (known is None and "State" not in said):
            return ACTIVE_DEACTIVATED, 0, known.devices if known is not None else ()
        return (
            said.get("State", known.state if known is not None else 0),
            said.get("StateFlags", known.flags if known is not None else 0),
            tuple(said.get("Devices", known.devices if known is not None else ())),
        )

    async def news(self, seconds: float) -> bool:
        """Wait for the next signal that says anything.

        Raises:
            Temporary: NetworkManager went away, and with it all that it was doing.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        if self._bus.owner_lost.is_set():
            raise Temporary("NetworkManager went away while it was working")
        return True


async def activated(
    bus: Bus, tracker: Tracker, awaited: typing.Sequence[Awaited], patience: float | None = None
) -> list[Awaited]:
    """Wait until all are as far as they can come; those that failed for a passing reason are returned, to be tried again.

    Raises:
        Refused: one failed; the failure carries the change and NetworkManager's reason.
        TimedOut: one did not get there.
    """
    if not awaited:
        return []
    loop = asyncio.get_running_loop()
    inventory = await take_inventory(bus)
    seconds = PATIENCE if patience is None else patience
    deadline = loop.time() + seconds
    left, again = list(awaited), []
    while left:
        pending: list[Awaited] = []
        for one in left:
            judged = _judge(one, inventory, tracker)
            if judged == "failed":
                inventory = await take_inventory(bus)
                later = _superseded(one, inventory)
                if later is not None:
                    pending.append(later)
                    continue
                failure = _failed(one, inventory, tracker)
                if failure is not None:
                    raise failure
                again.append(one)
            elif judged == "pending":
                pending.append(one)
        if pending != left:  # some were done: those that took their place may be, too
            left, deadline = pending, loop.time() + seconds
            continue
        if not left or await tracker.news(min(LOOK_AGAIN, deadline - loop.time())):
            continue
        if loop.time() >= deadline:
            raise _late(left, inventory, tracker, seconds)
        inventory = await take_inventory(bus)
        tracker.forget()
        left = [_superseded(one, inventory) or one for one in left]
    return again


def _judge(one: Awaited, inventory: Inventory, tracker: Tracker) -> typing.Literal["done", "pending", "failed"]:
    state, flags, devices = tracker.active(inventory, one.active)
    if state == ACTIVE_ACTIVATED:
        return "done"
    if state >= ACTIVE_DEACTIVATED:
        return "failed"
    if not one.whole and flags & LAYER2_READY:
        on = [tracker.state(inventory, device) for device in devices]
        if on and all(IP_CONFIG <= each <= ACTIVATED for each in on):
            return "done"
    return "pending"


def _superseded(one: Awaited, inventory: Inventory) -> Awaited | None:
    """The activation of the same profile that took its place: that of a controller's ports, by the controller."""
    active = inventory.managing(one.name)
    if (
        active is None
        or active.profile != one.profile
        or active.path == one.active
        or active.state >= ACTIVE_DEACTIVATING
    ):
        return None
    return one._replace(active=active.path)


def _device_path(one: Awaited, inventory: Inventory, tracker: Tracker) -> str:
    devices = tracker.active(inventory, one.active)[2]
    device = inventory.by_name.get(one.name)
    return devices[0] if devices else device.path if device is not None else NOTHING


def _failed(one: Awaited, inventory: Inventory, tracker: Tracker) -> Failure | None:
    why = tracker.reasons.get(_device_path(one, inventory, tracker), 0)
    if why in PASSING:
        return None
    return Refused(
        f"NetworkManager could not activate {one.name}: {reason(why)}", change=one.change, answer=f"device reason {why}"
    )


def _late(left: list[Awaited], inventory: Inventory, tracker: Tracker, patience: float) -> TimedOut:
    names = ", ".join(
        f"{one.name} ({STATES.get(tracker.state(inventory, _device_path(one, inventory, tracker)), 'gone')})"
        for one in left[:5]
    )
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    message = f"not activated within {patience:.0f} s: {names}{more}"
    return TimedOut(message, change=left[0].change)


async def deactivated(
    bus: Bus, tracker: Tracker, actives: typing.Sequence[str], patience: float = BRINGING_DOWN
) -> None:
    """Wait until none of these active connections is active any more.

    Raises:
        TimedOut: one still is.
    """
    loop = asyncio.get_running_loop()
    inventory = await take_inventory(bus)
    deadline = loop.time() + patience
    left = list(actives)
    while True:
        still = [one for one in left if tracker.active(inventory, one)[0] < ACTIVE_DEACTIVATED]
        if not still:
            return
        if len(still) < len(left):
            left, deadline = still, loop.time() + patience
        if not await tracker.news(deadline - loop.time()):
            raise TimedOut(f"NetworkManager did not deactivate all that it should within {patience:.0f} s")


async def settled(bus: Bus, patience: float = PATIENCE) -> bool:
    """Wait until no device is on its way to another state (one that waits for somebody else's answer is there)."""
    tracker = Tracker(bus)
    try:
        inventory = await take_inventory(bus)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while any(_moves(tracker.state(inventory, path)) for path in inventory.devices):
            if not await tracker.news(deadline - loop.time()):
                return False
        return True
    finally:
        tracker.close()


async def ready(bus: Bus, names: typing.Iterable[str], patience: float = 3.0) -> None:
    """Give devices that wait for addresses a moment to get them: what is not there by then may never come."""
    tracker = Tracker(bus)
    try:
        inventory = await take_inventory(bus)
        paths = [inventory.by_name[name].path for name in names if name in inventory.by_name]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while any(IP_CONFIG <= tracker.state(inventory, path) < ACTIVATED for path in paths):
            if not await tracker.news(deadline - loop.time()):
                return
    finally:
        tracker.close()


def _moves(state: int) -> bool:
    return DISCONNECTED < state < IP_CONFIG or state >= DEACTIVATING


async def seen(bus: Bus, tracker: Tracker, names: typing.Collection[str]) -> Inventory:
    """What there is, once (or, after some seconds, whether or not) it has devices of these names."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 5.0
    while True:
        now = await take_inventory(bus)
        if all(name in now.by_name and now.by_name[name].real for name in names):
            return now
        if not await tracker.news(deadline - loop.time()):
            return now


async def read_configuration(bus: Bus) -> None:
    """Have NetworkManager read its own configuration again, which says what is unmanaged."""
    await bus.call(Call(MANAGER, I_MANAGER, "Reload", "u", (RELOAD_CONFIGURATION,), "read its configuration again"))


async def manage(bus: Bus, inventory: Inventory, names: typing.Iterable[str], wanted: bool) -> None:
    """Take unmanaged devices under management (or let managed ones go), and wait until that is so.

    Raises:
        Failure: it was refused.
    """
    from dbus_fast import Variant

    devices = [inventory.by_name[name] for name in names if name in inventory.by_name]
    chosen = [one for one in devices if one.real and (one.state == UNMANAGED) is wanted]
    if not chosen:
        return
    tracker = Tracker(bus)
    try:
        await bus.every(
            Call(
                one.path,
                I_PROPERTIES,
                "Set",
                "ssv",
                (I_DEVICE, "Managed", Variant("b", wanted)),
                f"{'take' if wanted else 'leave'} {one.name}",
            )
            for one in chosen
        )
        now = await take_inventory(bus)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 5.0
        while any(_wrong_side(tracker.state(now, one.path), wanted) for one in chosen):
            if not await tracker.news(deadline - loop.time()):
                return  # no carrier, for one: whoever activates it will hear why not
    finally:
        tracker.close()


def _wrong_side(state: int, wanted: bool) -> bool:
    return 0 < state < DISCONNECTED if wanted else state > UNMANAGED


def activate(profile: str, device: str, name: str, change: object) -> Call:
    """Ask for a profile to be activated on a device (of which NOTHING means: the one it makes)."""
    body = (profile, device, NOTHING)
    return Call(MANAGER, I_MANAGER, "ActivateConnection", "ooo", body, f"activate {name}", change)


def deactivate(active: str, name: str, change: object) -> Call:
    """Ask for an active connection to end."""
    return Call(MANAGER, I_MANAGER, "DeactivateConnection", "o", (active,), f"deactivate {name}", change)


def reapply(device: str, name: str, change: object) -> Call:
    """Ask for what is stored to be put in force without a flap."""
    return Call(device, I_DEVICE, "Reapply", "a{sa{sv}}tu", ({}, 0, 0), f"put the profile of {name} in force", change)


def accepted(answer: Answer) -> bool:
    """Whether it was done."""
    return answer.failure is None

"""NetworkManager's own ground: its checkpoint while it runs, and the originals for when it does not any more.

The checkpoint is the quick way back, with a timeout of its own that works without us. It dies with the daemon, and knows
nothing of profiles that were not in use, of scripts, or (before 1.48) of the host's name servers. So what it would miss is
kept as well, as plain data in our journal: the text of every profile, and which was in use where.
"""

import asyncio
import os
import time
import typing

from dbus_fast.unpack import unpack_variants

from linkhold.foundation.failures import Busy, Failure, Temporary
from linkhold.planning.change import Plan
from linkhold.providers.contract import Capabilities, Saved
from linkhold.providers.networkmanager import activation, leaving, presence, profile_files, scripts
from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.capability import NAME
from linkhold.providers.networkmanager.dbus import (
    DELETE_NEW_CONNECTIONS,
    DISCONNECT_NEW_DEVICES,
    I_MANAGER,
    I_SETTINGS,
    MANAGER,
    NOTHING,
    SETTINGS,
    UNMANAGED,
)
from linkhold.providers.networkmanager.host_wide import set_global_dns
from linkhold.providers.networkmanager.inventory import Checkpoint, Inventory, take_inventory

RESTART: typing.Final = 5.0
"""Seconds in which whoever watches over NetworkManager (systemd) has started it again."""

ROLLBACK: typing.Final = 120.0
"""Seconds that CheckpointRollback may take; deleting bridges is slow in the kernel."""

Connect = typing.Callable[[], typing.Awaitable[Bus]]


def concerns(plan: Plan) -> bool:
    """Whether a plan changes anything of NetworkManager's."""
    return any(
        one.provider == NAME or NAME in (getattr(one.before, "provider", ""), getattr(one.after, "provider", ""))
        for one in plan.changes
    )


def made_by_others(plan: Plan, able: Capabilities) -> frozenset[str]:
    """New interfaces of other providers, of kinds that NetworkManager would handle."""
    kinds = {kind for kind, reason in able.kinds.items() if not reason}
    return frozenset(
        one.name
        for one in plan.changes
        if one.subject == "interface" and one.action in "+±" and one.provider != NAME and one.after.kind in kinds
    )


async def save(bus: Bus, plan: Plan, seconds: float, root: str) -> Saved:
    """Keep everything, and let NetworkManager take back by itself `seconds` from now.

    Raises:
        Busy: somebody else holds a checkpoint.
        Failure: NetworkManager said no, or its files can't be read.
    """
    inventory = await take_inventory(bus)
    _refuse_foreign(inventory)
    body: tuple[typing.Any, ...] = ([], _whole(seconds), DELETE_NEW_CONNECTIONS | DISCONNECT_NEW_DEVICES)
    about = "take a checkpoint"
    files = profile_files.read_all(root, [one.file for one in inventory.profiles.values() if one.file])
    (path,) = await bus.call(Call(MANAGER, I_MANAGER, "CheckpointCreate", "aouu", body, about))
    return {
        "checkpoint": path,
        "files": files,
        "scripts": scripts.saved_scripts(),
        "active": _in_use(inventory),
        "unmanaged": sorted(one.name for one in inventory.by_name.values() if one.real and one.state == UNMANAGED),
        "global_dns": inventory.manager.get("GlobalDnsConfiguration") or {},
        "interfaces": sorted({one.partition("/")[0] for one in plan.interfaces()}),
    }


def _in_use(inventory: Inventory) -> dict[str, str]:
    """The UUID of the profile by which each device is run."""
    return {name: one.uuid for name in inventory.by_name if (one := inventory.managing(name)) is not None}


def _whole(seconds: float) -> int:
    return max(1, round(seconds + 0.5))


def _refuse_foreign(inventory: Inventory) -> None:
    for one in inventory.checkpoints.values():
        raise Busy(_foreign(one))


def _foreign(one: Checkpoint) -> str:
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - one.created / 1000
    end = f"it ends in {max(0.0, one.timeout - age):.0f} s" if one.timeout else "it does not end by itself"
    about = f"{len(one.devices)} interfaces" if one.devices else "all interfaces"
    return (
        f"another program holds NetworkManager's checkpoint {one.path.rpartition('/')[2]} of {about}, taken {age:.0f} s ago; "
        f"{end}{_suspects()}"
    )


_USUAL: typing.Final = ("nmstatectl", "cockpit-bridge", "nmcli", "vdsmd", "supervdsmd", "nm-connection-editor")


def _suspects() -> str:
    """The running programs that are known to take checkpoints: NetworkManager does not tell whose one is."""
    found: set[str] = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().decode(errors="replace").split("\0")[:2]
            except OSError:  # it ended
                continue
            found |= {f"{name} (pid {entry})" for word in words if (name := os.path.basename(word)) in _USUAL}
    return f"; perhaps {', '.join(sorted(found))}" if found else ""


async def keep(bus: Bus, saved: Saved, seconds: float) -> None:
    """Put off NetworkManager's own way back, to `seconds` from now.

    Raises:
        Failure: the checkpoint is gone.
    """
    body = (saved["checkpoint"], _whole(seconds))
    await bus.call(Call(MANAGER, I_MANAGER, "CheckpointAdjustRollbackTimeout", "ou", body, "keep the checkpoint"))


async def discard(connect: Connect, saved: Saved) -> None:
    """Give the checkpoint up, where it is still there. A daemon that does not run takes nothing back either."""
    try:
        bus = await connect()
        answer = await bus.attempt(
            Call(MANAGER, I_MANAGER, "CheckpointDestroy", "o", (saved["checkpoint"],), "give the checkpoint up")
        )
    except Temporary:
        return
    if answer.failure is not None and saved["checkpoint"] in (await take_inventory(bus)).checkpoints:
        raise answer.failure.failure() from answer.failure


async def put_back(connect: Connect, saved: Saved, root: str, *, patient: bool) -> bool:
    """Return to what was saved, by the checkpoint if it is still there, then by the originals. Whether a daemon answered:
    one that is gone is given some time to come back (if `patient`), and then finds its files as they were.

    Raises:
        Failure: something could not be put back.
    """
    names = saved["interfaces"]
    bus = await _running(connect, RESTART if patient else 0.0)
    if bus is None:
        profile_files.put_back(root, saved["files"], names)
        scripts.put_scripts_back(saved["scripts"], names)
        return False
    await _by_checkpoint(bus, saved["checkpoint"])
    scripts.put_scripts_back(saved["scripts"], names)
    await _global_dns(bus, saved["global_dns"])
    left = leaving.left(root)
    if profile_files.put_back(root, _without_global(saved["files"]), names):
        await bus.call(Call(SETTINGS, I_SETTINGS, "ReloadConnections", about="read the profiles again"))
    if left != leaving.left(root):
        await activation.read_configuration(bus)
    await _use_again(bus, saved["active"], frozenset(names))
    return True


def _without_global(files: dict[str, str]) -> dict[str, str]:
    """A running daemon writes that file itself, and does not read it again."""
    return {path: text for path, text in files.items() if path != profile_files.GLOBAL}


async def _running(connect: Connect, patience: float) -> Bus | None:
    """A connection to a daemon that answers; None when there is none, nor comes one soon."""
    if not presence.present():
        return None
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        try:
            bus = await connect()
            await take_inventory(bus)
            return bus
        except Temporary:
            if loop.time() >= deadline:
                return None
            await asyncio.sleep(0.25)


async def _by_checkpoint(bus: Bus, path: str) -> None:
    if path not in (await take_inventory(bus)).checkpoints:
        return
    call = Call(MANAGER, I_MANAGER, "CheckpointRollback", "o", (path,), "return to the checkpoint")
    answer = await bus.attempt(call, ROLLBACK)
    if answer.failure is not None and path in (await take_inventory(bus)).checkpoints:
        raise answer.failure.failure() from answer.failure
    await activation.settled(bus)


async def _global_dns(bus: Bus, wanted: dict[str, typing.Any]) -> None:
    if ((await take_inventory(bus)).manager.get("GlobalDnsConfiguration") or {}) != wanted:
        await set_global_dns(bus, wanted)


async def _use_again(bus: Bus, in_use: dict[str, str], interfaces: frozenset[str]) -> None:
    """Activate the profiles that were in use on their devices; end what is in use on devices that had none."""
    inventory = await take_inventory(bus)
    uuids = await _uuids(bus, inventory)
    calls = []
    for name, uuid in in_use.items():
        active = inventory.managing(name)
        if (active is not None and active.uuid == uuid) or uuid not in uuids:
            continue
        device = inventory.by_name.get(name)
        path = device.path if device is not None and device.real else NOTHING
        calls.append(activation.activate(uuids[uuid], path, name, None))
    for name in sorted(interfaces - in_use.keys()):
        active = inventory.managing(name)
        if active is not None:
            calls.append(activation.deactivate(active.path, name, None))
    failure: Failure | None = None
    for answer in await bus.all(calls):
        if answer.failure is not None:
            failure = failure or answer.failure.failure()
    await activation.settled(bus)
    await activation.ready(bus, in_use)
    if failure is not None:
        raise failure


async def _uuids(bus: Bus, inventory: Inventory) -> dict[str, str]:
    """The object paths of all profiles by UUID."""
    from linkhold.providers.networkmanager.reading import stored

    held = await stored(bus, list(inventory.profiles))
    return {unpack_variants(one["connection"]["uuid"]): path for path, one in held.items()}

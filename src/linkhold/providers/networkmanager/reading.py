"""The settings of profiles, read in one pipelined batch."""

import typing

from dbus_fast.unpack import unpack_variants

from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.dbus import DISCONNECTED, I_DEVICE, I_PROFILE, UNAVAILABLE
from linkhold.providers.networkmanager.inventory import Device, Inventory
from linkhold.providers.networkmanager.values import Settings

SECRET_SETTINGS: typing.Final = frozenset({"802-1x", "macsec", "vpn", "wireguard"})
"""Settings of wired profiles that hold secrets, which GetSettings leaves out."""


class Running(typing.NamedTuple):
    """What is in force on devices, by their names; and the stored settings of those profiles that are another version."""

    in_force: dict[str, Settings]
    stored: dict[str, Settings]


async def running(bus: Bus, inventory: Inventory, *, compared: bool) -> Running:
    """As `applied`; where they are to be `compared` with what is stored, that as well. Newer releases tell the version of
    both (1.44); of older ones each profile is read."""
    versions: dict[str, int] = {}
    in_force = await applied(bus, inventory, versions)
    if not compared:
        return Running(in_force, {})
    paths = {}
    for name in in_force:
        active = inventory.managing(name)
        profile = inventory.profiles.get(active.profile) if active is not None else None
        if profile is not None and (not profile.version or profile.version != versions.get(name)):
            paths[name] = profile.path
    held = await stored(bus, list(dict.fromkeys(paths.values())))
    return Running(in_force, {name: unpack_variants(held[path]) for name, path in paths.items() if path in held})


async def applied(bus: Bus, inventory: Inventory, versions: dict[str, int] | None = None) -> dict[str, Settings]:
    """What is in force on each device that NetworkManager runs by a profile, by the device's name.

    It can differ from what is stored: somebody saved a profile and has not activated it yet. A device that went meanwhile
    is left out. Into `versions` go those of the profiles, as they were put in force.
    """
    devices = [one for one in inventory.by_name.values() if one.real and inventory.managing(one.name) is not None]
    calls = [
        Call(one.path, I_DEVICE, "GetAppliedConnection", "u", (0,), f"read what is in force on {one.name}")
        for one in devices
    ]
    answers = await bus.all(calls)
    found = {
        device.name: unpack_variants(answer.body[0])
        for device, answer in zip(devices, answers, strict=True)
        if answer.failure is None
    }
    if versions is not None:
        versions |= {
            device.name: answer.body[1]
            for device, answer in zip(devices, answers, strict=True)
            if answer.failure is None
        }
    await _with_secrets(bus, inventory, found)
    return found


async def _with_secrets(bus: Bus, inventory: Inventory, in_force: dict[str, Settings]) -> None:
    """Passwords are compared like all else; who may not have them sees none. Most hosts have none at all."""
    keyed = {name: settings for name, settings in in_force.items() if SECRET_SETTINGS & settings.keys()}
    paths = {name: active.profile for name in keyed if (active := inventory.managing(name)) is not None}
    kept = await secrets(bus, {path: keyed[name] for name, path in paths.items()})
    for name, path in paths.items():
        for setting, section in kept.get(path, {}).items():
            in_force[name].setdefault(setting, {}).update(section)


async def stored(bus: Bus, paths: typing.Sequence[str]) -> dict[str, dict[str, dict[str, typing.Any]]]:
    """The settings of these profiles by object path, in their variants and without secrets; those that went meanwhile are
    left out."""
    answers = await bus.all(Call(path, I_PROFILE, "GetSettings", about=f"read the profile {path}") for path in paths)
    return {path: answer.body[0] for path, answer in zip(paths, answers, strict=True) if answer.failure is None}


async def secrets(bus: Bus, settings: dict[str, Settings]) -> dict[str, Settings]:
    """The secrets of the profiles that may have any, by object path, in the shape of settings."""
    asked = [(path, name) for path, each in settings.items() for name in sorted(SECRET_SETTINGS & each.keys())]
    answers = await bus.all(
        Call(path, I_PROFILE, "GetSecrets", "s", (name,), f"read the secrets of the profile {path}")
        for path, name in asked
    )
    found: dict[str, Settings] = {}
    for (path, _), answer in zip(asked, answers, strict=True):
        if answer.failure is None:
            for name, section in unpack_variants(answer.body[0]).items():
                if section:
                    found.setdefault(path, {}).setdefault(name, {}).update(section)
    return found


async def waiting(bus: Bus, inventory: Inventory) -> dict[str, Settings]:
    """The stored profile that waits for each device that is managed and not in use, by the device's name; only those that
    name it."""
    idle = [
        one
        for one in inventory.by_name.values()
        if one.real and one.state in (UNAVAILABLE, DISCONNECTED) and inventory.active_on(one.name) is None
    ]
    paths = sorted(
        {path for one in idle for path in one.available} | (set(inventory.profiles) if _unavailable(idle) else set())
    )
    held = {path: unpack_variants(settings) for path, settings in (await stored(bus, paths)).items()}
    by_interface = {settings["connection"].get("interface-name"): settings for settings in held.values()}
    return {one.name: by_interface[one.name] for one in idle if one.name in by_interface}


async def idle(bus: Bus, inventory: Inventory) -> list[Settings]:
    """The stored profiles that are not in use."""
    used = {one.profile for one in inventory.actives.values()}
    paths = sorted(path for path in inventory.profiles if path not in used)
    return [unpack_variants(settings) for settings in (await stored(bus, paths)).values()]


def _unavailable(idle: list[Device]) -> bool:
    """Whether one has no carrier: NetworkManager then offers no profiles for it, though there may be some."""
    return any(one.state == UNAVAILABLE for one in idle)

"""All that NetworkManager has, in one call: its devices, what is active on them, its profiles, by their object paths."""

import typing

from dbus_fast.unpack import unpack_variants

from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.dbus import (
    EXTERNAL,
    I_ACTIVE,
    I_CHECKPOINT,
    I_DEVICE,
    I_DNS,
    I_MANAGER,
    I_OBJECTS,
    I_PROFILE,
    I_SETTINGS,
    NOTHING,
    ROOT,
    UNMANAGED,
)

READING: typing.Final = 10.0
"""Seconds in which an answer to a question comes; measured: 0.3 s for 1000 devices. After that it hangs."""

Properties = dict[str, typing.Any]


class Device(typing.NamedTuple):
    """A network device, by the kernel's name; `real` is false for one that is only a profile so far."""

    path: str
    name: str
    kind: int
    state: int
    reason: int
    managed: bool
    real: bool
    active: str
    neighbours: list[dict[str, typing.Any]]
    available: tuple[str, ...]

    @property
    def handled(self) -> bool:
        """Whether NetworkManager may touch it."""
        return self.state > UNMANAGED


class Active(typing.NamedTuple):
    """A profile in use, `name` as it is called now. `external` is one that NetworkManager made up for what others have
    configured."""

    path: str
    profile: str
    name: str
    uuid: str
    kind: str
    state: int
    flags: int
    devices: tuple[str, ...]
    controller: str

    @property
    def external(self) -> bool:
        """Whether it merely mirrors what others configured."""
        return bool(self.flags & EXTERNAL)


class Profile(typing.NamedTuple):
    """A stored profile. `flags` are those of NMSettingsConnectionFlags; `version` counts its changes (0: not told)."""

    path: str
    file: str
    flags: int
    version: int = 0


class Checkpoint(typing.NamedTuple):
    """A checkpoint. `created` is in milliseconds of CLOCK_BOOTTIME, `timeout` in seconds after that (0: for ever)."""

    path: str
    devices: tuple[str, ...]
    created: int
    timeout: int


class Inventory:
    """What one call of GetManagedObjects told."""

    def __init__(self, objects: dict[str, dict[str, Properties]]) -> None:
        self.devices: dict[str, Device] = {}
        self.actives: dict[str, Active] = {}
        self.profiles: dict[str, Profile] = {}
        self.checkpoints: dict[str, Checkpoint] = {}
        self.manager: Properties = {}
        self.settings: Properties = {}
        self.dns: Properties = {}
        for path, interfaces in objects.items():
            self._take(path, interfaces)
        self.by_name = _by_name(self.devices.values())

    def _take(self, path: str, interfaces: dict[str, Properties]) -> None:
        if I_DEVICE in interfaces:
            self.devices[path] = _device(path, interfaces[I_DEVICE])
        elif I_ACTIVE in interfaces:
            self.actives[path] = _active(path, interfaces[I_ACTIVE])
        elif I_PROFILE in interfaces:
            said = interfaces[I_PROFILE]
            self.profiles[path] = Profile(
                path, said.get("Filename", ""), said.get("Flags", 0), said.get("VersionId", 0)
            )
        elif I_CHECKPOINT in interfaces:
            self.checkpoints[path] = _checkpoint(path, interfaces[I_CHECKPOINT])
        for name, mine in ((I_MANAGER, "manager"), (I_SETTINGS, "settings"), (I_DNS, "dns")):
            if name in interfaces:
                setattr(self, mine, interfaces[name])

    @property
    def version(self) -> tuple[int, int]:
        """As in 1.42."""
        return version_of(self.manager.get("Version", ""))

    def active_on(self, name: str) -> Active | None:
        """What is active on the device of this name."""
        device = self.by_name.get(name)
        return self.actives.get(device.active) if device is not None else None

    def managing(self, name: str) -> Active | None:
        """The profile by which the device of this name is run; None where others run it."""
        active = self.active_on(name)
        return None if active is None or active.external else active


def version_of(text: str) -> tuple[int, int]:
    """Major and minor number, as in (1, 42); (0, 0) for none."""
    numbers = [int(part) for part in text.split("-", maxsplit=1)[0].split(".")[:2] if part.isdigit()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


async def take_inventory(bus: Bus) -> Inventory:
    """Ask for everything.

    Raises:
        Failure: no answer.
    """
    (objects,) = await bus.call(Call(ROOT, I_OBJECTS, "GetManagedObjects", about="read all that there is"), READING)
    return Inventory(unpack_variants(objects))


def _by_name(devices: typing.Iterable[Device]) -> dict[str, Device]:
    """Of two of one name (an Open vSwitch bridge and its interface) the one in the kernel wins."""
    table: dict[str, Device] = {}
    for one in devices:
        if one.name and (one.name not in table or (one.real and not table[one.name].real)):
            table[one.name] = one
    return table


def _device(path: str, said: Properties) -> Device:
    return Device(
        path=path,
        name=said.get("Interface", ""),
        kind=said.get("DeviceType", 0),
        state=said.get("State", 0),
        reason=(said.get("StateReason") or (0, 0))[1],
        managed=said.get("Managed", False),
        real=said.get("Real", True),
        active=said.get("ActiveConnection", NOTHING),
        neighbours=said.get("LldpNeighbors", []),
        available=tuple(said.get("AvailableConnections", ())),
    )


def _active(path: str, said: Properties) -> Active:
    return Active(
        path=path,
        profile=said.get("Connection", NOTHING),
        name=said.get("Id", ""),
        uuid=said.get("Uuid", ""),
        kind=said.get("Type", ""),
        state=said.get("State", 0),
        flags=said.get("StateFlags", 0),
        devices=tuple(said.get("Devices", ())),
        controller=said.get("Controller") or said.get("Master") or NOTHING,
    )


def _checkpoint(path: str, said: Properties) -> Checkpoint:
    return Checkpoint(path, tuple(said.get("Devices", ())), said.get("Created", 0), said.get("RollbackTimeout", 0))

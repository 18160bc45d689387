"""The composition of a host: which providers there are, and what a transaction on it stands on."""

import os
import typing

from linkhold.foundation.failures import Permanent
from linkhold.foundation.machine import sees_our_network

if typing.TYPE_CHECKING:  # who only looks at the host needs no transaction
    from linkhold.foundation.clock import Clock
    from linkhold.planning.owning import Row
    from linkhold.providers.contract import Provider, Service
    from linkhold.providers.kernel.leases import Leases
    from linkhold.transaction.folder import Folder
    from linkhold.transaction.ground import Arm, Ground
    from linkhold.transaction.progress import Report

AUTO: typing.Final = "auto"
VARIABLES: typing.Final = (
    "LINKHOLD_PROVIDER",
    "LINKHOLD_ROOT",
    "LINKHOLD_STATE_DIR",
    "LINKHOLD_OVSDB",
    "OVS_DBDIR",
    "OVS_RUNDIR",
    "DBUS_SYSTEM_BUS_ADDRESS",
)
"""What the environment can say about a host; the guard is started with the same."""


class _Kind(typing.NamedTuple):
    """A service that a host may have.

    `present` and `serves` are looks that cost next to nothing: whether it is to be had here, and whether it may have
    anything to show (by a folder of ours). One that `owns` can be given all interfaces by an option.
    """

    present: typing.Callable[[], bool]
    make: "typing.Callable[[str, tuple[Row, ...]], Service]"
    owns: bool = False
    serves: str = ""

    def may_show(self, root: str) -> bool:
        """Whether a host has to be shown with its help."""
        return self.present() if self.owns else os.path.isdir(root + self.serves)


def _openvswitch(root: str, forced: "tuple[Row, ...]") -> "Service":
    from linkhold.providers.ovsdb.provider import OpenVSwitch

    return OpenVSwitch()


def _openvswitch_present() -> bool:
    from linkhold.providers.ovsdb.presence import present

    return present() and _own_network()


def _networkmanager(root: str, forced: "tuple[Row, ...]") -> "Service":
    from linkhold.executor.owners import left_to_others
    from linkhold.providers.networkmanager.provider import NetworkManager

    return NetworkManager(root=root, leaves=left_to_others(forced, NetworkManager.name))


def _networkmanager_present() -> bool:
    from linkhold.providers.networkmanager.presence import present

    return present() and _own_network()


def _dhcpcd(root: str, forced: "tuple[Row, ...]") -> "Service":
    from linkhold.providers.dhcpcd.provider import Dhcpcd

    return Dhcpcd(root=root, ways=_leases)


def _leases(root: str) -> "Leases":
    from linkhold.providers.kernel.leases import Leases

    return Leases(root)


def _dhcpcd_present() -> bool:
    from linkhold.providers.dhcpcd.presence import present

    return present()


def _lldp(root: str, forced: "tuple[Row, ...]") -> "Service":
    from linkhold.providers.lldp.provider import Lldp

    return Lldp(root=root)


def _dispatch(root: str, forced: "tuple[Row, ...]") -> "Service":
    from linkhold.providers.dispatch.provider import Dispatch

    return Dispatch(root=root)


SERVICES: typing.Final[dict[str, _Kind]] = {
    "ovsdb": _Kind(_openvswitch_present, _openvswitch, owns=True),
    "networkmanager": _Kind(_networkmanager_present, _networkmanager, owns=True),
    "dhcpcd": _Kind(_dhcpcd_present, _dhcpcd, serves="/run/linkhold/leases"),
    "lldp": _Kind(lambda: True, _lldp, serves="/run/linkhold/lldp"),
    "dispatch": _Kind(lambda: True, _dispatch, serves="/run/linkhold/dispatch"),
}
"""In the order in which they own what nobody was forced upon; the kernel owns the rest."""


def _own_network() -> bool:
    """Whether the daemons of this machine see the network that we see: in a network namespace of one's own they don't."""
    return sees_our_network() is not False  # who can't find out is not root: then nothing is changed anyway


def provider(choice: str | None = None, *, to_look: bool = False) -> "Provider":
    """The provider of this host; `to_look` only, without those that have nothing to show.

    `choice` (or ``LINKHOLD_PROVIDER``): ``auto`` (all that there is, each interface with the one that fits), ``kernel`` (it
    alone), the name of a service (all interfaces with that one, as far as it can), ``memory:FILE`` (no real host).

    Raises:
        Permanent: there is none of this name.
    """
    name, _, argument = (choice or os.environ.get("LINKHOLD_PROVIDER") or AUTO).partition(":")
    if name == "memory":
        from linkhold.providers.memory.provider import Memory

        return Memory(file=argument)
    from linkhold.providers.kernel.provider import Kernel

    known = (AUTO, Kernel.name, *(one for one, kind in SERVICES.items() if kind.owns), "memory")
    if name not in known:
        raise Permanent(f"there is no provider '{name}'; known: {', '.join(known)}")
    root = argument or os.environ.get("LINKHOLD_ROOT", "")
    kernel = Kernel(root=root)
    present = [
        one
        for one, kind in SERVICES.items()
        if name != Kernel.name and (kind.may_show(root) if to_look else kind.present())
    ]
    if name in SERVICES and name not in present:
        raise Permanent(f"'{name}' does not run here")
    return _together(kernel, present, root, name)


def showing() -> tuple[str, ...]:
    """The services that may have something to show now: whoever looks for long finds out by this that it has to begin anew."""
    if (os.environ.get("LINKHOLD_PROVIDER") or AUTO).partition(":")[0] in ("kernel", "memory"):
        return ()
    root = os.environ.get("LINKHOLD_ROOT", "")
    return tuple(name for name, kind in SERVICES.items() if kind.may_show(root))


def _together(kernel: "Provider", present: list[str], root: str, choice: str) -> "Provider":
    from linkhold.executor import owners
    from linkhold.executor.together import Together

    forced: tuple[Row, ...] = ()
    if choice in SERVICES:
        forced = (owners.everything(choice),)
    elif choice == AUTO:
        forced = owners.forced(root)
    absent = {name: _lazily(kind, root, forced) for name, kind in SERVICES.items() if name not in present}
    services = [SERVICES[name].make(root, forced) for name in present]
    return Together(kernel, services, absent=absent, rows=forced, order=tuple(SERVICES))


def _lazily(kind: _Kind, root: str, forced: "tuple[Row, ...]") -> "typing.Callable[[], Service]":
    return lambda: kind.make(root, forced)


def waits() -> bool:
    """Whether looking at this host waits for a service, and so needs an event loop (whose import takes its time)."""
    choice = os.environ.get("LINKHOLD_PROVIDER", AUTO)
    return choice in (AUTO, "networkmanager") and _networkmanager_present()


def ground(
    folder: "Folder",
    *,
    provider: "Provider",
    arm: "Arm | None" = None,
    clock: "Clock | None" = None,
    report: "Report | None" = None,
) -> "Ground":
    """What transactions on this host stand on."""
    from linkhold.foundation.clock import SystemClock
    from linkhold.transaction.ground import Ground
    from linkhold.transaction.progress import silent

    return Ground(provider=provider, folder=folder, clock=clock or SystemClock(), arm=arm, report=report or silent)

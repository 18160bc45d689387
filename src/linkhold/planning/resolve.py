"""Which interface of the host each entry of a document means, and of what kind it is."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path, did_you_mean
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.references import names_in, references, renamed
from linkhold.state.interfaces import retype
from linkhold.state.interfaces.common import Interface, Untyped, virtual_function_of
from linkhold.state.network import NetworkState


def resolve(desired: NetworkState, current: NetworkState, found: Diagnostics) -> NetworkState:
    """The document with every interface under its kernel name and with its kind; entries to be ignored are left out.

    Absent interfaces that are not there and give no type are left out too: there is nothing to do. Where something is
    named (ports, parents, routes, …), alternative names, profiles and virtual functions are understood as well.
    """
    host = _Host(current, desired)
    names: dict[str, str] = {}
    resolved: list[Interface] = []
    for said in desired.interfaces if isinstance(desired.interfaces, tuple) else ():
        if said.state == "ignore":
            continue
        one = host.resolve(said, found)
        if one is not None:
            if one.name != said.name:
                names[said.name] = one.name
            resolved.append(one)
    names = host.other_names() | names
    if names:
        resolved = [_renamed(one, names) for one in resolved]
        _refuse_twice(resolved, names, found)
    _refuse_missing_functions(resolved, found)
    changes: dict[str, typing.Any] = {}
    if isinstance(desired.interfaces, tuple):
        changes["interfaces"] = tuple(resolved)
    for section in ("routes", "rules", "ovn") if names else ():
        if isinstance(desired.get(section), Record):
            changes[section] = renamed(desired.get(section), names)
    return desired.replace(**changes)


def _renamed(interface: Interface, names: typing.Mapping[str, str]) -> Interface:
    if any(one.name in names for one in references(interface)):
        return typing.cast("Interface", renamed(interface, names))
    return interface


def _refuse_missing_functions(resolved: list[Interface], found: Diagnostics) -> None:
    """What still goes by the number of a virtual function was not found."""
    for one in resolved:
        for name in names_in(one):
            if virtual_function_of(name):
                _refuse_function(name, ("interfaces", Key(one.name)), found)


def _refuse_function(name: str, at: Path, found: Diagnostics) -> None:
    card, number = virtual_function_of(name) or (name, 0)
    message = f"{card} has no virtual function {number} with an interface of this host"
    hint = f"look them up: linkhold show --details {card}; ethernet.sr-iov.total-vfs makes more"
    found.error("no-such-function", at, message, hint=hint)


def _refuse_twice(resolved: list[Interface], names: dict[str, str], found: Diagnostics) -> None:
    seen: set[tuple[str, str]] = set()
    for one in resolved:
        if one.key in seen:
            found.error(
                "duplicate",
                ("interfaces", Key(one.name)),
                f"two entries mean interface {one.name}",
                hint="put all into one",
            )
        seen.add(one.key)


class _Host:
    """What is there, by every way in which a document can name it (tables are made when first asked for)."""

    def __init__(self, current: NetworkState, desired: NetworkState) -> None:
        self.interfaces = current.interfaces if isinstance(current.interfaces, tuple) else ()
        self.entries = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
        self.by_name: dict[str, Interface] = {}
        for one in self.interfaces:
            if one.name not in self.by_name or not one.userspace:
                self.by_name[one.name] = one
        self._by_mac: dict[str, Interface] | None = None
        self._others: dict[str, str] | None = None

    def resolve(self, said: Interface, found: Diagnostics) -> Interface | None:
        at: Path = ("interfaces", Key(said.name))
        if said.identifier == "mac-address" and isinstance(said.mac_address, str):
            message = f"no interface has the MAC address {said.mac_address}"
            return self._by_identifier(said, self._with_mac(said.mac_address), "mac-address", message, at, found)
        if said.identifier == "pci-address" and isinstance(said.pci_address, str):
            message = f"no interface of this host is at the PCI address {said.pci_address}"
            there = next((one for one in self.interfaces if one.pci_address == said.pci_address), None)
            return self._by_identifier(said, there, "pci-address", message, at, found)
        there = self.by_name.get(said.name)
        if there is None and not said.userspace:
            there = self.by_name.get(self.other_names().get(said.name, ""))
        if isinstance(said, Untyped):
            return self._typed(said, there, at, found)
        if there is not None and there.name != said.name and not said.userspace:
            return said.replace(name=there.name)
        return said

    def other_names(self) -> dict[str, str]:
        """All further names of the interfaces that are there, and that nothing else goes by."""
        if self._others is None:
            profiles = {one.profile_name: one.name for one in self.interfaces if isinstance(one.profile_name, str)}
            alternatives = {
                alt.name: one.name
                for one in self.interfaces
                if isinstance(one.alt_names, tuple)
                for alt in one.alt_names
            }
            known = profiles | alternatives
            known |= _functions(self.interfaces)
            others = {name: meant for name, meant in known.items() if name not in self.by_name}
            # an entry of this name that makes an interface of a kind of its own is no other name of what is there
            made = (
                {one.name for one in self.entries if one.virtual and not isinstance(one, Untyped)} if others else set()
            )
            self._others = {name: meant for name, meant in others.items() if name not in made}
        return self._others

    def _by_identifier(
        self, said: Interface, there: Interface | None, key: str, message: str, at: Path, found: Diagnostics
    ) -> Interface | None:
        if there is None:
            found.error(f"unknown-{key.partition('-')[0]}", (*at, key), message, expected=f"the {key} of one of them")
            return None
        typed = self._typed(said, there, at, found) if isinstance(said, Untyped) else said
        if typed is None:
            return None
        profile = said.profile_name if said.profile_name is not UNSET else said.name
        return typed.replace(
            name=there.name, profile_name=profile, identifier=UNSET, mac_address=UNSET, pci_address=UNSET
        )

    def _typed(self, said: Untyped, there: Interface | None, at: Path, found: Diagnostics) -> Interface | None:
        if there is None:
            if virtual_function_of(said.name):
                _refuse_function(said.name, at, found)
            elif said.state != "absent":
                hint = did_you_mean(said.name, self.by_name) or "say its type"
                found.error(
                    "unknown-type",
                    (*at, "type"),
                    f"no interface {said.name} is there to take the type from",
                    expected="a type",
                    hint=hint,
                )
            return None
        typed = retype(said, there.kind, at, found)
        return None if typed is UNSET else typed.replace(name=there.name)

    def _with_mac(self, mac: str) -> Interface | None:
        if self._by_mac is None:
            self._by_mac = {}
            for field in ("permanent_mac_address", "mac_address"):
                for one in self.interfaces:
                    value = one.get(field)
                    if value is not UNSET and (
                        field == "permanent_mac_address" or one.kind not in ("vlan", "bond", "linux-bridge")
                    ):
                        self._by_mac.setdefault(value, one)
            for one in self.interfaces:
                if one.mac_address is not UNSET:
                    self._by_mac.setdefault(one.mac_address, one)  # type: ignore[arg-type]
        return self._by_mac.get(mac)


def _functions(interfaces: typing.Iterable[Interface]) -> dict[str, str]:
    """``sriov:<card>:<number>`` is the interface of a virtual function; the names of all that are there."""
    found: dict[str, str] = {}
    for one in interfaces:
        section = one.get("ethernet")
        sr_iov = section.get("sr_iov") if section is not UNSET else UNSET
        functions = sr_iov.get("vfs") if sr_iov is not UNSET else UNSET
        for function in () if functions is UNSET else functions:
            if function.iface_name not in (UNSET, ""):
                also = one.alt_names if isinstance(one.alt_names, tuple) else ()
                for card in (one.name, *(alt.name for alt in also)):
                    found[f"sriov:{card}:{function.id}"] = function.iface_name
    return found

"""Which interface of the host each entry of a document means, and of what kind it is."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path, did_you_mean
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.references import renamed
from linkhold.state.interfaces import retype
from linkhold.state.interfaces.common import Interface, Untyped
from linkhold.state.network import NetworkState


def resolve(desired: NetworkState, current: NetworkState, found: Diagnostics) -> NetworkState:
    """The document with every interface under its kernel name and with its kind; entries to be ignored are left out.

    Absent interfaces that are not there and give no type are left out too: there is nothing to do.
    """
    if not isinstance(desired.interfaces, tuple):
        return desired
    host = _Host(current)
    names: dict[str, str] = {}
    resolved: list[Interface] = []
    for said in desired.interfaces:
        if said.state == "ignore":
            continue
        one = host.resolve(said, found)
        if one is not None:
            if one.name != said.name:
                names[said.name] = one.name
            resolved.append(one)
    names |= host.virtual_functions(resolved)
    if names:
        resolved = [renamed(one, names).replace(name=names.get(one.name, one.name)) for one in resolved]
    _refuse_twice(resolved, names, found)
    state = desired.replace(interfaces=tuple(resolved))
    if names and isinstance(state.routes, Record):
        state = state.replace(routes=renamed(state.routes, names))
    return state


def _refuse_twice(resolved: list[Interface], names: dict[str, str], found: Diagnostics) -> None:
    if not names:
        return
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

    def __init__(self, current: NetworkState) -> None:
        self.interfaces = current.interfaces if isinstance(current.interfaces, tuple) else ()
        self.by_name: dict[str, Interface] = {}
        for one in self.interfaces:
            if one.name not in self.by_name or not one.userspace:
                self.by_name[one.name] = one
        self._by_mac: dict[str, Interface] | None = None
        self._by_alt_name: dict[str, Interface] | None = None

    def resolve(self, said: Interface, found: Diagnostics) -> Interface | None:
        at: Path = ("interfaces", Key(said.name))
        if said.identifier == "mac-address" and isinstance(said.mac_address, str):
            return self._by_identifier(said, at, found)
        there = self.by_name.get(said.name) or self._alt_named(said.name)
        if isinstance(said, Untyped):
            return self._typed(said, there, at, found)
        if there is not None and there.name != said.name and not said.userspace:
            return said.replace(name=there.name)
        return said

    def _by_identifier(self, said: Interface, at: Path, found: Diagnostics) -> Interface | None:
        there = self._with_mac(typing.cast("str", said.mac_address))
        if there is None:
            message = f"no interface has the MAC address {said.mac_address}"
            found.error(
                "unknown-mac", (*at, "mac-address"), message, expected="the MAC address of an interface of this host"
            )
            return None
        typed = self._typed(said, there, at, found) if isinstance(said, Untyped) else said
        if typed is None:
            return None
        profile = said.profile_name if said.profile_name is not UNSET else said.name
        return typed.replace(name=there.name, profile_name=profile, identifier=UNSET, mac_address=UNSET)

    def _typed(self, said: Untyped, there: Interface | None, at: Path, found: Diagnostics) -> Interface | None:
        if there is None:
            if said.state != "absent":
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

    def _alt_named(self, name: str) -> Interface | None:
        if self._by_alt_name is None:
            alternatives = (
                (alt.name, one) for one in self.interfaces if isinstance(one.alt_names, tuple) for alt in one.alt_names
            )
            self._by_alt_name = dict(alternatives)
        return self._by_alt_name.get(name)

    def virtual_functions(self, resolved: list[Interface]) -> dict[str, str]:
        """``sriov:<card>:<number>`` names the interface of a virtual function; the names of all that are there."""
        names: dict[str, str] = {}
        for one in self.interfaces:
            section = one.get("ethernet")
            sr_iov = section.get("sr_iov") if section is not UNSET else UNSET
            functions = sr_iov.get("vfs") if sr_iov is not UNSET else UNSET
            for function in () if functions is UNSET else functions:
                if function.iface_name not in (UNSET, ""):
                    names[f"sriov:{one.name}:{function.id}"] = function.iface_name
        return names

"""Carrying out the stages of a plan in the database.

As much as can be is done in **one transaction**, at ``create``: the new bridges with all their settings, the interfaces
that live in them, and those of the kernel's links among their ports that are there by then. Links that the same plan makes
come to their bridges at ``attach``, when they are there; what changes on bridges that stay is done at ``configure``. Each
stage compares the database, as it is then, with what shall be: what an earlier stage (or an earlier attempt) did is not
done again.
"""

import socket
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Uuid, as_map, mapping, references
from linkhold.providers.ovsdb.snapshot import Bridge, Place, Snapshot
from linkhold.providers.ovsdb.tables import bridge, interface, maps, port, root
from linkhold.providers.ovsdb.work import Work, difference
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Stage

HWADDR: typing.Final = "hwaddr"
"""The key in ``other_config`` of a bridge that says the MAC of the interface of its name."""

_ASKED: typing.Final = {"mtu_request": "mtu", "mac": "mac_address"}
"""Columns of an interface by which Open vSwitch is asked for something, and the field that says it."""


class Stages:
    """The stages on one reading of the database; `work` gets their operations.

    `after` are the interfaces as the whole plan wants them, by key: what is done for one change depends on others.
    """

    def __init__(
        self, snapshot: Snapshot, after: typing.Mapping[tuple[str, str], Interface], work: Work | None = None
    ) -> None:
        self.snapshot, self.after = snapshot, after
        self.work = work or Work()
        self._joined: set[str] = set()
        """Interfaces inserted here."""

    def carry_out(self, stage: "Stage", changes: "typing.Sequence[Change]") -> Work:
        """The work of one stage."""
        of_stage = {
            "release": self._release,
            "remove": self._remove,
            "create": self._create,
            "attach": self._attach,
            "configure": self._configure,
        }.get(stage)
        if of_stage is not None:
            of_stage(changes)
        return self.work

    # What goes

    def _release(self, changes: "typing.Sequence[Change]") -> None:
        """The kernel's links that leave their bridges."""
        self._unplug({change.name: change for change in changes if _leaves(change)})

    def _remove(self, changes: "typing.Sequence[Change]") -> None:
        """Bridges and interfaces that go, or are made again."""
        gone = [change for change in changes if change.action in "-±" and change.subject == "interface"]
        for change in gone:
            there = self.snapshot.bridges.get(change.before.name)
            if isinstance(change.before, OvsBridge) and there is not None:
                self.work.unlist(change, root.NAME, "", "bridges", [there.uuid])
        self._unplug({change.name: change for change in gone if isinstance(change.before, OvsInterface)})

    def _unplug(self, gone: "dict[str, Change]") -> None:
        """Take interfaces out of their ports, and ports that lose all of theirs out of their bridges."""
        ports: dict[Uuid, Place] = {}
        for name in gone:
            place = self.snapshot.places.get(name)
            if place is not None:
                ports.setdefault(place.port.uuid, place)
        for place in ports.values():
            leaving = [row for row in place.port.interfaces if row["name"] in gone]
            change = gone[leaving[0]["name"]]
            if len(leaving) == len(place.port.interfaces):
                self.work.unlist(change, bridge.NAME, place.bridge.uuid, "ports", [place.port.uuid])
            else:
                rows = [row["_uuid"][1] for row in leaving]
                self.work.unlist(change, port.NAME, place.port.uuid, "interfaces", rows)

    # What comes

    def _create(self, changes: "typing.Sequence[Change]") -> None:
        new = [change for change in changes if change.action in "+±" and change.subject == "interface"]
        making = {change.name: change for change in new if isinstance(change.after, OvsInterface)}
        for change in new:
            if isinstance(change.after, OvsBridge):
                self._make_bridge(change, making)
        for change in making.values():
            self._plug(change, change.name, making)

    def _make_bridge(self, change: "Change", making: "dict[str, Change]") -> None:
        after: OvsBridge = change.after
        if after.name in self.snapshot.bridges:  # by an earlier attempt: `configure` sees to the rest
            return
        ports = [
            self._insert_port(change, one, [name for name in one.interfaces if name in making or _exists(name)], making)
            for one in _listed(after)
        ]
        row: Row = {"name": after.name, **bridge.encode(after), **maps.encode(after.ovs_db)}
        row["ports"] = references(one for one in ports if one)
        own = self.after.get((after.name, ""))
        if _gives_mac(own):
            known = mapping(row["other_config"]) if "other_config" in row else {}
            row["other_config"] = as_map(known | {HWADDR: str(own.mac_address).lower()})
        self.work.bridges[after.name] = change
        self.work.enlist(change, root.NAME, "", "bridges", self.work.insert(change, bridge.NAME, row))

    def _insert_port(
        self, change: "Change", spec: OvsBridgePort, members: list[str], making: "typing.Mapping[str, Change]"
    ) -> Uuid:
        """A new port with these interfaces; '' where there is none of them yet."""
        members = [name for name in members if name not in self.snapshot.places and name not in self._joined]
        if not members:
            return ""
        rows = [self._insert_interface(making.get(name, change), name) for name in members]
        row: Row = {"name": spec.name, "interfaces": references(rows), **port.encode(spec)}
        return self.work.insert(change, port.NAME, {**row, **maps.encode(port.kept(spec))})

    def _insert_interface(self, change: "Change", name: str) -> Uuid:
        after = self.after.get((name, ""))
        row: Row = {"name": name, **interface.encode(after)}
        if after is not None:
            row |= maps.encode(after.ovs_db)
            if row["type"] == interface.INTERNAL:
                row |= _requests(after)
                self._tell_bridge(change, after)
        if "options" in row:
            row["options"] = as_map(row["options"])
        self._joined.add(name)
        self.work.names[name] = change
        return self.work.insert(change, interface.NAME, row)

    def _attach(self, changes: "typing.Sequence[Change]") -> None:
        """The kernel's links that join a bridge."""
        for change in changes:
            if change.subject == "interface" and change.action != "-" and self._bridge_of(change.after):
                self._plug(change, change.name, {change.name: change})

    def _plug(self, change: "Change", name: str, making: "typing.Mapping[str, Change]") -> None:
        """Put one interface into the bridge it shall be in, where it is not in it yet."""
        owner = self._bridge_of(change.after)
        if name in self._joined or name in self.snapshot.places:
            return
        there = self.snapshot.bridges.get(owner)
        if there is None:
            text = f"{name} can't join {owner or 'a bridge'}: Open vSwitch has no such bridge"
            raise Refused(text, change=change, answer=f"no bridge {owner}")
        self._put(change, there, self._spec(owner, name), name, making)

    def _put(
        self, change: "Change", there: Bridge, spec: OvsBridgePort, name: str, making: "typing.Mapping[str, Change]"
    ) -> None:
        known = there.ports.get(spec.name)
        if known is not None:
            row = self._insert_interface(change, name)
            self.work.enlist(change, port.NAME, known.uuid, "interfaces", row)
            return
        waiting = [one for one in spec.interfaces if one == name or one in making or _exists(one)]
        row = self._insert_port(change, spec, waiting, making)
        if row:
            self.work.enlist(change, bridge.NAME, there.uuid, "ports", row)

    def _bridge_of(self, after: typing.Any) -> str:
        """The name of the bridge of Open vSwitch that an interface shall be in; '' for none."""
        name = after.controller if isinstance(after, Interface) else UNSET
        if not isinstance(name, str) or not name:
            return ""
        ours = isinstance(after, OvsInterface) or (name, "ovs-bridge") in self.after
        return name if ours else ""

    def _spec(self, owner: str, name: str) -> OvsBridgePort:
        """What a bridge shall say of the port of an interface."""
        after = self.after.get((owner, "ovs-bridge"))
        listed = _listed(after) if isinstance(after, OvsBridge) else ()
        return next((one for one in listed if name in one.interfaces), OvsBridgePort(name=name))

    # What stays

    def _configure(self, changes: "typing.Sequence[Change]") -> None:
        for change in changes:
            if change.subject == "ovs-db":
                self.work.mutate_root(change, root.changes(change.before, change.after, self.snapshot.root))
            elif change.subject == "ovn":
                self.work.mutate_root(change, root.changes_ovn(change.after, self.snapshot.root))
            elif change.subject == "interface" and change.action != "-":
                if isinstance(change.after, OvsBridge):
                    self._configure_bridge(change)
                else:
                    self._configure_interface(change)

    def _configure_bridge(self, change: "Change") -> None:
        after: OvsBridge = change.after
        there = self.snapshot.bridges.get(after.name)
        if there is None:
            text = f"{after.name} can't be configured: Open vSwitch has no such bridge"
            raise Refused(text, change=change, answer=f"no bridge {after.name}")
        before = change.before if isinstance(change.before, OvsBridge) else None
        self.work.update(change, bridge.NAME, there.uuid, difference(bridge.encode(after), there.row))
        kept = UNSET if before is None else before.ovs_db
        self.work.mutate(change, bridge.NAME, there.uuid, maps.changes(kept, after.ovs_db, there.row))
        stay = {name for one in _listed(after) for name in one.interfaces}
        had = {name for one in (_listed(before) if before is not None else ()) for name in one.interfaces}
        leaving = {name: change for name in sorted(had - stay) if _is_in(self.snapshot, name, after.name)}
        self._unplug(leaving)
        for spec in _listed(after):
            self._configure_port(change, there, spec, _port_of(before, spec.name))

    def _configure_port(
        self, change: "Change", there: Bridge, spec: OvsBridgePort, before: OvsBridgePort | None
    ) -> None:
        for name in spec.interfaces:
            if name not in self.snapshot.places and name not in self._joined:
                self._put(change, there, spec, name, {})
        known = there.ports.get(spec.name)
        if known is None:
            return
        now = port.decode(known.row, known.members)
        self.work.update(change, port.NAME, known.uuid, _settings(spec, now))
        self.work.mutate(change, port.NAME, known.uuid, maps.changes(port.kept(before), port.kept(spec), known.row))

    def _configure_interface(self, change: "Change") -> None:
        place = self.snapshot.places.get(change.name)
        before: typing.Any = change.before if change.action == "~" else UNSET
        after = change.after
        if place is None:
            if after.ovs_db is not UNSET and after.ovs_db.said() and change.name not in self._joined:
                text = f"{change.name} is in no bridge of Open vSwitch: there is no place for what ovs-db says"
                raise Refused(text, change=change, answer="no row in the table Interface")
            return
        row: Uuid = place.row["_uuid"][1]
        kept = UNSET if before is UNSET else before.ovs_db
        self.work.mutate(change, interface.NAME, row, maps.changes(kept, after.ovs_db, place.row))
        if isinstance(after, OvsInterface):
            self._configure_own(change, place, before, after)

    def _configure_own(self, change: "Change", place: Place, before: typing.Any, after: OvsInterface) -> None:
        row: Uuid = place.row["_uuid"][1]
        columns = interface.encode(after)
        said, there = columns.pop("options"), mapping(place.row["options"])
        self.work.update(change, interface.NAME, row, difference(columns, place.row))
        gone = {key for key in interface.own_options() & there.keys() if there[key] != said.get(key)}
        new = {key: text for key, text in said.items() if there.get(key) != text}
        self.work.mutate(change, interface.NAME, row, maps.mutations("options", gone, new))
        if self.work.operations:
            self.work.names.setdefault(change.name, change)
        if columns["type"] != interface.INTERNAL or before is UNSET:
            return
        asked = _requests(after)
        differing = {name for name in ("mtu", "mac_address") if after.get(name) != before.get(name)}
        columns = {name: asked[name] for name, field in _ASKED.items() if name in asked and field in differing}
        self.work.update(change, interface.NAME, row, difference(columns, place.row))
        if "mac_address" in differing:
            self._tell_bridge(change, after)

    def _tell_bridge(self, change: "Change", after: Interface) -> None:
        """The MAC of the interface that has its bridge's name is the bridge's to say."""
        there = self.snapshot.bridges.get(after.name)
        if there is None or not _gives_mac(after):
            return
        known, mac = mapping(there.row["other_config"]), str(after.mac_address).lower()
        if known.get(HWADDR) != mac:
            mutations = maps.mutations("other_config", {HWADDR} & known.keys(), {HWADDR: mac})
            self.work.mutate(change, bridge.NAME, there.uuid, mutations)


def _gives_mac(own: Interface | None) -> typing.TypeGuard[OvsInterface]:
    """Whether an interface is the one with its bridge's name, and is to have a certain MAC."""
    return isinstance(own, OvsInterface) and own.controller == own.name and isinstance(own.mac_address, str)


def _requests(after: Interface) -> Row:
    asked = interface.requests(after)
    return {name: value for name, value in asked.items() if name != "mac" or not _gives_mac(after)}


def _leaves(change: "Change") -> bool:
    """Whether a link of the kernel leaves the bridge it is in; one that is made again under its name stays plugged in."""
    if change.subject != "interface" or change.before is UNSET or isinstance(change.before, OvsInterface | OvsBridge):
        return False
    before = change.before.controller
    if before in (UNSET, ""):
        return False
    return change.action == "-" or change.after.get("controller") != before


def _listed(after: OvsBridge) -> tuple[OvsBridgePort, ...]:
    section: typing.Any = after.bridge
    return section.port if section is not UNSET and isinstance(section.port, tuple) else ()


def _port_of(before: OvsBridge | None, name: str) -> OvsBridgePort | None:
    return next((one for one in (_listed(before) if before is not None else ()) if one.name == name), None)


def _is_in(snapshot: Snapshot, name: str, owner: str) -> bool:
    return name in snapshot.places and snapshot.places[name].bridge.name == owner


def _settings(spec: OvsBridgePort, now: OvsBridgePort) -> Row:
    """The columns of a port's VLANs and bond, where they are not as they shall be; what another spelling says stays."""
    changes = {name: UNSET for name in ("vlan", "bond") if spec.get(name) == now.get(name)}
    return port.encode(spec.replace(**changes))


def _exists(name: str) -> bool:
    """Whether the kernel has a link of this name, in the network namespace we are in."""
    try:
        socket.if_nametoindex(name)
    except OSError:
        return False
    return True

"""Interfaces into ports of bridges, and out of them: what several stages do."""

import socket
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Uuid, as_map, mapping, references
from linkhold.providers.ovsdb.snapshot import Bridge, Place, Snapshot
from linkhold.providers.ovsdb.tables import bridge, interface, maps, port, root
from linkhold.providers.ovsdb.tables.bridge import HWADDR
from linkhold.providers.ovsdb.work import Work
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change

Making = typing.Mapping[str, "Change"]
"""The interfaces that come in this stage, with the change that asks for each."""


class Plugging:
    """On one reading of the database; `work` gets the operations. `after` are the interfaces as the whole plan wants them."""

    def __init__(self, snapshot: Snapshot, after: typing.Mapping[tuple[str, str], Interface], work: Work) -> None:
        self.snapshot, self.after, self.work = snapshot, after, work
        self.joined: set[str] = set()
        """Interfaces inserted here."""

    # Out

    def unplug(self, gone: "Making", staying: typing.Collection[str] = ()) -> None:
        """Take interfaces out of their ports, and ports that lose all of theirs out of their bridges; not those `staying`,
        which get others instead."""
        ports: dict[Uuid, Place] = {}
        for name in gone:
            place = self.snapshot.places.get(name)
            if place is not None:
                ports.setdefault(place.port.uuid, place)
        for place in ports.values():
            leaving = [row for row in place.port.interfaces if row["name"] in gone]
            change = gone[leaving[0]["name"]]
            if len(leaving) == len(place.port.interfaces) and place.port.name not in staying:
                self.work.unlist(change, bridge.NAME, place.bridge.uuid, "ports", [place.port.uuid])
            else:
                rows = [row["_uuid"][1] for row in leaving]
                self.work.unlist(change, port.NAME, place.port.uuid, "interfaces", rows)

    # In

    def make_bridge(self, change: "Change", making: Making) -> None:
        """A new bridge with all its settings, and those of its ports that are there, or come now."""
        after: OvsBridge = change.after
        if after.name in self.snapshot.bridges:  # by an earlier attempt: `configure` sees to the rest
            return
        ports = []
        for spec in listed(after):
            rows = self._rows(change, [name for name in spec.interfaces if name in making or exists(name)], making)
            if rows:
                ports.append(self._insert_port(change, spec, rows))
        row: Row = {"name": after.name, **bridge.encode(after), **maps.encode(after.ovs_db)}
        row["ports"] = references(ports)
        own = self.after.get((after.name, ""))
        if gives_mac(own):
            known = mapping(row["other_config"]) if "other_config" in row else {}
            row["other_config"] = as_map(known | {HWADDR: str(own.mac_address).lower()})
        self.work.bridges[after.name] = change
        self.work.enlist(change, root.NAME, "", "bridges", self.work.insert(change, bridge.NAME, row))

    def plug(self, change: "Change", making: Making) -> None:
        """Put an interface into the bridge it shall be in, where it is in none.

        Raises:
            Refused: there is no such bridge.
        """
        name, owner = change.name, self.bridge_of(change.after)
        if name in self.joined or name in self.snapshot.places:
            return
        there = self.snapshot.bridges.get(owner)
        if there is None:
            text = f"{name} can't join {owner or 'a bridge'}: Open vSwitch has no such bridge"
            raise Refused(text, change=change, answer=f"no bridge {owner}")
        spec = self._spec(owner, name)
        waiting = [one for one in spec.interfaces if one == name or one in making or exists(one)]
        new = [one for one in waiting if one not in self.snapshot.places]  # the others change ports at `configure`
        self.fill(change, there, spec, new, making)

    def fill(self, change: "Change", there: Bridge, spec: OvsBridgePort, names: list[str], making: Making) -> None:
        """Put interfaces into a port of a bridge: new ones, and those that are in another of its ports so far."""
        known = there.ports.get(spec.name)
        members = known.members if known is not None else ()
        rows = self._rows(change, [name for name in names if name not in members], making, there)
        if known is not None:
            for row in rows:
                self.work.enlist(change, port.NAME, known.uuid, "interfaces", row)
        elif rows:
            self.work.enlist(change, bridge.NAME, there.uuid, "ports", self._insert_port(change, spec, rows))

    def _rows(self, change: "Change", names: list[str], making: Making, there: Bridge | None = None) -> list[Uuid]:
        """Rows of interfaces: of those in this bridge the ones they have; nothing for those that are elsewhere."""
        rows = []
        for name in names:
            place = self.snapshot.places.get(name)
            if place is None and name not in self.joined:
                rows.append(self._insert_interface(making.get(name, change), name))
            elif place is not None and there is not None and place.bridge.uuid == there.uuid:
                rows.append(str(place.row["_uuid"][1]))
        return rows

    def _insert_port(self, change: "Change", spec: OvsBridgePort, rows: list[Uuid]) -> Uuid:
        row: Row = {"name": spec.name, "interfaces": references(rows), **port.encode(spec)}
        return self.work.insert(change, port.NAME, {**row, **maps.encode(port.kept(spec))})

    def _insert_interface(self, change: "Change", name: str) -> Uuid:
        after = self.after.get((name, ""))
        row: Row = {"name": name, **interface.encode(after)}
        if after is not None:
            row |= maps.encode(after.ovs_db)
            if row["type"] == interface.INTERNAL:
                row |= requests(after)
                self.tell_bridge(change, after)
        if "options" in row:
            row["options"] = as_map(row["options"])
        self.joined.add(name)
        self.work.names[name] = change
        return self.work.insert(change, interface.NAME, row)

    def bridge_of(self, after: typing.Any) -> str:
        """The name of the bridge of Open vSwitch that an interface shall be in; '' for none."""
        name = after.controller if isinstance(after, Interface) else UNSET
        if not isinstance(name, str) or not name:
            return ""
        ours = isinstance(after, OvsInterface) or (name, "ovs-bridge") in self.after
        return name if ours else ""

    def _spec(self, owner: str, name: str) -> OvsBridgePort:
        """What a bridge shall say of the port of an interface."""
        after = self.after.get((owner, "ovs-bridge"))
        ports = listed(after) if isinstance(after, OvsBridge) else ()
        return next((one for one in ports if name in one.interfaces), OvsBridgePort(name=name))

    def tell_bridge(self, change: "Change", after: Interface) -> None:
        """The MAC of the interface that has its bridge's name is the bridge's to say."""
        there = self.snapshot.bridges.get(after.name)
        if there is None or not gives_mac(after):
            return
        known, mac = mapping(there.row["other_config"]), str(after.mac_address).lower()
        if known.get(HWADDR) != mac:
            mutations = maps.mutations("other_config", {HWADDR} & known.keys(), {HWADDR: mac})
            self.work.mutate(change, bridge.NAME, there.uuid, mutations)


def gives_mac(own: Interface | None) -> typing.TypeGuard[OvsInterface]:
    """Whether an interface is the one with its bridge's name, and is to have a certain MAC."""
    return isinstance(own, OvsInterface) and own.controller == own.name and isinstance(own.mac_address, str)


def requests(after: Interface) -> Row:
    """What Open vSwitch is asked for by the row of an interface."""
    asked = interface.requests(after)
    return {name: value for name, value in asked.items() if name != "mac" or not gives_mac(after)}


def listed(after: OvsBridge) -> tuple[OvsBridgePort, ...]:
    """The ports that a bridge lists."""
    section: typing.Any = after.bridge
    return section.port if section is not UNSET and isinstance(section.port, tuple) else ()


def exists(name: str) -> bool:
    """Whether the kernel has a link of this name, in the network namespace we are in."""
    try:
        socket.if_nametoindex(name)
    except OSError:
        return False
    return True

"""Carrying out the stages of a plan in the database.

As much as can be is done in **one transaction**, at ``create``: the new bridges with all their settings, the interfaces
that live in them, and those of the kernel's links among their ports that are there by then. Links that the same plan makes
come to their bridges at ``attach``, when they are there; what changes on bridges that stay is done at ``configure``. Each
stage compares the database, as it is then, with what shall be: what an earlier stage (or an earlier attempt) did is not
done again.
"""

import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Uuid, mapping
from linkhold.providers.ovsdb.plugging import Plugging, listed, requests
from linkhold.providers.ovsdb.snapshot import Bridge, Place, Snapshot
from linkhold.providers.ovsdb.tables import bridge, interface, maps, port, root
from linkhold.providers.ovsdb.work import Work, difference
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Stage

_ASKED: typing.Final = {"mtu_request": "mtu", "mac": "mac_address"}
"""Columns of an interface by which Open vSwitch is asked for something, and the field that says it."""


class Stages:
    """The stages on one reading of the database.

    `after` are the interfaces as the whole plan wants them, by key: what is done for one change depends on others.
    """

    def __init__(self, snapshot: Snapshot, after: typing.Mapping[tuple[str, str], Interface]) -> None:
        self.snapshot, self.work = snapshot, Work()
        self.plugging = Plugging(snapshot, after, self.work)

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

    def _release(self, changes: "typing.Sequence[Change]") -> None:
        """The kernel's links that leave their bridges, and our own whose names the kernel's take."""
        self.plugging.unplug({change.name: change for change in changes if _leaves(change)})

    def _remove(self, changes: "typing.Sequence[Change]") -> None:
        """Bridges and interfaces that go, or are made again."""
        gone = [change for change in changes if change.action in "-±" and change.subject == "interface"]
        for change in gone:
            there = self.snapshot.bridges.get(change.before.name)
            if isinstance(change.before, OvsBridge) and there is not None:
                self.work.unlist(change, root.NAME, "", "bridges", [there.uuid])
        self.plugging.unplug({change.name: change for change in gone if isinstance(change.before, OvsInterface)})

    def _create(self, changes: "typing.Sequence[Change]") -> None:
        new = [change for change in changes if change.action in "+±" and change.subject == "interface"]
        making = {change.name: change for change in new if isinstance(change.after, OvsInterface)}
        for change in new:
            if isinstance(change.after, OvsBridge):
                self.plugging.make_bridge(change, making)
        for change in making.values():
            self.plugging.plug(change, making)

    def _attach(self, changes: "typing.Sequence[Change]") -> None:
        """The kernel's links that join a bridge."""
        for change in changes:
            if change.subject == "interface" and change.action != "-" and self.plugging.bridge_of(change.after):
                self.plugging.plug(change, {})

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
        self._regroup(change, there, before, after)
        for spec in listed(after):
            self._configure_port(change, there, spec, _port_of(before, spec.name))

    def _regroup(self, change: "Change", there: Bridge, before: OvsBridge | None, after: OvsBridge) -> None:
        """Each interface into the port that it shall be in; first into the new ones, since no port may be without any."""
        wanted = {name: spec for spec in listed(after) for name in spec.interfaces}
        for spec in listed(after):
            self.plugging.fill(change, there, spec, list(spec.interfaces), {})
        had = {name for spec in (listed(before) if before is not None else ()) for name in spec.interfaces}
        gone = {
            name: change
            for name, place in self.snapshot.places.items()
            if place.bridge.uuid == there.uuid
            and (place.port.name != wanted[name].name if name in wanted else name in had)
        }
        self.plugging.unplug(gone, {spec.name for spec in listed(after)})

    def _configure_port(
        self, change: "Change", there: Bridge, spec: OvsBridgePort, before: OvsBridgePort | None
    ) -> None:
        known = there.ports.get(spec.name)
        if known is None:
            return
        now = port.decode(known.row, known.members)
        self.work.update(change, port.NAME, known.uuid, difference(_settings(spec, now), known.row))
        self.work.mutate(change, port.NAME, known.uuid, maps.changes(port.kept(before), port.kept(spec), known.row))

    def _configure_interface(self, change: "Change") -> None:
        place = self.snapshot.places.get(change.name)
        before: typing.Any = change.before if change.action == "~" else UNSET
        after = change.after
        if place is None:
            if after.ovs_db is not UNSET and any(after.ovs_db.said().values()):
                text = f"{change.name} is in no bridge of Open vSwitch: there is no place for what ovs-db says"
                raise Refused(text, change=change, answer="no row in the table Interface")
            return
        kept = UNSET if before is UNSET else before.ovs_db
        mutations = maps.changes(kept, after.ovs_db, place.row)
        self.work.mutate(change, interface.NAME, _uuid(place), mutations)
        if isinstance(after, OvsInterface):
            self._configure_own(change, place, after)
            if before is not UNSET and interface.encode(after)["type"] == interface.INTERNAL:
                self._ask(change, place, before, after)

    def _configure_own(self, change: "Change", place: Place, after: OvsInterface) -> None:
        columns = interface.encode(after)
        said, there = columns.pop("options"), mapping(place.row["options"])
        gone = {key for key in interface.own_options() & there.keys() if there[key] != said.get(key)}
        new = {key: text for key, text in said.items() if there.get(key) != text}
        columns = difference(columns, place.row)
        if columns or gone or new:
            self.work.names[change.name] = change
        self.work.update(change, interface.NAME, _uuid(place), columns)
        self.work.mutate(change, interface.NAME, _uuid(place), maps.mutations("options", gone, new))

    def _ask(self, change: "Change", place: Place, before: typing.Any, after: OvsInterface) -> None:
        """For an MTU and a MAC, where they change."""
        asked = requests(after)
        differing = {name for name in _ASKED.values() if after.get(name) != before.get(name)}
        columns = {name: asked[name] for name, field in _ASKED.items() if name in asked and field in differing}
        self.work.update(change, interface.NAME, _uuid(place), difference(columns, place.row))
        if "mac_address" in differing:
            self.plugging.tell_bridge(change, after)


def _uuid(place: Place) -> Uuid:
    return str(place.row["_uuid"][1])


def _leaves(change: "Change") -> bool:
    """Whether a link of the kernel leaves the bridge it is in; one that is made again under its name stays plugged in.

    An interface of Open vSwitch leaves with `_remove`, but where the kernel makes another of its name: that is asked of us
    in this stage only.
    """
    if change.subject != "interface" or change.before is UNSET or isinstance(change.before, OvsBridge):
        return False
    if isinstance(change.before, OvsInterface):
        return change.action == "±" and not isinstance(change.after, OvsInterface)
    before = change.before.controller
    if before in (UNSET, ""):
        return False
    return change.action == "-" or change.after.get("controller") != before


def _port_of(before: OvsBridge | None, name: str) -> OvsBridgePort | None:
    return next((one for one in (listed(before) if before is not None else ()) if one.name == name), None)


def _settings(spec: OvsBridgePort, now: OvsBridgePort) -> Row:
    """The columns of a port's VLANs and bond, where they are not as they shall be; what another spelling says stays."""
    changes = {name: UNSET for name in ("vlan", "bond") if spec.get(name) == now.get(name)}
    return port.encode(spec.replace(**changes))

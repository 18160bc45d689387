"""Who belongs to which controller: both sides of a membership follow what was said on either."""

from linkhold.planning.merge_interface import without_ip
from linkhold.planning.references import controller_of, port_path, ports_of, with_ports, with_settings
from linkhold.planning.table import Table
from linkhold.state.interfaces.common import Interface


class _Claims:
    """`wanted` maps ports to (controller, why); `released` maps ports to (the controller that lets go, why)."""

    def __init__(self) -> None:
        self.wanted: dict[str, tuple[str, str]] = {}
        self.released: dict[str, tuple[str, str]] = {}


def settle_ports(table: Table) -> None:
    """Attach what a port list or a port itself asks for, release what a list leaves out or whose controller goes."""
    claims = _Claims()
    for key, said in table.desired.items():
        if said.state != "absent":
            _claim_as_controller(table, said, table.current.get(key), claims)
    for said in table.desired.values():
        if (not table.whole) if said.state == "absent" else isinstance(said.controller, str):
            _claim_as_port(table, said, claims)
    _release_orphans(table, claims)
    moved: dict[str, str] = {}
    for port, (controller, cause) in claims.wanted.items():
        _attach(table, port, controller, cause, moved)
    for port, (controller, cause) in claims.released.items():
        if port not in claims.wanted:
            _release(table, port, controller, cause, moved)
    members: dict[str, list[str]] = {}
    for port, (controller, _) in claims.wanted.items():
        members.setdefault(controller, []).append(port)
    for name, cause in moved.items():
        _relist(table, name, cause, members.get(name, []), claims)
    for said in table.desired.values():
        if said.allows_extra_ports and said.state != "absent":
            _keep_extra(table, said, claims)


def _claim_as_controller(table: Table, said: Interface, now: Interface | None, claims: _Claims) -> None:
    ports = ports_of(said)
    if ports is None:
        return
    listed = f"interfaces[{said.name}].{port_path(said, '').removesuffix('[]')}"
    for port in ports:
        claims.wanted.setdefault(port, (said.name, f"{listed}[{port}]"))
    if said.allows_extra_ports:
        return
    stays = frozenset(ports)
    for port in ports_of(now) or ():
        if port not in stays:
            claims.released.setdefault(port, (said.name, listed))


def _claim_as_port(table: Table, said: Interface, claims: _Claims) -> None:
    cause = f"interfaces[{said.name}].controller"
    before = table.controller_now(said.name)
    wanted = controller_of(said) if said.state != "absent" else ""
    if wanted:
        claims.wanted.setdefault(said.name, (wanted, cause))
    elif before and said.name not in claims.wanted:
        claims.released.setdefault(said.name, (before, cause))


def _release_orphans(table: Table, claims: _Claims) -> None:
    """Ports of a controller that goes, and the place in its controller of a port that goes."""
    for key in list(table.touched):
        now = table.current.get(key)
        if now is None:
            continue
        cause = table.causes.get(("interface", key), ("",))[0]
        if (key not in table.expected or table.absent(key)) and controller_of(now):
            claims.released.setdefault(now.name, (controller_of(now), cause))
        if key in table.expected and type(table.expected[key]) is type(now):
            continue
        if table.controller(now.name) is None:
            for port in ports_of(now) or ():
                claims.released.setdefault(port, (now.name, cause))


def _attach(table: Table, port: str, controller: str, cause: str, moved: dict[str, str]) -> None:
    moved.setdefault(controller, cause)
    owner = table.controller(controller)
    interface = table.expected.get((port, ""))
    if owner is not None and interface is None and owner.kind == "ovs-bridge" and table.whole:
        from linkhold.state.interfaces.ovs_interface import OvsInterface

        interface = OvsInterface(name=port, state="up")
    before = table.controller_now(port)
    if before and before != controller:
        moved.setdefault(before, cause)
    if owner is None or interface is None:
        return
    now = table.current.get(interface.key)
    changed = before != controller
    if interface.controller != controller:
        interface = interface.replace(controller=controller)
    if changed or now is None:
        if (port, "") not in table.desired and interface.state != "up":
            interface = interface.replace(state="up")
        if owner.kind != "vrf" and interface.kind != "ovs-interface":
            interface = without_ip(interface, table.desired.get(interface.key), whole=table.whole)
    table.put(interface, cause)


def _release(table: Table, port: str, controller: str, cause: str, moved: dict[str, str]) -> None:
    moved.setdefault(controller, cause)
    interface = table.expected.get((port, ""))
    if interface is None or interface.controller not in (controller, ""):
        return
    if interface.kind == "ovs-interface":  # it lives in a bridge or not at all
        table.remove(interface.key, cause)
    elif interface.controller:
        table.put(interface.replace(controller=""), cause)


def _relist(table: Table, name: str, cause: str, members: list[str], claims: _Claims) -> None:
    """The list of a controller that something joined or left."""
    controller = table.controller(name)
    if controller is None:
        return
    ports = {
        port
        for port in ports_of(controller) or ()
        if claims.wanted.get(port, (name,))[0] == name and _stays(port, name, claims)
    }
    ports.update(members)
    listed = with_ports(controller, ports)
    if listed is not controller:
        table.put(listed, cause)


def _keep_extra(table: Table, said: Interface, claims: _Claims) -> None:
    """The ports that a list does not name and that nobody else speaks of, with their settings, where such ones may stay."""
    now, expected = table.current.get(said.key), table.expected.get(said.key)
    if now is None or expected is None or type(now) is not type(expected):
        return
    listed = ports_of(expected)
    extra = {
        port
        for port in ports_of(now) or ()
        if port not in claims.wanted and port not in claims.released and (port, "") in table.expected
    }
    if listed is not None and not extra <= set(listed):
        whole = with_settings(expected, now, {*listed, *extra})
        table.put(now if whole == now else whole, f"interfaces[{said.name}]")


def _stays(port: str, controller: str, claims: _Claims) -> bool:
    return port in claims.wanted or claims.released.get(port, ("",))[0] != controller

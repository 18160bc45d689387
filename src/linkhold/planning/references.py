"""Which other interfaces a value names, and in which role: read from `Names` markers, with a way compiled once per class.

Ports are special in that a controller *lists* them, so the list can be changed here too, whatever its shape in the
document: names, or maps with a name.
"""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.foundation.remembered import remembered
from linkhold.planning.traits import Trait, traits_of
from linkhold.state.fields import Names, Role
from linkhold.state.interfaces.common import Interface, Untyped


class Reference(typing.NamedTuple):
    """A name found in a value; `path` is relative to the value, as a document spells it."""

    role: Role
    name: str
    path: str


class _Way(typing.NamedTuple):
    """How to reach a field that holds names: fields from the value down, with the trait of the last."""

    role: Role
    steps: tuple[str, ...]
    path: str


_known_ways: typing.Final[dict[type[Record], tuple[_Way, ...]]] = {}


def _ways(cls: type[Record]) -> tuple[_Way, ...]:
    known = _known_ways.get(cls)
    if known is None:
        known = _known_ways[cls] = _find_ways(cls)
    return known


def _find_ways(cls: type[Record]) -> tuple[_Way, ...]:
    ways: list[_Way] = []
    for name, trait in traits_of(cls).items():
        marker = trait.field.marker(Names)
        if marker:
            ways.append(_Way(marker.role, (name,), trait.key))
        inner = trait.section or trait.element
        if inner:
            ways += (_Way(way.role, (name, *way.steps), f"{trait.key}.{way.path}") for way in _ways(inner))
    return tuple(ways)


def references(value: Record) -> list[Reference]:
    """Every name in a value that is not empty."""
    names: list[Reference] = []
    said = value.__dict__
    for way in _ways(type(value)):
        if way.steps[0] in said:
            _collect(value, way, 0, names)
    return names


def _collect(value: Record, way: _Way, depth: int, names: list[Reference]) -> None:
    held = value.__dict__.get(way.steps[depth], UNSET)
    if held is UNSET or not held:
        return
    if depth == len(way.steps) - 1:
        names += [Reference(way.role, name, way.path) for name in ((held,) if isinstance(held, str) else held)]
        return
    for inner in held if isinstance(held, tuple) else (held,):
        _collect(inner, way, depth + 1, names)


def named(value: Record, *roles: Role) -> list[str]:
    """The names a value gives in some roles."""
    return [one.name for one in references(value) if one.role in roles]


def names_in(interface: Interface) -> list[str]:
    """Its own name, and all that it gives; of an entry whose kind is not known yet, every text may be one."""
    if isinstance(interface, Untyped):
        return [interface.name, *_texts(interface.raw)]
    return [interface.name, *(one.name for one in references(interface))]


def _texts(plain: typing.Any) -> typing.Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from _texts(inner)


def renamed(value: Record, names: typing.Mapping[str, str]) -> typing.Any:
    """The value with the interfaces it refers to called by other names."""
    changes: dict[str, typing.Any] = {}
    for name, trait in traits_of(type(value)).items():
        held = value.get(name)
        if held is UNSET:
            continue
        if trait.field.has(Names):
            new = names.get(held, held) if isinstance(held, str) else tuple(names.get(one, one) for one in held)
        elif trait.section:
            new = renamed(held, names)
        elif trait.element:
            new = tuple(renamed(one, names) for one in held)
        else:
            continue
        if new != held:
            changes[name] = new
    return value.replace(**changes) if changes else value


@remembered
def _port_list(cls: type[Interface]) -> tuple[str, Trait, str] | None:
    """Where a controller of this class lists its ports: the section's field, the list's trait, the path of both.

    Such a list is called `port` in every kind of controller.
    """
    for name, trait in traits_of(cls).items():
        inner = traits_of(trait.section).get("port") if trait.section and cls.is_controller else None
        if inner and typing.get_origin(inner.field.base) is tuple:
            return name, inner, f"{trait.key}.{inner.key}"
    return None


def ports_of(interface: typing.Any) -> tuple[str, ...] | None:
    """The ports that a controller lists; nothing where it lists none, is none, or is not there."""
    ports = interface.ports if isinstance(interface, Interface) else UNSET
    return ports if isinstance(ports, tuple) else None


def port_path(controller: Interface, port: str) -> str:
    """The path (relative to the controller) of the mention of a port."""
    found = _port_list(type(controller))
    return f"{found[2]}[{port}]" if found else ""


def with_ports(controller: Interface, ports: typing.Collection[str]) -> Interface:
    """The controller with just these ports, sorted by name; the settings of those that stay are kept."""
    found = _port_list(type(controller))
    if found is None:
        return controller
    name, trait, _ = found
    section = controller.get(name)
    if section is UNSET:
        section_class = traits_of(type(controller))[name].section
        assert section_class is not None
        section = section_class()
    held: typing.Any = section.get("port")
    ports = set(ports)
    kept = [_keeping(one, ports) for one in (() if held is UNSET else held) if _members(one) & ports]
    there = {member for one in kept for member in _members(one)}
    new = [trait.element(name=port) if trait.element else port for port in ports - there]
    listed = tuple(sorted((*kept, *new), key=lambda one: one if isinstance(one, str) else one.name))
    changes: dict[str, typing.Any] = {"port": listed} if listed != held else {}
    settings: typing.Any = section.get("ports_config") if "ports_config" in section.field_names() else UNSET
    if settings is not UNSET and any(one.name not in ports for one in settings):
        changes["ports_config"] = tuple(one for one in settings if one.name in ports)
    return controller.replace(**{name: section.replace(**changes)}) if changes else controller


def with_settings(controller: Interface, before: Interface, ports: typing.Collection[str]) -> Interface:
    """Like `with_ports`; one that it does not list yet has the settings that it had `before`."""
    found = _port_list(type(controller))
    listed = with_ports(controller, ports)
    if found is None or not found[1].element:
        return listed
    held = {one.name: one for one in before.get(found[0]).get("port")}
    known = {one.name: one for one in controller.get(found[0]).get("port")}
    section = listed.get(found[0])
    return listed.replace(
        **{found[0]: section.replace(port=tuple(known.get(one.name, held.get(one.name, one)) for one in section.port))}
    )


def _keeping(port: typing.Any, ports: set[str]) -> typing.Any:
    """A port that is made of several interfaces, with those of them that stay."""
    return port.keeping(ports) if hasattr(port, "keeping") else port


def _members(port: typing.Any) -> set[str]:
    if isinstance(port, str):
        return {port}
    return set(getattr(port, "interfaces", (port.name,)))


def controller_of(interface: typing.Any) -> str:
    """The name of its controller; '' for none, and for an interface that is not there (`UNSET`)."""
    name = interface.controller if interface is not UNSET else UNSET
    return name if isinstance(name, str) else ""

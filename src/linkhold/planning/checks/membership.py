"""Rules about controllers and their ports."""

import typing

from linkhold.foundation.diagnostics import Key
from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context, field
from linkhold.planning.references import port_path, ports_of
from linkhold.state.interfaces.common import Interface

DEEPEST: typing.Final = 4
"""Controllers above an interface, at most (nmstate, 1.21)."""


def one_controller_each(context: Context) -> None:
    """A port is in one controller."""
    claimed: dict[str, str] = {}
    for said in context.wanted():
        for port in ports_of(said) or ():
            other = claimed.setdefault(port, said.name)
            if other != said.name:
                message = f"{port} is a port of {other} already"
                context.error(
                    "two-controllers",
                    said.name,
                    port_path(said, port),
                    message,
                    expected="one controller",
                    hint=f"take it out of {other}",
                )


def both_sides_agree(context: Context) -> None:
    """What a port says of its controller, and a controller of its ports, is the same."""
    listed = {port: said.name for said in context.wanted() for port in (ports_of(said) or ())}
    for said in context.wanted():
        if not isinstance(said.controller, str):
            continue
        lister = listed.get(said.name, "")
        if lister and lister != said.controller:
            message = f"'{said.controller}' contradicts {lister}, which lists {said.name} as its port"
            context.error(
                "contradiction",
                said.name,
                "controller",
                message,
                expected=f"controller: {lister}",
                hint="say it on one side only",
            )
        both = (context.desired.get((said.controller, kind)) for kind in ("", "ovs-bridge"))
        owner = next((one for one in both if one is not None and one.is_controller), None)
        if (
            said.controller
            and not lister
            and owner is not None
            and owner.state != "absent"
            and owner.ports is not UNSET
        ):
            message = f"{said.controller} lists its ports without {said.name}"
            context.error(
                "contradiction",
                said.name,
                "controller",
                message,
                hint=f"add {said.name} to the ports of {said.controller}",
            )


def controllers_exist(context: Context) -> None:
    """A port's controller is there, and is one."""
    for said in context.wanted():
        name = said.controller
        if not isinstance(name, str) or not name or context.controller(name) is not None:
            continue
        other = context.kernel(name)
        message, hint = (
            (f"{name} is of kind {other.kind} and has no ports", "") if other is not None else context.missing(name)
        )
        context.error(
            "missing-controller",
            said.name,
            "controller",
            message,
            expected="a bond, bridge or vrf that will exist",
            hint=hint,
        )


def ports_exist(context: Context) -> None:
    """The ports that a controller lists are there."""
    for said in context.wanted():
        for port in ports_of(said) or ():
            if context.goes(port):
                message, hint = context.missing(port)
                context.error(
                    "missing-port",
                    said.name,
                    port_path(said, port),
                    message,
                    expected="an interface that will exist",
                    hint=hint,
                )
            elif port == said.name and not said.userspace:
                context.error(
                    "circle",
                    said.name,
                    port_path(said, port),
                    f"{port} can't be its own port",
                    expected="another interface",
                )


def nesting_is_shallow(context: Context) -> None:
    """Controllers in controllers, a few levels deep."""
    for interface in context.changed:
        above: list[str] = []
        one: Interface | None = interface
        while one is not None and isinstance(one.controller, str) and one.controller and one.controller not in above:
            above.append(one.controller)
            one = context.controller(one.controller)
        if len(above) > DEEPEST:
            message = f"{interface.name} is {len(above)} controllers deep: {', '.join(above)}"
            context.error("nesting", interface.name, "controller", message, expected=f"at most {DEEPEST}")


def pvid_needs_filtering(context: Context) -> None:
    """A default VLAN other than 1 means something only where some port has VLANs. One that the bridge has already may
    stay: whoever made it that way, what is shown of a host can be applied."""
    for said in context.wanted():
        options: typing.Any = field(said, "bridge", "options") if said.kind == "linux-bridge" else UNSET
        pvid = options.get("vlan_default_pvid") if options is not UNSET else UNSET
        settled: typing.Any = field(context.expected.get(said.key), "bridge", "options")
        now: typing.Any = field(context.current.get(said.key), "bridge", "options")
        if pvid in (UNSET, 1) or (settled is not UNSET and settled.vlan_filtering is True):
            continue
        if now is not UNSET and now.vlan_default_pvid == pvid:
            continue
        ports = field(context.expected.get(said.key), "bridge", "port")
        if not any(port.vlan is not UNSET and not port.vlan.empty for port in (ports if ports is not UNSET else ())):
            message = "works only with VLAN filtering, which is on when a port has VLANs"
            context.error(
                "bridge-pvid",
                said.name,
                "bridge.options.vlan-default-pvid",
                message,
                expected="1",
                hint="give a port a vlan section",
            )


def options_suit_the_mode(context: Context) -> None:
    """The options of a bond suit the mode that it has already."""
    for said in context.wanted():
        section: typing.Any = said.get("bond") if said.kind == "bond" else UNSET
        if section is UNSET or section.mode is not UNSET or section.options is UNSET:
            continue
        mode = field(context.expected.get(said.key), "bond", "mode")
        if mode is not UNSET:
            at = ("interfaces", Key(said.name), "link-aggregation")
            type(section)(mode=mode, options=section.options).check(at, context.found)

"""``linkhold show``."""

import argparse
import sys
import typing

from linkhold.cli.terminal import Ink, is_terminal, table
from linkhold.foundation.record import UNSET

if typing.TYPE_CHECKING:
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which interfaces, how much, and how to print it."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="interfaces (shell-style patterns); all when none is named"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--yaml", action="store_true", help="print YAML (so it is when piped; a terminal gets a table)")
    parser.add_argument("-k", "--kernel", action="store_true", help="ask the kernel alone, no service")
    parser.add_argument("-r", "--running-config", action="store_true", help="only what was configured, nothing learned")
    parser.add_argument("-d", "--details", action="store_true", help="ethtool, SR-IOV and MPTCP settings too (slower)")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Look and print."""
    import linkhold

    state = linkhold.show(
        options.names,
        details=options.details,
        running_config=options.running_config,
        kernel_only=options.kernel,
    )
    if options.json:
        from linkhold.state.document import to_json

        print(to_json(state, secrets=options.show_secrets, indent=2, shown=True))
    elif options.yaml or options.names or not is_terminal(sys.stdout):
        from linkhold.state.document import to_yaml

        print(to_yaml(state, secrets=options.show_secrets, shown=True), end="")
    else:
        print(overview(state, Ink()))
    return 0


def overview(state: "NetworkState", ink: Ink) -> str:
    """One line for each interface, then the routes and the name servers."""
    interfaces = state.interfaces if isinstance(state.interfaces, tuple) else ()
    parts = [table(("NAME", "KIND", "STATE", "MTU", "IN", "ADDRESSES"), [_row(one) for one in interfaces], ink)]
    routes = [_route(one) for one in _of(state, "routes", "config")]
    if routes:
        parts.append(table(("ROUTE TO", "BY", "OVER", "METRIC", "TABLE"), routes, ink))
    rules = [_rule(one) for one in _of(state, "rules", "config")]
    if rules:
        parts.append(table(("PRIORITY", "FROM", "TO", "TABLE"), rules, ink))
    servers = state.dns.running.server if state.dns is not UNSET and state.dns.running is not UNSET else ()  # type: ignore[union-attr]
    if isinstance(servers, tuple) and servers:
        parts.append(f"{ink('NAME SERVERS', 'bold')}  {', '.join(servers)}")
    return "\n\n".join(parts)


def _row(interface: "Interface") -> tuple[str, ...]:
    addresses = [
        f"{one.ip}/{one.prefix_length}"
        for section in (interface.ipv4, interface.ipv6)
        if section is not UNSET and isinstance(section.address, tuple)  # type: ignore[union-attr]
        for one in section.address  # type: ignore[union-attr]
    ]
    controller = interface.controller if isinstance(interface.controller, str) else ""
    return (
        interface.name,
        interface.kind,
        _text(interface.state),
        _text(interface.mtu),
        controller,
        " ".join(addresses),
    )


def _of(state: "NetworkState", section: str, part: str) -> tuple[typing.Any, ...]:
    held = state.get(section)
    values = held.get(part) if held is not UNSET else UNSET
    return values if isinstance(values, tuple) else ()


def _route(route: typing.Any) -> tuple[str, ...]:
    fields = (route.destination, route.next_hop_address, route.next_hop_interface, route.metric, route.table_id)
    return tuple(_text(one) for one in fields)


def _rule(rule: typing.Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in (rule.priority, rule.ip_from, rule.ip_to, rule.route_table))


def _text(value: object) -> str:
    return "" if value is UNSET else str(value)

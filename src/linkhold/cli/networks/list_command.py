"""``linkhold networks list``: the networks of a fleet that this host has."""

import argparse
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.terminal import Cell, Ink, columns, print_json, table

if typing.TYPE_CHECKING:
    from linkhold.executor.setup.store import Store
    from linkhold.networks.configuration import Network

EXAMPLES: typing.Final = """\
  linkhold networks list            the networks that run, and whether a reboot brings the same
  linkhold networks list --json     all that is stored of them, as vdsm spells it"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print running and safe as JSON")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    from linkhold.executor.setup import by_command

    store = by_command.stored(options.state_dir)
    if options.json:
        print_json(_plain(store))
    else:
        print(_overview(store, Ink()))
    return DONE


def _plain(store: "Store") -> dict[str, typing.Any]:
    safe = store.safe()
    return {
        "running": store.plain(store.running().configuration),
        "safe": None if safe is None else store.plain(safe.configuration),
        "dirty": store.dirty,
    }


def _overview(store: "Store", ink: Ink) -> str:
    running, kept = store.running().configuration, store.safe()
    safe = {} if kept is None else kept.configuration.networks
    names = sorted(running.networks.keys() | safe.keys())
    if not names:
        return "This host has no networks of a fleet."
    rows = [
        _row(name, running.networks.get(name), "yes" if running.networks.get(name) == safe.get(name) else "no")
        for name in names
    ]
    lines = [table(("NETWORK", "ON", "SWITCH", "KIND", "MTU", "ADDRESSES", "KEPT"), rows, ink, columns())]
    if store.dirty:
        lines.append(ink("A reboot brings back something else than what runs: 'keep' what runs, or restore.", "yellow"))
    return "\n".join(lines)


def _row(name: str, network: "Network | None", kept: str) -> list[Cell]:
    if network is None:
        return [name, "-", "-", "not set up now", "-", "-", "yes"]
    kind = "bridged" if network.bridged else "bridgeless"
    words = (name, network.southbound or "-", network.switch, kind, str(network.mtu), _addresses(network), kept)
    return list(words)


def _addresses(network: "Network") -> str:
    parts = [f"{network.ipaddr}/{network.prefix}"] if network.ipaddr else []
    parts += ["dhcp"] if network.bootproto == "dhcp" else []
    parts += [network.ipv6addr] if network.ipv6addr else []
    parts += ["dhcpv6"] if network.dhcpv6 else []
    parts += ["autoconf"] if network.ipv6autoconf else []
    return " ".join(parts) or "-"

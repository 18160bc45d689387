"""``linkhold show``."""

import sys
import typing

from linkhold.cli.terminal import is_terminal

if typing.TYPE_CHECKING:
    import argparse

    from linkhold.state.network import NetworkState

DEFAULTS: typing.Final[dict[str, typing.Any]] = {
    "json": False, "yaml": False, "kernel": False, "running_config": False, "details": False, "show_secrets": False,
}  # fmt: skip
"""The options when none is given."""

EXAMPLES: typing.Final = """\
  linkhold show                     the whole host: a table on a terminal, YAML when piped
  linkhold show eth1 'br*'          these interfaces with their routes and rules
  linkhold show -r > network.yml    what was configured, to edit and apply
  linkhold show --json | jq '.interfaces[].name'"""


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Which interfaces, how much, and how to print it."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="interfaces (shell-style patterns); all when none is named"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--yaml", action="store_true", help="print YAML (so it is when piped; a terminal gets a table)")
    parser.add_argument("-k", "--kernel", action="store_true", help="ask the kernel alone, no service")
    parser.add_argument("-r", "--running-config", action="store_true", help="only what was configured, nothing learned")
    parser.add_argument("-d", "--details", action="store_true", help="ethtool, SR-IOV, MPTCP, QoS too (slower)")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: "argparse.Namespace") -> int:
    """Look and print."""
    import linkhold

    state = linkhold.show(
        options.names,
        details=options.details,
        running_config=options.running_config,
        kernel_only=options.kernel,
    )
    if not state.interfaces and options.names and is_terminal(sys.stderr):
        print(f"linkhold: there is no interface {' or '.join(options.names)}", file=sys.stderr)
    _print(state, options)
    return 0


def _print(state: "NetworkState", options: "argparse.Namespace") -> None:
    whole = not options.names  # of some interfaces neither DNS nor hostname is told
    if options.json:
        from linkhold.cli.terminal import print_json
        from linkhold.state.document import to_plain

        print_json(to_plain(state, secrets=options.show_secrets, shown=whole))
    elif options.yaml or options.names or not is_terminal(sys.stdout):
        from linkhold.state.document import to_yaml

        print(to_yaml(state, secrets=options.show_secrets, shown=whole), end="")
    else:
        from linkhold.cli.show_view import overview
        from linkhold.cli.terminal import Ink, columns

        print(overview(state, Ink(), columns()))

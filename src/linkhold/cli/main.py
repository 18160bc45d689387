"""Entry of ``linkhold``: finds the command, loads only that one, and turns what goes wrong into words and exit codes."""

import sys
import typing

from linkhold.cli.codes import DONE, EXIT_CODES, USAGE

if typing.TYPE_CHECKING:
    import argparse

COMMANDS: typing.Final[dict[str, str]] = {
    "show": "print the host's network",
    "plan": "print what a document would change, touching nothing",
    "apply": "make the host's network as a document says, or leave it as it was",
    "confirm": "keep the change that waits for confirmation",
    "rollback": "take back the change that waits for confirmation",
    "restore": "apply again what was committed (at boot)",
    "service": "apply a folder of documents (at boot)",
    "edit": "edit the network in $EDITOR and apply the result",
    "validate": "check a document without looking at the host",
    "format": "print a document in canonical form",
    "diff": "print what differs between two documents, or a document and the host",
    "generate": "print or write another network manager's files for a document",
    "inverse": "print the document that takes another one back",
    "policy": "print the document that a policy means on this host",
    "schema": "print the JSON Schema of documents",
    "statistic": "print what documents make use of: features and topology",
    "autoconf": "set up the VLANs that switches announce by LLDP",
    "persist-nic-names": "keep the names of cards by which the configuration finds them",
    "watch": "print changes of the host's network as they happen",
    "history": "print what was applied when, by whom, with its plan",
    "agent run": "answer a centre's requests: the daemon itself",
    "agent enrol": "get a certificate by which a centre knows this host",
    "agent status": "tell how this host's agent and executor are",
    "agent report": "collect what support needs into one file, without secrets",
    "agent call": "ask a host's agent for a verb, or follow its events",
    "networks list": "print the networks of a fleet that this host was given",
    "networks restore": "set up the networks that were kept (at boot)",
    "networks clear": "take the networks of a fleet off this host",
    "networks import": "take over the networks that vdsm had kept",
    "executor run": "be the root service that the agent asks",
    "demo": "watch all of it happen inside a throw-away network namespace",
    "completion": "print a completion script for a shell",
    "version": "print the version",
}

GROUPS: typing.Final[dict[str, str]] = {
    "agent": "speaks with the agents of hosts",
    "networks": "deals with the networks of a fleet that this host was given",
    "executor": "runs the root service of the agent",
}
"""First words of commands of two words, and what those commands have to do with."""

MOST_COLUMNS: typing.Final = 110
"""Characters in a line of help, however wide the terminal: longer ones are hard to read."""


class Command(typing.Protocol):
    """What a command's module offers."""

    EXAMPLES: str
    """Lines for the end of its ``--help``: a command line, spaces, what it does. A module whose command has nothing to do with
    this host's own network says ``ELSEWHERE = True`` beside it, and gets no options about that.
    """

    def arguments(self, parser: "argparse.ArgumentParser") -> None:
        """Declare the command's own arguments."""

    def run(self, options: "argparse.Namespace") -> int:
        """Do it; the exit code."""


def load(name: str) -> Command:
    """The module of a command: of ``show`` `linkhold.cli.show_command`, of ``agent call`` `linkhold.cli.agent.call_command`."""
    module = f"linkhold.cli.{name.replace('-', '_').replace(' ', '.')}_command"
    __import__(module)  # importing importlib takes longer than many a command
    return typing.cast(Command, sys.modules[module])


def parser_of(name: str) -> "argparse.ArgumentParser":
    """The whole parser of one command."""
    import argparse

    from linkhold.cli.terminal import columns

    command, text = load(name), COMMANDS[name]
    width = min(columns() or MOST_COLUMNS, MOST_COLUMNS)
    parser = argparse.ArgumentParser(
        prog=f"linkhold {name}",
        description=text[0].upper() + text[1:] + ".",
        epilog=f"examples:\n{command.EXAMPLES}",
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=width),
        allow_abbrev=False,
    )
    command.arguments(parser)
    if not getattr(command, "ELSEWHERE", False):
        parser.add_argument(
            "--state-dir", metavar="DIR", help="where Linkhold keeps its state (default: /var/lib/linkhold)"
        )
        parser.add_argument(
            "--provider",
            metavar="NAME",
            help="who sets up the interfaces: auto (default), kernel, networkmanager, ovsdb",
        )
    parser.add_argument("--traceback", action="store_true", help="on a failure print where in the code it happened")
    return parser


def named(words: typing.Sequence[str]) -> tuple[str, list[str]]:
    """The command that some words begin with (it may be unknown), and the words behind it."""
    count = 2 if words[0] in GROUPS and len(words) > 1 and not words[1].startswith("-") else 1
    return " ".join(words[:count]), list(words[count:])


def usage_of_group(group: str) -> str:
    """The text of ``linkhold GROUP --help``."""
    names = [name for name in COMMANDS if name.startswith(f"{group} ")]
    width = max(map(len, names))
    commands = "\n".join(f"  {name:{width}}  {COMMANDS[name]}" for name in names)
    what = GROUPS[group]
    return (
        f"usage: linkhold {group} COMMAND [options]\n\n{what[0].upper()}{what[1:]}.\n\ncommands:\n{commands}\n\n"
        f"'linkhold {group} COMMAND --help' explains one.\n"
    )


def usage() -> str:
    """The text of ``linkhold --help``."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {text}" for name, text in COMMANDS.items())
    codes = "\n".join(f"  {code:>3}  {text}" for code, text in EXIT_CODES.items())
    return (
        "usage: linkhold COMMAND [options]\n\n"
        "Declares a host's network as one document, applies it as a transaction, and puts everything back when that fails.\n\n"
        f"commands:\n{commands}\n\n'linkhold COMMAND --help' explains one.\n\nexit codes:\n{codes}\n\n"
        "environment:\n"
        "  LINKHOLD_STATE_DIR  where state is kept (default: /var/lib/linkhold)\n"
        "  LINKHOLD_PROVIDER   who sets up the interfaces, as --provider\n"
        "  NO_COLOR            set to anything: plain output\n"
        "  EDITOR, VISUAL      what 'linkhold edit' starts\n"
        "  SSH_CONNECTION      set by sshd: names the session that a plan protects\n"
    )


def main(argv: typing.Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        return _help(words)
    name, words = ("version", words[1:]) if words[0] in ("--version", "-V") else named(words)
    if name in GROUPS:
        return _help_of_group(name, asked=bool(words))
    if name not in COMMANDS:
        return _unknown(name)
    options = without_parser(name, words)
    if options is not None and argv is None:
        return _look_and_leave(lambda: load(name).run(options))
    options = options or parser_of(name).parse_args(words)
    if getattr(options, "provider", None):
        import os

        os.environ["LINKHOLD_PROVIDER"] = options.provider
    from linkhold.cli.problems import guarded

    as_json = getattr(options, "json", False)
    return guarded(lambda: load(name).run(options), traceback=options.traceback, as_json=as_json)


def _look_and_leave(work: typing.Callable[[], int]) -> typing.NoReturn:
    """Do some work that only looks and prints, and end the process. Collecting garbage in between, and taking the
    interpreter apart afterwards, would take a fifth of the whole time and have no effect.
    """
    import gc
    import os

    from linkhold.cli.problems import guarded

    def printed() -> int:
        code = work()
        sys.stdout.flush()
        return code

    gc.disable()
    code = guarded(printed)
    sys.stderr.flush()
    os._exit(code)


def _help(words: typing.Sequence[str]) -> int:
    if len(words) > 1 and words[0] == "help":
        return main([*words[1:3], "--help"])
    print(usage(), end="", file=sys.stdout if words else sys.stderr)
    return DONE if words else USAGE


def _help_of_group(group: str, *, asked: bool) -> int:
    print(usage_of_group(group), end="", file=sys.stdout if asked else sys.stderr)
    return DONE if asked else USAGE


def without_parser(name: str, words: typing.Sequence[str]) -> typing.Any:
    """The options of the one command that has to be quick where no option was given, None elsewhere: importing argparse
    takes as long as reading the host. The same as the parser would give, which a test holds.
    """
    if name != "show" or any(word.startswith("-") for word in words):
        return None
    import types

    from linkhold.cli.show_command import DEFAULTS

    return types.SimpleNamespace(**DEFAULTS, names=list(words), provider=None, state_dir=None, traceback=False)


def _unknown(name: str) -> int:
    from linkhold.foundation.diagnostics import did_you_mean

    hint = did_you_mean(name, COMMANDS)
    print(f"linkhold: error: invalid choice: '{name}' ({hint})", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())

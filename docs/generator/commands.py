"""docs/reference/command-line.md: every command with its arguments, from the parsers of `linkhold.cli`."""

import argparse
import textwrap
import typing

from generator.markdown import NOTICE, code, fenced, table
from linkhold.cli import main
from linkhold.cli.codes import EXIT_CODES

INTRODUCTION: typing.Final = """\
# The command line

`linkhold COMMAND [options]`. `linkhold --help` lists the commands, `linkhold COMMAND --help` explains one."""

ENVIRONMENT: typing.Final[dict[str, str]] = {
    "LINKHOLD_STATE_DIR": "where Linkhold keeps its state; /var/lib/linkhold if not set",
    "NO_COLOR": "when set, output is plain",
    "EDITOR, VISUAL": "the program that `linkhold edit` starts",
    "SSH_CONNECTION": "set by sshd; names the session that a plan protects",
}


class Argument(typing.NamedTuple):
    """One argument as people read it: `--timeout SECONDS`, and what it is for."""

    words: str
    meaning: str
    is_option: bool


def arguments(name: str) -> list[Argument]:
    """Those of a command, in the order of declaration, `--help` first."""
    parser = main.parser_of(name)
    return [_argument(action) for action in parser._actions if action.help is not argparse.SUPPRESS]


def usage(name: str) -> str:
    """One line: how a command is called."""
    positional = [one.words for one in arguments(name) if not one.is_option]
    return " ".join(["linkhold", name, "[options]", *positional])


def sentence(name: str) -> str:
    """What a command does."""
    text = main.COMMANDS[name]
    return text[:1].upper() + text[1:] + "."


def examples(name: str) -> str:
    """Some command lines, with what they do."""
    return textwrap.dedent(main.load(name).EXAMPLES)


def page() -> str:
    """The page."""
    parts = [NOTICE, INTRODUCTION]
    parts.append(
        table(
            ("command", "what it does"),
            ((f"[`{name}`](#{name.replace(' ', '-')})", text) for name, text in main.COMMANDS.items()),
        )
    )
    for name in main.COMMANDS:
        parts += [f"## {name}", sentence(name), fenced(usage(name)), _arguments_table(name)]
        parts += ["Examples:", fenced(examples(name))]
    codes = ((str(number), text) for number, text in EXIT_CODES.items())
    parts += ["## Exit codes", table(("code", "meaning"), codes)]
    parts += [
        "## Environment",
        table(("variable", "meaning"), ((code(one), text) for one, text in ENVIRONMENT.items())),
    ]
    return "\n\n".join(parts)


def _arguments_table(name: str) -> str:
    return table(("argument", "meaning"), ((code(one.words), one.meaning) for one in arguments(name)))


def _argument(action: argparse.Action) -> Argument:
    value = _value(action)
    if not action.option_strings:
        return Argument(value, _help(action), False)
    return Argument(", ".join(action.option_strings) + (f" {value}" if value else ""), _help(action), True)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices is not None and action.metavar is None:
        name = "{" + ",".join(map(str, action.choices)) + "}"
    return {"*": f"[{name} …]", "+": f"{name} …", "?": f"[{name}]"}.get(str(action.nargs), name)


def _help(action: argparse.Action) -> str:
    if isinstance(action, argparse._HelpAction):
        return "explain the command"
    text = (action.help or "").replace("%(default)s", str(action.default))
    return text.replace("%%", "%")

"""``linkhold completion``: scripts that complete commands, options, files and interface names.

What there is to complete is read from the commands' own parsers, so the scripts can't lag behind.
"""

import argparse
import sys
import typing

from linkhold.cli.main import COMMANDS, GROUPS, parser_of

EXAMPLES: typing.Final = """\
  source <(linkhold completion bash)                                         for this shell
  linkhold completion bash > /etc/bash_completion.d/linkhold                 for all
  linkhold completion zsh > ~/.linkhold.zsh                                  to be sourced from ~/.zshrc
  linkhold completion fish > ~/.config/fish/completions/linkhold.fish"""

_FILES: typing.Final = ("FILE", "NEW", "OLD")
_INTERFACES: typing.Final = "for one in /sys/class/net/*/; do one=${one%/}; echo ${one##*/}; done"
_PROBES: typing.Final = ("gateway", "tcp:", "dns:", "command:")


class Completed(typing.NamedTuple):
    """What can follow a command: `values` are the options that take one; `operand` is ``file``, ``interface`` or ''."""

    options: tuple[str, ...]
    values: dict[str, str]
    operand: str
    choices: tuple[str, ...]


def arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="source the output in that shell's start file")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    script = {"bash": _bash, "zsh": lambda: "autoload -U +X bashcompinit && bashcompinit\n" + _bash(), "fish": _fish}
    sys.stdout.write(script[options.shell]())
    return 0


def completed(name: str) -> Completed:
    """What can follow a command."""
    actions = parser_of(name)._actions  # argparse has no public list of its options
    operands = {str(action.metavar) for action in actions if not action.option_strings}
    return Completed(
        options=tuple(sorted(word for action in actions for word in action.option_strings if word.startswith("--"))),
        values={word: str(action.metavar) for action in actions if action.nargs != 0 for word in action.option_strings},
        operand="interface" if "NAME" in operands else "file" if operands.intersection(_FILES) else "",
        choices=tuple(
            str(choice) for action in actions if not action.option_strings for choice in action.choices or ()
        ),
    )


def _bash() -> str:
    known = {name: completed(name) for name in COMMANDS}
    values = {word: metavar for one in known.values() for word, metavar in one.values.items()}
    directories = "|".join(sorted(word for word, metavar in values.items() if metavar == "DIR"))
    probes = "|".join(sorted(word for word, metavar in values.items() if metavar == "PROBE"))
    files = "|".join(sorted(word for word, metavar in values.items() if metavar == "FILE"))
    others = "|".join(sorted(word for word, metavar in values.items() if metavar not in ("DIR", "FILE", "PROBE")))
    cases = "\n".join(_bash_case(name, one) for name, one in known.items())
    groups = "\n".join(_bash_group(group) for group in GROUPS)
    return f"""_linkhold() {{
  local IFS=$'\\n' current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" one options operands
  local command="${{COMP_WORDS[1]}}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {_words(_first_words())} -- "$current"))
    return
  fi
  case "$command" in
{groups}
  esac
  case "$previous" in
    {directories}) COMPREPLY=($(compgen -d -- "$current")); return ;;
    {files}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    {probes}) COMPREPLY=($(compgen -W {_words(_PROBES)} -- "$current")); return ;;
    {others}) COMPREPLY=(); return ;;
  esac
  case "$command" in
{cases}
  esac
  if [ "${{current#-}}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [ "$operands" = file ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$operands" -- "$current"))
  fi
}}
complete -o filenames -F _linkhold linkhold
"""


def _first_words() -> dict[str, str]:
    """What can stand behind ``linkhold``, with what it does."""
    return {name.partition(" ")[0]: GROUPS.get(name.partition(" ")[0], text) for name, text in COMMANDS.items()}


def _second_words(group: str) -> dict[str, str]:
    """What can stand behind a group, with what it does."""
    return {name.removeprefix(f"{group} "): text for name, text in COMMANDS.items() if name.startswith(f"{group} ")}


def _bash_group(group: str) -> str:
    return f"""    {group})
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W {_words(_second_words(group))} -- "$current"))
        return
      fi
      command="$command ${{COMP_WORDS[2]}}" ;;"""


def _bash_case(name: str, one: Completed) -> str:
    operands = {"interface": f'"$({_INTERFACES})"', "file": "file", "": _words(one.choices)}[one.operand]
    return f'    "{name}") options={_words(one.options)} operands={operands} ;;'


def _words(words: typing.Iterable[str]) -> str:
    return "$'" + "\\n".join(words) + "'"


def _fish() -> str:
    rows = [
        "complete -c linkhold -f",
        *(
            f"complete -c linkhold -n __fish_use_subcommand -a {word} -d '{_quoted(text)}'"
            for word, text in _first_words().items()
        ),
        *(
            f"complete -c linkhold -n '__fish_seen_subcommand_from {group}' -a {word} -d '{_quoted(text)}'"
            for group in GROUPS
            for word, text in _second_words(group).items()
        ),
    ]
    for name in COMMANDS:
        one = completed(name)
        seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in name.split())
        of_command = f"complete -c linkhold -n '{seen}'"
        rows += [f"{of_command} -l {word[2:]}{_fish_value(one.values.get(word))}" for word in one.options]
        if one.operand == "file":
            rows.append(f"{of_command} -F")
        elif one.operand == "interface":
            rows.append(f"{of_command} -a '(path basename /sys/class/net/*/)'")
        elif one.choices:
            rows.append(f"{of_command} -a '{' '.join(one.choices)}'")
    return "\n".join(rows) + "\n"


def _fish_value(metavar: str | None) -> str:
    """What an option wants behind it: nothing, a file, or something that can't be completed."""
    return "" if metavar is None else " -r -F" if metavar == "FILE" else " -r"


def _quoted(text: str) -> str:
    return text.replace("'", "\\'")

"""``linkhold completion``: scripts that complete commands, options, files and interface names."""

import argparse
import sys
import typing

from linkhold.cli.main import COMMANDS, parser_of

_INTERFACES = "$(command ls /sys/class/net 2>/dev/null)"

EXAMPLES: typing.Final = """\
  source <(linkhold completion bash)                                         for this shell
  linkhold completion bash > /etc/bash_completion.d/linkhold                 for all
  linkhold completion zsh > ~/.zfunc/_linkhold.zsh                           to be sourced from .zshrc
  linkhold completion fish > ~/.config/fish/completions/linkhold.fish"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="source the output in that shell's start file")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    script = {"bash": _bash, "zsh": lambda: "autoload -U +X bashcompinit && bashcompinit\n" + _bash(), "fish": _fish}
    sys.stdout.write(script[options.shell]())
    return 0


def _options_of(name: str) -> list[str]:
    actions = parser_of(name)._actions  # argparse has no public list of its options
    return sorted(word for action in actions for word in action.option_strings if word.startswith("--"))


def _bash() -> str:
    cases = "\n".join(
        f'    {name}) words="{" ".join(_options_of(name))}{" " + _INTERFACES if name in ("show", "edit") else ""}" ;;'
        for name in COMMANDS
    )
    return f"""_linkhold() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{" ".join(COMMANDS)}" -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}}
complete -o filenames -F _linkhold linkhold
"""


def _fish() -> str:
    rows = [
        f'complete -c linkhold -n __fish_use_subcommand -f -a {name} -d "{text}"' for name, text in COMMANDS.items()
    ]
    for name in COMMANDS:
        rows += [
            f'complete -c linkhold -n "__fish_seen_subcommand_from {name}" -l {one[2:]}' for one in _options_of(name)
        ]
    rows.append(
        f'complete -c linkhold -n "__fish_seen_subcommand_from show edit" -f -a "{_INTERFACES[1:]}"'.replace('"(', '"(')
    )
    return "\n".join(rows) + "\n"

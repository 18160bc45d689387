"""``linkhold edit``."""

import argparse
import functools
import os
import shlex
import subprocess
import sys
import tempfile
import typing

from linkhold.cli.apply_command import add_care_arguments, apply_text
from linkhold.cli.codes import DONE, INVALID
from linkhold.cli.problems import guarded
from linkhold.cli.terminal import is_terminal
from linkhold.foundation.failures import Permanent

EXAMPLES: typing.Final = """\
  linkhold edit eth1                       this interface with its routes and rules
  EDITOR=nano linkhold edit --no-commit    everything; goes back after 60 s unless confirmed"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which interfaces, and how careful."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="interfaces to edit; everything when none is named")
    add_care_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print to a file, let the user edit it, apply it; after a mistake, offer to edit again."""
    import linkhold
    from linkhold.state.document import to_yaml

    before = to_yaml(linkhold.show(options.names, running_config=True))
    with tempfile.TemporaryDirectory(prefix="linkhold-edit-") as folder:
        path = os.path.join(folder, "network.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(before)
        while True:
            _edit(path)
            with open(path, "rb") as file:
                text = file.read()
            if text.decode("utf-8", "replace") == before:
                print("Nothing was edited, nothing was touched.")
                return DONE
            code = guarded(functools.partial(apply_text, text, "network.yml", options), traceback=options.traceback)
            if code != INVALID or not _again():
                return code


def _edit(path: str) -> None:
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    try:
        done = subprocess.run([*editor, path], check=False)
    except OSError as error:
        raise Permanent(f"can't run the editor '{editor[0]}': {error.strerror}; set EDITOR") from error
    if done.returncode:
        raise Permanent(f"the editor '{editor[0]}' ended with {done.returncode}; nothing was touched")


def _again() -> bool:
    return is_terminal(sys.stdin) and input("Edit again? [Y/n] ").strip().lower() in ("", "y", "yes")

"""``linkhold edit``."""

import argparse
import functools
import os
import shlex
import subprocess
import sys
import tempfile
import typing

from linkhold.cli.apply_command import add_care_arguments, apply_document
from linkhold.cli.codes import DONE, INVALID
from linkhold.cli.problems import guarded
from linkhold.cli.reading import parsed, yes
from linkhold.cli.terminal import is_terminal
from linkhold.foundation.failures import Permanent

EXAMPLES: typing.Final = """\
  linkhold edit eth1                       this interface with its routes and rules
  EDITOR=nano linkhold edit --no-commit    everything; goes back after 60 s unless confirmed"""

HEAD: typing.Final = """\
# Change what you like, then save and leave the editor: the result is applied as a transaction.
# What you delete from this file is left as it is; to remove an interface give it `state: absent`.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which interfaces, and how careful."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="interfaces to edit; everything when none is named")
    add_care_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print to a file, let the user edit it, apply it; after a mistake, offer to edit again. What could not be applied is
    kept.
    """
    before = _document(options.names)
    handle, path = tempfile.mkstemp(prefix="linkhold-edit-", suffix=".yml")
    with os.fdopen(handle, "wb") as file:
        file.write(before)
    kept = False
    try:
        while True:
            _edit(path)
            with open(path, "rb") as file:
                text = file.read()
            if text == before:
                print("Nothing was edited, nothing was touched.")
                return DONE
            apply = functools.partial(_apply, text, path, options)
            code = guarded(apply, traceback=options.traceback, as_json=options.json)
            kept = code != DONE
            if code != INVALID or not (is_terminal(sys.stdin) and yes("Edit again? [Y/n] ", default=True)):
                return code
    finally:
        if kept:
            print(f"linkhold: your text is kept in {path}", file=sys.stderr)
        else:
            os.unlink(path)


def _apply(text: bytes, path: str, options: argparse.Namespace) -> int:
    (document,) = parsed([(text, path)])
    return apply_document(document, options)


def _document(names: typing.Sequence[str]) -> bytes:
    import linkhold
    from linkhold.state.document import to_yaml

    state = linkhold.show(names, running_config=True)
    if names and not state.interfaces:
        raise Permanent(f"there is no interface {' or '.join(names)}; nothing was touched")
    return (HEAD + to_yaml(state)).encode()


def _edit(path: str) -> None:
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or _usual_editor())
    try:
        done = subprocess.run([*editor, path], check=False)
    except OSError as error:
        raise Permanent(f"can't run the editor '{editor[0]}': {error.strerror}; set EDITOR") from error
    if done.returncode:
        raise Permanent(f"the editor '{editor[0]}' ended with {done.returncode}; nothing was touched")


def _usual_editor() -> str:
    """Debian's choice of the administrator, or what POSIX promises."""
    import shutil

    return next((name for name in ("editor", "vi", "nano") if shutil.which(name)), "vi")

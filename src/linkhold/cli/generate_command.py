"""``linkhold generate``: needs no root and no host."""

import argparse
import os
import sys
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.problems import warn
from linkhold.cli.reading import add_file_argument, parsed, read_text
from linkhold.cli.terminal import print_json
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.generating.file import File

EXAMPLES: typing.Final = """\
  linkhold generate network.yml                        NetworkManager's key files, as one YAML map
  linkhold generate --output /mnt/etc/NetworkManager/system-connections network.yml
  linkhold generate --for networkd --output /mnt/etc/systemd/network network.yml"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document, for whom, and where to."""
    from linkhold.generating.files import FORMATS

    add_file_argument(parser)
    parser.add_argument(
        "--for", dest="kind", choices=FORMATS, default=FORMATS[0], help="whose files (networkmanager if not said)"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="write the files into this folder")
    parser.add_argument("--json", action="store_true", help="print JSON instead of YAML")


def run(options: argparse.Namespace) -> int:
    """Generate, warn, print or write."""
    from linkhold.generating.files import generate

    document = parsed([read_text(options.file)])[0]
    try:
        generated = generate(document.state, options.kind)
    except Invalid as invalid:
        raise Invalid(document.locate(invalid.diagnostics)) from None
    warn([*document.warnings, *document.locate(generated.diagnostics)])
    if options.output is not None:
        _write(generated.files, options.output)
    elif options.json:
        print_json(generated.plain())
    else:
        print(_yaml({section: [list(file) for file in files] for section, files in generated.plain().items()}), end="")
    return DONE


def _yaml(plain: dict[str, list[list[str]]]) -> str:
    """With texts of several lines as they are."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    return yaml.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def _write(files: "typing.Iterable[File]", folder: str) -> None:
    """Each file whole or not at all."""
    for file in files:
        path = os.path.join(folder, file.name)
        try:
            _write_one(path, file)
        except OSError as error:
            raise Permanent(f"can't write {path}: {error.strerror}") from error
        print(path)


def _write_one(path: str, file: "File") -> None:
    draft = f"{path}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w") as written:
        _give_to(descriptor, file, path)
        os.fchmod(descriptor, file.mode)
        written.write(file.text)
        written.flush()
        os.fsync(descriptor)
    os.replace(draft, path)


def _give_to(descriptor: int, file: "File", path: str) -> None:
    """Let the group that reads it have it, where that is possible here (the folder may be another machine's)."""
    if not file.group:
        return
    import grp

    try:
        os.fchown(descriptor, -1, grp.getgrnam(file.group).gr_gid)
    except (KeyError, PermissionError):
        print(f"linkhold: warning: give {path} to the group {file.group}: chgrp {file.group} {path}", file=sys.stderr)

"""``linkhold policy``."""

import argparse
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.problems import warn
from linkhold.cli.reading import add_file_argument, parsed_either, read_document, read_text
from linkhold.cli.terminal import print_state
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.policy.evaluate import Evaluated

EXAMPLES: typing.Final = """\
  linkhold policy uplink.yml                           the document that it means on this host
  linkhold policy --current shown.yml uplink.yml       on a host that 'linkhold show' printed; needs no host
  linkhold policy -o captured.yml uplink.yml           keep what the captures found
  linkhold policy -a captured.yml uplink.yml           use that instead of looking again"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The policy, what it looks at, and how to print."""
    add_file_argument(parser)
    parser.add_argument("-c", "--current", metavar="FILE", help="the state to look at; this host's when not given")
    parser.add_argument(
        "-a", "--captured", metavar="FILE", help="what captures found before: those look at nothing now"
    )
    parser.add_argument("-o", "--output-captured", metavar="FILE", help="write what the captures found to this file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of YAML")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Evaluate and print; nothing is touched."""
    import linkhold
    from linkhold.state.document import Document

    (read,) = parsed_either([read_text(options.file)])
    current = read_document(options.current) if options.current else None
    policy = read.state if isinstance(read, Document) else read
    evaluated = linkhold.evaluate_policy(policy, current, _captured(options.captured))
    if options.output_captured:
        _keep(evaluated, options.output_captured, secrets=options.show_secrets)
    print_state(evaluated.state, as_json=options.json, secrets=options.show_secrets)
    warn(read.warnings)
    return DONE


def _captured(name: str | None) -> dict[str, dict[str, typing.Any]]:
    if name is None:
        return {}
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.foundation.record import UNSET
    from linkhold.policy.evaluate import from_file
    from linkhold.state.document import locate_all
    from linkhold.state.text import load

    text, source = read_text(name)
    found = Diagnostics()
    plain = load(text, found)
    states = from_file({} if plain is UNSET else plain, found)
    if found.errors():
        raise Invalid(locate_all(found, text, source=source))
    return states


def _keep(evaluated: "Evaluated", name: str, *, secrets: bool) -> None:
    import datetime

    from linkhold.policy.evaluate import to_file
    from linkhold.state.yaml_writing import write_yaml

    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        with open(name, "w", encoding="utf-8") as file:
            file.write(write_yaml(to_file(evaluated.captured, now, secrets=secrets)))
    except OSError as error:
        raise Permanent(f"can't write {name}: {error.strerror}") from error

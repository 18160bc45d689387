"""``linkhold agent enrol``."""

import argparse
import sys
import typing

from linkhold.cli.codes import DONE, USAGE

if typing.TYPE_CHECKING:
    from linkhold.agent.enrolment.files import Enrolment, Files

ELSEWHERE: typing.Final = True

EXAMPLES: typing.Final = """\
  linkhold agent enrol --engine https://engine --token-file token --ca-fingerprint SHA256:AB:…   all in one go
  linkhold agent enrol --request host.csr                                   a request, for somebody to sign
  linkhold agent enrol --certificate host.crt --ca ca.pem --ca-fingerprint SHA256:AB:…   what came back"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """One of the two ways, and the host's names."""
    from linkhold.agent.settings import CONFIGURATION

    parser.add_argument("--engine", metavar="URL", help="the centre (https://…), which signs for a token")
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="the token that is good for once; '-': standard input (asked for, if left out)",
    )
    parser.add_argument("--request", metavar="FILE", help="write a certificate request here ('-': standard output)")
    parser.add_argument("--certificate", metavar="FILE", help="the certificate for the request that was made before")
    parser.add_argument("--ca", metavar="FILE", help="the CA that signed it")
    parser.add_argument(
        "--ca-fingerprint", metavar="SHA256", help="what the CA must be; without it you are asked on the terminal"
    )
    parser.add_argument("--name", metavar="NAME", help="the host's name (default: what it calls itself)")
    parser.add_argument(
        "--also",
        metavar="NAME",
        action="append",
        default=[],
        help="a further name or address it answers to; repeatable",
    )
    parser.add_argument("-c", "--config", metavar="FILE", default=CONFIGURATION, help="settings (default: %(default)s)")


def run(options: argparse.Namespace) -> int:
    """Enrol, by what was said."""
    from linkhold.agent import settings
    from linkhold.agent.enrolment import enrolling
    from linkhold.agent.enrolment.files import files_of

    chosen = [word for word in ("engine", "request", "certificate") if getattr(options, word)]
    if len(chosen) != 1:
        print("linkhold: say one of --engine, --request, --certificate", file=sys.stderr)
        return USAGE
    files = files_of(settings.read(options.config))
    name = options.name or enrolling.host_name()
    if options.request:
        return _ask(files, options.request, name, options.also)
    enrolment = _by_engine(files, options, name) if options.engine else _take(files, options, name)
    print(f"{files.certificate}: certificate for {name}, of the CA\n{_spelled(enrolment.ca)}")
    return DONE


def _ask(files: "Files", path: str, name: str, also: typing.Sequence[str]) -> int:
    from linkhold.agent.enrolment import enrolling
    from linkhold.agent.enrolment.files import PUBLIC, write

    request = enrolling.ask(files, name, also)
    if path == "-":
        print(request.decode("ascii"), end="")
    else:
        write(path, request, PUBLIC)
        print(f"{path}: request for {name}; its key waits in {files.waiting_key}")
    return DONE


def _by_engine(files: "Files", options: argparse.Namespace, name: str) -> "Enrolment":
    from linkhold.agent.enrolment import enrolling, exchange

    pinned = options.ca_fingerprint or _agreed(exchange.shown_ca(options.engine))
    return enrolling.by_centre(files, options.engine, _token(options.token_file), pinned, name, options.also)


def _take(files: "Files", options: argparse.Namespace, name: str) -> "Enrolment":
    from linkhold.agent.enrolment import enrolling
    from linkhold.agent.enrolment.files import read
    from linkhold.foundation.failures import Permanent

    if not options.ca:
        raise Permanent("--certificate needs --ca: the certificate of the CA that signed it")
    ca = read(options.ca)
    pinned = options.ca_fingerprint or _agreed(ca)
    return enrolling.take(files, read(options.certificate), ca, pinned, name)


def _agreed(ca: bytes) -> str:
    """The CA's fingerprint, which whoever sits at the terminal has compared.

    Raises:
        Permanent: nobody sits there, or it is another one.
    """
    from linkhold.agent.enrolment.validity import fingerprint
    from linkhold.foundation.failures import Permanent

    found = fingerprint(ca)
    if not sys.stdin.isatty():
        raise Permanent(f"is this the right CA? Say so: --ca-fingerprint {found}")
    print(f"The CA's fingerprint (SHA-256) is\n{_spelled(found)}", file=sys.stderr)
    print("Is it what the centre shows? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Permanent("nothing was enrolled")
    return found


def _spelled(fingerprint: str) -> str:
    pairs = [fingerprint[at : at + 2].upper() for at in range(0, len(fingerprint), 2)]
    return "\n".join("  " + ":".join(pairs[at : at + 16]) for at in range(0, len(pairs), 16))


def _token(path: str | None) -> str:
    """The token, which stands neither on the command line nor in the environment, where others could read it.

    Raises:
        Failure: there is none.
    """
    from linkhold.agent.enrolment.files import read
    from linkhold.foundation.failures import Permanent

    if path is None and sys.stdin.isatty():
        import getpass

        token = getpass.getpass("Token: ")
    elif path in (None, "-"):
        token = sys.stdin.readline()
    else:
        token = read(str(path)).decode("utf-8", "replace")
    if not token.strip():
        raise Permanent("without a token the centre signs nothing")
    return token.strip()

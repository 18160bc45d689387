"""``linkhold agent call``."""

import argparse
import sys
import typing

from linkhold.cli.codes import DONE, FAILED

if typing.TYPE_CHECKING:
    import ssl

    from linkhold.wire.client import Client

ELSEWHERE: typing.Final = True

EXAMPLES: typing.Final = """\
  linkhold agent call host1 Host.getCapabilities                  everything a host tells of itself
  linkhold agent call host1 Host.setupNetworks - < request.json   parameters from standard input
  linkhold agent call host1 Linkhold.show details=true            parameters by name: JSON, or else text
  linkhold agent call host1 Host.ping2 --events                   then each event, on a line of its own
  linkhold agent call '[2001:db8::7]' Host.ping2 --any-name       an address that is not in its certificate"""

FOLDER: typing.Final = "/etc/pki/linkhold/"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whom, what, and as whom."""
    parser.add_argument("host", metavar="HOST[:PORT]", help="name or address of the host; port 54321 if not said")
    parser.add_argument("verb", metavar="VERB", nargs="?", help="such as Host.ping2; none is needed with --events")
    parser.add_argument(
        "params",
        metavar="PARAMS",
        nargs="*",
        help="an object or array in JSON ('-': on standard input), or KEY=VALUE …",
    )
    parser.add_argument("--events", action="store_true", help="print the host's events as they come, until interrupted")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=180.0, help="for the answer (default: 180)")
    parser.add_argument("--flow", metavar="ID", default="", help="an id of yours, which the host's log will show")
    parser.add_argument("--ca", metavar="FILE", default=f"{FOLDER}ca.pem", help="the authority (default: %(default)s)")
    parser.add_argument(
        "--cert", metavar="FILE", default=f"{FOLDER}client.pem", help="your certificate (default: %(default)s)"
    )
    parser.add_argument("--key", metavar="FILE", default=f"{FOLDER}client.key", help="its key (default: %(default)s)")
    parser.add_argument(
        "--any-name", action="store_true", help="accept any certificate of the authority, whatever name is in it"
    )


def run(options: argparse.Namespace) -> int:
    """Ask, print the answer, follow the events."""
    import asyncio

    from linkhold.cli.agent import words
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.wire import tls

    mistakes = Diagnostics()
    host, port = words.place(options.host, mistakes)
    params = words.params(options.params, sys.stdin, mistakes)
    if not options.verb and not options.events:
        mistakes.error("bad-call", ("VERB",), "nothing is asked of the host", hint="say a verb, or --events")
    if mistakes:
        raise Invalid(mistakes)
    files = tls.Files(authority=options.ca, certificate=options.cert, key=options.key)
    context = tls.client_context(files, check_name=not options.any_name)
    return asyncio.run(_converse(host, port, context, params, options))


async def _converse(
    host: str, port: int, context: "ssl.SSLContext", params: typing.Any, options: argparse.Namespace
) -> int:
    from linkhold.wire.client import Client

    client = await Client.connect(host, port, context)
    try:
        code = await _ask(client, params, options) if options.verb else DONE
        if options.events and code == DONE:
            await _follow(client)
        return code
    finally:
        await client.close()


async def _ask(client: "Client", params: typing.Any, options: argparse.Namespace) -> int:
    from linkhold.cli.terminal import print_json
    from linkhold.wire import jsonrpc
    from linkhold.wire.call import RpcError

    try:
        result = await client.call(options.verb, params, correlation=options.flow, timeout=options.timeout)
    except RpcError as error:
        print_json({"error": jsonrpc.error_object(error)})
        print(f"linkhold: the host says no: {error.message} (code {error.code})", file=sys.stderr)
        return FAILED
    print_json(result)
    return DONE


async def _follow(client: "Client") -> None:
    import json

    async for event in client.events():
        print(json.dumps({"method": event.method, "params": event.params}, ensure_ascii=False), flush=True)
    client.raise_if_lost()

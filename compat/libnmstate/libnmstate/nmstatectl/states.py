"""The verbs about states: show, apply, set, commit, rollback, format, policy, gc, gr."""

import argparse
import sys
import typing

from libnmstate.causes import translated
from libnmstate.nmstatectl import reading

Verb = typing.Callable[..., argparse.ArgumentParser]


def declare(verb: Verb) -> None:
    """Their arguments."""
    _declare_show(verb)
    for name, aliases, run in (("apply", ("a",), _apply), ("set", (), _set)):
        _declare_apply(verb(name, *aliases, text=_TEXTS.get(name), run=run))
    for name, run in (("commit", _commit), ("rollback", _rollback)):
        verb(name, text=_TEXTS[name], run=run).add_argument(
            "checkpoint", nargs="?", default="", metavar="CHECKPOINT", help="which; the one that waits when not given"
        )
    made = verb("format", "f", "fmt", text="print a state in canonical form", run=_format)
    made.add_argument("file", nargs="?", default="-", metavar="FILE", help="a state; - is standard input")
    _declare_made(verb)


_TEXTS: typing.Final = {
    "apply": "apply states or policies, each as a transaction of its own",
    "commit": "keep the change that was applied with --no-commit",
    "rollback": "take back the change that was applied with --no-commit",
}


def _declare_show(verb: Verb) -> None:
    show = verb("show", "s", text="print the network of this host", run=_show)
    show.add_argument("ifname", nargs="?", metavar="IFNAME", help="this interface with its routes and rules only")
    show.add_argument("-k", "--kernel", action="store_true", help="ask the kernel alone")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.add_argument("-r", "--running-config", action="store_true", help="only what was configured")
    show.add_argument("-s", "--show-secrets", action="store_true", help="print secrets too")


def _declare_apply(made: argparse.ArgumentParser) -> None:
    made.add_argument("files", nargs="*", metavar="FILE", help="states or policies; - is standard input")
    made.add_argument("--no-verify", action="store_true", help="do not read the host back")
    made.add_argument("-k", "--kernel", action="store_true", help="tell the kernel alone, no daemon")
    made.add_argument("--no-commit", action="store_true", help="take it back after --timeout unless 'commit' is run")
    made.add_argument("--timeout", type=int, default=60, metavar="SECONDS", help="time to commit (default: 60)")
    made.add_argument("-s", "--show-secrets", action="store_true", help="print secrets too")
    made.add_argument("--memory-only", action="store_true", help="do not keep it for the next boot")


def _declare_made(verb: Verb) -> None:
    policy = verb("policy", "p", text="print the state that a policy asks for", run=_policy)
    policy.add_argument("file", nargs="?", default="-", metavar="FILE", help="a policy; - is standard input")
    policy.add_argument("-c", "--current", metavar="FILE", help="the state of a host; this one's when not given")
    policy.add_argument("-a", "--captured", metavar="FILE", help="what was captured before")
    policy.add_argument("-o", "--output-captured", metavar="FILE", help="write what was captured here")
    policy.add_argument("--json", action="store_true", help="print JSON")
    files = verb("gc", text="print NetworkManager's configuration files for a state", run=_gc)
    files.add_argument("file", metavar="FILE", help="a state; - is standard input")
    back = verb("gr", text="print the state that takes a state back", run=_gr)
    back.add_argument("file", nargs="?", default="-", metavar="FILE", help="a state; - is standard input")
    back.add_argument("-c", "--current", metavar="FILE", help="the state of a host; this one's when not given")
    back.add_argument("--json", action="store_true", help="print JSON")


def _show(options: argparse.Namespace) -> int:
    from linkhold import library
    from linkhold.state.as_nmstate import as_nmstate

    names = [options.ifname] if options.ifname else []
    with translated():
        state = library.show(names, details=True, running_config=options.running_config, kernel_only=options.kernel)
        plain = as_nmstate(state, secrets=options.show_secrets, running_config=options.running_config, whole=not names)
    reading.put(plain, as_json=options.json)
    return 0


def _apply(options: argparse.Namespace) -> int:
    for name in options.files or ["-"]:
        with translated():
            document = reading.wanted(name)
            difference = reading.difference(document, kernel_only=options.kernel)
        _carry_out(document, options)
        with translated():
            reading.put_state(difference, secrets=options.show_secrets)
            sys.stdout.flush()
    return 0


def _carry_out(document: typing.Any, options: argparse.Namespace) -> None:
    from libnmstate.netapplier import carry_out

    carry_out(
        document,
        kernel_only=options.kernel,
        verify_change=not options.no_verify,
        save_to_disk=not options.memory_only,
        commit=not options.no_commit,
        rollback_timeout=options.timeout,
    )


def _set(options: argparse.Namespace) -> int:
    print("Using 'set' is deprecated, use 'apply' instead.", file=sys.stderr)
    return _apply(options)


def _commit(options: argparse.Namespace) -> int:
    import libnmstate

    libnmstate.commit(checkpoint=options.checkpoint)
    return 0


def _rollback(options: argparse.Namespace) -> int:
    import libnmstate

    libnmstate.rollback(checkpoint=options.checkpoint)
    return 0


def _format(options: argparse.Namespace) -> int:
    with translated():
        reading.put_state(reading.state(options.file), secrets=True)
    return 0


def _policy(options: argparse.Namespace) -> int:
    with translated():
        evaluated = reading.evaluated(options.file, options.current, options.captured)
        if options.output_captured:
            reading.keep(evaluated, options.output_captured)
        reading.put_state(evaluated.state, as_json=options.json)
    return 0


def _gc(options: argparse.Namespace) -> int:
    from linkhold import library

    with translated():
        generated = library.generate_configurations(reading.state(options.file))
        reading.put({kind: [list(one) for one in files] for kind, files in generated.items()})
    return 0


def _gr(options: argparse.Namespace) -> int:
    from linkhold import library

    with translated():
        current = reading.state(options.current) if options.current else library.show(running_config=True)
        reading.put_state(library.generate_inverse(reading.state(options.file), current), as_json=options.json)
    return 0

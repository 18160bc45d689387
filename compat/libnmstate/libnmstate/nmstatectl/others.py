"""The verbs that are commands of Linkhold under another name: edit, statistic, autoconf, service, persist-nic-names."""

import argparse
import os
import typing

Verb = typing.Callable[..., argparse.ArgumentParser]


def declare(verb: Verb) -> None:
    """Their arguments."""
    edit = verb("edit", text="edit the network in $EDITOR and apply the result", run=_edit)
    edit.add_argument("ifname", nargs="?", metavar="IFNAME", help="this interface only")
    edit.add_argument("--no-verify", action="store_true", help="do not read the host back")
    edit.add_argument("-k", "--kernel", action="store_true", help="tell the kernel alone, no daemon")
    edit.add_argument("--no-commit", action="store_true", help="take it back after a minute unless 'commit' is run")
    edit.add_argument("--memory-only", action="store_true", help="do not keep it for the next boot")
    statistic = verb("statistic", "st", text="print what states make use of", run=_statistic)
    statistic.add_argument("files", nargs="*", metavar="FILE", help="states; - is standard input")
    statistic.add_argument("-c", "--current", metavar="FILE", help="the state of a host; this one's when not given")
    statistic.add_argument("--json", action="store_true", help="print JSON")
    autoconf = verb("autoconf", text="make interfaces for the VLANs that switches announce", run=_autoconf)
    autoconf.add_argument("ifaces", nargs="*", metavar="IFACES", help="look at the neighbours of these only")
    autoconf.add_argument("-d", "--dry-run", action="store_true", help="print the state, apply nothing")
    service = verb("service", text="apply the states of a folder, at boot", run=_service)
    service.add_argument(
        "-c", "--config", default="/etc/nmstate", metavar="DIR", help="the folder (default: %(default)s)"
    )
    _declare_names(verb("persist-nic-names", text=None, run=_persist))
    verb("version", text="print the version", run=_version)


def _declare_names(made: argparse.ArgumentParser) -> None:
    made.add_argument("--dry-run", action="store_true", help="say what would be written")
    made.add_argument("--inspect", action="store_true", help="say what names are kept")
    made.add_argument("--cleanup", action="store_true", help="take away what is not needed any more")
    made.add_argument("--kargs-out", metavar="FILE", help="write the kernel's arguments here")
    made.add_argument("-r", "--root", metavar="DIR", help="below this folder instead of /")


def _command(name: str, *words: str) -> int:
    """A command of Linkhold, which tells by itself what goes wrong."""
    from linkhold.cli.main import main

    return main([name, *words])


def _flags(options: argparse.Namespace, *names: str) -> list[str]:
    return [f"--{name}" for name in names if getattr(options, name.replace("-", "_"))]


def _edit(options: argparse.Namespace) -> int:
    words = _flags(options, "no-verify", "no-commit", "memory-only")
    words += ["--provider", "kernel"] if options.kernel else []
    words += ["--commit"] if not options.no_commit else []
    return _command("edit", *words, *([options.ifname] if options.ifname else []))


def _statistic(options: argparse.Namespace) -> int:
    words = _flags(options, "json")
    words += ["--current", options.current] if options.current else []
    return _command("statistic", *words, *(options.files or ["-"]))


def _autoconf(options: argparse.Namespace) -> int:
    words = _flags(options, "dry-run")
    return _command("autoconf", *words, *([] if options.dry_run else ["--commit"]), *options.ifaces)


def _service(options: argparse.Namespace) -> int:
    return _command("service", "--config", options.config)


def _persist(options: argparse.Namespace) -> int:
    words = _flags(options, "dry-run", "inspect", "cleanup")
    words += ["--kargs-out", options.kargs_out] if options.kargs_out else []
    return _command("persist-nic-names", *words, *(["--root", options.root] if options.root else []))


def _version(options: argparse.Namespace) -> int:
    from libnmstate import __version__

    print(__version__)
    return os.EX_OK

"""Probes: evidence from outside that the host still works after a change. What they are; `trials.py` runs them."""

import typing

from linkhold.foundation.record import Record

Kind = typing.Literal["gateway", "tcp", "dns", "command"]


class Probe(Record):
    """What to try. `target` is ``HOST:PORT`` for tcp, a host name for dns, a command line for command (no shell)."""

    kind: Kind
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}" if self.target else self.kind


class Tried(Record):
    """How a probe ended. `counted` is false where it failed before the change as well."""

    probe: Probe
    passed: bool
    counted: bool = True
    message: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        words = "passed" if self.passed else f"failed: {self.message}"
        return f"{self.probe} {words}" + ("" if self.counted else " (as before the change, so it does not count)")


class Unanswered(Exception):
    """A try that failed; the message says how."""


def parse(text: str) -> Probe:
    """A probe as written on a command line: ``gateway``, ``tcp:192.0.2.1:443``, ``tcp:[2001:db8::1]:443``,
    ``dns:example.org`` or ``command:/usr/bin/check --all``.

    Raises:
        ValueError: it is none of these.
    """
    kind, _, target = text.partition(":")
    if kind == "gateway" and not target:
        return Probe(kind="gateway")
    if kind == "tcp":
        host_and_port(target)
        return Probe(kind="tcp", target=target)
    if kind in ("dns", "command") and target.strip():
        return Probe(kind=typing.cast("Kind", kind), target=target.strip())
    raise ValueError(f"'{text}' is no probe: gateway, tcp:HOST:PORT, dns:NAME or command:PROGRAM ARGUMENTS")


def host_and_port(target: str) -> tuple[str, int]:
    """The two parts of a tcp target.

    Raises:
        ValueError: it does not have two.
    """
    host, _, port = target.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"'{target}' is not HOST:PORT, as in 192.0.2.1:443 or [2001:db8::1]:443")
    return host, int(port)


def good(tried: typing.Iterable[Tried]) -> bool:
    """Whether all that count have passed."""
    return all(one.passed or not one.counted for one in tried)

"""What runs inside a measured process: each function does its work to warm up, then timed, and prints the seconds.

Run as ``python -m benchmarks.measured NAME [ARGUMENT…]``.
"""

import json
import subprocess
import sys
import time
import typing

QUESTIONS = (("-d", "link"), ("addr",), ("route", "show", "table", "all"))
"""What `ip -j` is asked to know what `observe` knows: links, addresses, routes of both families."""


def observe() -> None:
    """Read the host through a socket of its own, as `plan` does before it plans."""
    from linkhold.foundation.driving import drive
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel.provider import Kernel

    def work() -> None:
        kernel = Kernel()
        drive(kernel.observe(Scope()))
        kernel.close()

    _print_time(work)


def ip_json() -> None:
    """Ask `ip -j` and parse what it prints."""

    def work() -> None:
        for question in QUESTIONS:
            answer = subprocess.run(["ip", "-j", *question], stdout=subprocess.PIPE, check=True).stdout
            json.loads(answer or b"[]")

    _print_time(work)


def apply(state_dir: str, *paths: str) -> None:
    """Apply documents one after the other; the last one is timed, those before are there to warm up."""
    import linkhold

    texts = []
    for path in paths:
        with open(path) as file:
            texts.append(file.read())
    *before, last = texts
    for text in before:
        linkhold.apply(text, state_dir=state_dir)
    began = time.perf_counter()
    linkhold.apply(last, state_dir=state_dir)
    _print(time.perf_counter() - began)


def _print_time(work: typing.Callable[[], None]) -> None:
    work()
    began = time.perf_counter()
    work()
    _print(time.perf_counter() - began)


def _print(seconds: float) -> None:
    print(json.dumps({"seconds": seconds}))


FUNCTIONS: dict[str, typing.Callable[..., None]] = {"observe": observe, "ip_json": ip_json, "apply": apply}

if __name__ == "__main__":
    FUNCTIONS[sys.argv[1]](*sys.argv[2:])

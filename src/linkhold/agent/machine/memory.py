"""Memory (proc_meminfo(5)), in MiB."""

import typing

_MIB: typing.Final = 1024
"""KiB."""


def read(root: str = "") -> dict[str, int]:
    """All lines of ``/proc/meminfo``, KiB by name."""
    with open(f"{root}/proc/meminfo", encoding="ascii", errors="replace") as file:
        pairs = (line.partition(":") for line in file)
        return {name: int(value.split()[0]) for name, _, value in pairs if value.split()}


def stats(root: str = "") -> dict[str, typing.Any]:
    """The keys of vdsm's stats: numbers in MiB, ``memUsed`` a text in per cent."""
    found = read(root)
    total, free = found.get("MemTotal", 0), found.get("MemAvailable", found.get("MemFree", 0))
    used = round(100 * (total - free) / total) if total else 0
    return {
        "memFree": free // _MIB,
        "memAvailable": free // _MIB,
        "memUsed": str(used),
        "swapTotal": found.get("SwapTotal", 0) // _MIB,
        "swapFree": found.get("SwapFree", 0) // _MIB,
        "anonHugePages": str(found.get("AnonHugePages", 0) // _MIB),
    }


def size(root: str = "") -> int:
    """All of it."""
    return read(root).get("MemTotal", 0) // _MIB

"""Processors: how many, which, and how busy (proc_cpuinfo(5), proc_stat(5))."""

import os
import typing


class Processors(typing.NamedTuple):
    """What ``/proc/cpuinfo`` tells; `online` are the numbers of those that run."""

    model: str
    speed: str
    flags: tuple[str, ...]
    threads: int
    cores: int
    sockets: int
    online: tuple[int, ...]


def read(root: str = "") -> Processors:
    """The processors of this host.

    Raises:
        OSError: ``/proc`` is not there.
    """
    with open(f"{root}/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        blocks = [_block(text) for text in file.read().split("\n\n") if text.strip()]
    found = [one for one in blocks if "processor" in one and one["processor"].isdigit()]
    first: dict[str, str] = found[0] if found else {}
    sockets = {one.get("physical id", "0") for one in found}
    cores = {(one.get("physical id", "0"), one.get("core id", one["processor"])) for one in found}
    return Processors(
        model=first.get("model name", first.get("CPU part", first.get("cpu", ""))),
        speed=first.get("cpu MHz", ""),
        flags=tuple(first.get("flags", first.get("Features", "")).split()),
        threads=len(found),
        cores=len(cores),
        sockets=max(len(sockets), 1),
        online=tuple(int(one["processor"]) for one in found),
    )


def _block(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


class Times(typing.NamedTuple):
    """How long all processors together were busy since the boot, in ticks."""

    user: int
    system: int
    idle: int


def times(root: str = "") -> Times:
    """The first line of ``/proc/stat``: user nice system idle iowait irq softirq steal."""
    with open(f"{root}/proc/stat", encoding="ascii") as file:
        user, nice, system, idle, waiting, *rest = map(int, file.readline().split()[1:])
    return Times(user + nice, system + sum(rest[:3]), idle + waiting)


class Load:
    """How busy they were from one look to the next, in per cent of one processor's time, as vdsm tells it."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._last = times(root)

    def since(self) -> dict[str, str]:
        """``cpuUser``, ``cpuSys``, ``cpuIdle`` since the last look (all idle where no tick has passed), and ``cpuLoad``."""
        now = times(self._root)
        spent = [max(later - earlier, 0) for later, earlier in zip(now, self._last, strict=True)]
        total = sum(spent)
        self._last = now
        user, system, idle = (100 * one / total for one in spent) if total else (0.0, 0.0, 100.0)
        return {
            "cpuUser": f"{user:.2f}",
            "cpuSys": f"{system:.2f}",
            "cpuIdle": f"{idle:.2f}",
            "cpuLoad": f"{os.getloadavg()[0]:.2f}",
        }

"""The part of ``Host.getCapabilities`` that is not about the network: vdsm's keys, as far as they mean something here.

A centre that expects vdsm wants a version of it (`software_version`) and the levels of clusters that it fits. The virtual
machines that such a centre may have in mind are nobody's business here: ``vmTypes`` is empty.
"""

import os
import typing

from linkhold.agent.hooks.folders import POINTS
from linkhold.agent.machine import identity, memory, processors

if typing.TYPE_CHECKING:
    from linkhold.agent.hooks.points import Hooks
    from linkhold.agent.settings import Settings
    from linkhold.foundation.clock import Clock


OLDEST: typing.Final = 60.0
"""Seconds for which what was read is told again: ``/proc/cpuinfo`` of a large machine takes milliseconds."""


class Machine:
    """What is told, read once in a while."""

    def __init__(self, settings: "Settings", hooks: "Hooks", clock: "Clock", root: str = "") -> None:
        self._settings, self._hooks, self._clock, self._root = settings, hooks, clock, root
        self._told: dict[str, typing.Any] = {}
        self._read_at = float("-inf")

    def __call__(self) -> dict[str, typing.Any]:
        """The keys with their values; shared by all who ask, so nobody changes it."""
        if self._clock.monotonic() - self._read_at > OLDEST:
            self._told, self._read_at = read(self._settings, self._root), self._clock.monotonic()
        return {**self._told, "hooks": scripts_by_point(self._hooks)}


def read(settings: "Settings", root: str = "") -> dict[str, typing.Any]:
    """The keys with their values; texts where vdsm has texts."""
    cpus = processors.read(root)
    packages = identity.packages()
    return {
        "hostname": identity.host_name(),
        "uuid": identity.host_uuid(),
        "cpuModel": cpus.model,
        "cpuSpeed": cpus.speed,
        "cpuFlags": ",".join(cpus.flags),
        "cpuThreads": str(cpus.threads),
        "cpuCores": str(cpus.cores),
        "cpuSockets": str(cpus.sockets),
        "onlineCpus": ",".join(map(str, cpus.online)),
        "memSize": str(memory.size(root)),
        "kvmEnabled": str(_has_kvm(root)).lower(),
        "vmTypes": [],
        "operatingSystem": identity.operating_system(root),
        "packages2": packages,
        "software_version": settings.software_version,
        "software_revision": packages["linkhold"]["version"],
        "version_name": "Linkhold",
        "supportedENGINEs": list(settings.cluster_levels),
        "clusterLevels": list(settings.cluster_levels),
        "additionalFeatures": [],
    }


def scripts_by_point(hooks: "Hooks") -> dict[str, dict[str, dict[str, str]]]:
    """Scripts by point, each with a (here empty) map of facts, as vdsm tells them."""
    found = {point: hooks.installed(point).scripts for point in POINTS}
    return {point: {os.path.basename(path): {} for path in paths} for point, paths in found.items() if paths}


def _has_kvm(root: str) -> bool:
    """Whether the kernel can run virtual machines: its list of devices is asked, since a hardened service sees no ``/dev``."""
    try:
        with open(f"{root}/proc/misc", encoding="ascii", errors="replace") as file:
            return any(line.split()[1:] == ["kvm"] for line in file)
    except FileNotFoundError:
        return False

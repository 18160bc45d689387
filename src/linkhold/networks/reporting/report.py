"""What a report is: the maps for the wire, and what whoever reads the host's log should know."""

import typing

from linkhold.networks.configuration import Network


class Report(typing.NamedTuple):
    """`maps` is plain data, ready for JSON, and shared by all who ask: nobody changes it. `warnings` are sentences."""

    maps: dict[str, typing.Any]
    warnings: tuple[str, ...] = ()


def missing(name: str, network: Network) -> str:
    """The warning for a network whose interface is not there (vdsm's words, which people look for)."""
    said = ", ".join(f"{key}: {value!r}" for key, value in network.said().items())
    return f"Missing network detected [{name}]: {{{said}}}"

"""What the rules of a request look at: what is asked for, what runs, the host, and what there will be afterwards."""

import typing

from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.drafts import Asked
from linkhold.networks.mistakes import Mistakes
from linkhold.networks.seen import Host


class Context:
    """One request under examination; mistakes go to `found`.

    `networks` and `bonds` are what there will be, `bond_ports` the ports of those bonds and of ours that are missing.
    """

    def __init__(self, asked: Asked, running: Configuration, host: Host, found: Mistakes) -> None:
        self.asked, self.running, self.host, self.found = asked, running, host, found
        self.networks: typing.Final = self._networks()
        self.bond_ports: typing.Final = self._bond_ports()
        self.bonds: typing.Final = (host.bonds.keys() - asked.removed_bonds.keys()) | asked.bonds.keys()

    def _networks(self) -> dict[str, Network]:
        """All networks that there will be."""
        gone = self.asked.removed_networks
        staying = {name: one for name, one in self.running.networks.items() if name not in gone}
        return staying | {name: draft.network for name, draft in self.asked.networks.items()}

    def _bond_ports(self) -> dict[str, tuple[str, ...]]:
        """The ports of each bond that there will be, ours or not."""
        before = {name: one.ports for name, one in self.running.bondings.items()} | self.host.bond_ports()
        staying = {name: ports for name, ports in before.items() if name not in self.asked.removed_bonds}
        return staying | {name: draft.bonding.ports for name, draft in self.asked.bonds.items()}

"""What several providers of a host can make, together."""

import typing

from linkhold.executor.together import Together
from linkhold.foundation.driving import drive
from linkhold.providers.contract import Capabilities


class Knows:
    """A provider that only tells what it can do."""

    def __init__(self, name: str, **kinds: str) -> None:
        self.name = name
        self._told = Capabilities(
            provider=name,
            kinds={kind.replace("_", "-"): reason for kind, reason in kinds.items()},
            subjects=frozenset(),
        )

    async def capabilities(self) -> Capabilities:
        """The same always."""
        return self._told


def test_nobody_makes_what_the_kernel_has_no_driver_for() -> None:
    kernel = Knows("kernel", ethernet="", bond="no driver", ovs_bridge="no Open vSwitch", vlan="")
    manager = Knows("manager", ethernet="", bond="", vlan="too old")
    switch = Knows("switch", ovs_bridge="")
    host = Together(typing.cast("typing.Any", kernel), typing.cast("typing.Any", [manager, switch]))
    _, managed, switched = drive(host.all_capabilities())
    assert managed.kinds == {"ethernet": "", "bond": "no driver", "vlan": "too old"}
    assert switched.kinds == {"ovs-bridge": ""}

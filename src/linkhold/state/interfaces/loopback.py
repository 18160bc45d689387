"""The loopback interface."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import Unset
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, Ipv6


class Loopback(Interface):
    """``lo``: the host talking to itself. 127.0.0.1/8 and ::1/128 always stay; ``absent`` restores the defaults."""

    kind: typing.ClassVar[str] = "loopback"
    virtual: typing.ClassVar[bool] = False

    def check(self, at: Path, found: Diagnostics) -> None:
        """It keeps both families, and nobody leases it an address."""
        super().check(at, found)
        for key, section in (("ipv4", self.ipv4), ("ipv6", self.ipv6)):
            if not isinstance(section, Unset):
                _check_family(section, (*at, key), found)


def _check_family(section: Ip, at: Path, found: Diagnostics) -> None:
    if section.enabled is False:
        found.error("loopback", (*at, "enabled"), "the loopback interface can't do without it", expected="true")
    if section.dhcp is True:
        found.error("loopback", (*at, "dhcp"), "the loopback interface gets no leases", expected="false")
    if isinstance(section, Ipv6) and section.autoconf is True:
        found.error("loopback", (*at, "autoconf"), "the loopback interface hears no routers", expected="false")

"""What the leaves of kinds without a section share: nothing is read, nothing is written."""

from __future__ import annotations

from linkhold.foundation.record import UNSET, Record, Unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface


def decode(link: LinkMessage, links: Links) -> Record | Unset:
    """No section."""
    return UNSET


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """No IFLA_INFO_DATA."""
    return b""

"""VLANs of a port of a bridge, as a list of ranges."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag

Entry = dict[str, typing.Any]


def entries(vlan: PortVlan) -> list[Entry]:
    """Ranges of tags; the one that untagged frames belong to is ``pvid`` and ``untagged``."""
    tags = vlan.trunk_tags if isinstance(vlan.trunk_tags, tuple) else ()
    listed = [_range(*tag.span) for tag in tags]
    own = vlan.tag if isinstance(vlan.tag, int) else 0
    if own and (vlan.mode == "access" or vlan.enable_native is True):
        listed = [one for one in listed if not one["vid-start"] == one["vid-end"] == own]
        listed.append({**_range(own, own), "pvid": True, "untagged": True})
    return listed


def _range(first: int, last: int) -> Entry:
    return {"vid-start": first, "vid-end": last}


def read(listed: typing.Iterable[Entry]) -> PortVlan:
    """The other way; one untagged range alone is an access port."""
    tags: list[TrunkTag] = []
    own = 0
    for one in listed:
        if one.get("pvid"):
            own = one["vid-start"]
        elif one["vid-start"] == one["vid-end"]:
            tags.append(TrunkTag(id=one["vid-start"]))
        else:
            tags.append(TrunkTag(id_range=TagRange(min=one["vid-start"], max=one["vid-end"])))
    if not tags:
        return PortVlan(mode="access", tag=own) if own else PortVlan()
    native: dict[str, typing.Any] = {"enable_native": True, "tag": own} if own else {}
    return PortVlan(mode="trunk", trunk_tags=tuple(tags), **native) if tags else PortVlan(mode=UNSET)

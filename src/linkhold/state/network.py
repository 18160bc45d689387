"""The root: everything a document can say about the network of one host."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.dns import DnsResolver
from linkhold.state.fields import ApplyOnly, Resets, Spelled
from linkhold.state.hostname import Hostname
from linkhold.state.interfaces import INTERFACE
from linkhold.state.interfaces.common import Interface
from linkhold.state.ovs import GlobalOvsDatabase, Ovn
from linkhold.state.routes import Routes
from linkhold.state.rules import RouteRules


class NetworkState(Record):
    """The network of one host: desired by a document, or current on a machine."""

    __slots__ = ("_by_key",)  # remembered beside the fields: every stage of planning asks for it

    description: typing.Annotated[str | Unset, ApplyOnly()] = UNSET
    hostname: Hostname | Unset = UNSET
    dns: typing.Annotated[DnsResolver | Unset, Spelled("dns-resolver")] = UNSET
    rules: typing.Annotated[RouteRules | Unset, Spelled("route-rules")] = UNSET
    routes: Routes | Unset = UNSET
    interfaces: typing.Annotated[tuple[Interface, ...] | Unset, INTERFACE] = UNSET
    ovs_db: typing.Annotated[GlobalOvsDatabase | Unset, Resets()] = UNSET
    ovn: Ovn | Unset = UNSET

    @property
    def by_key(self) -> typing.Mapping[tuple[str, str], Interface]:
        """The interfaces by what they are known by in a document (`Interface.key`)."""
        try:
            return typing.cast("dict[tuple[str, str], Interface]", self._by_key)  # type: ignore[attr-defined]
        except AttributeError:
            listed = self.interfaces if isinstance(self.interfaces, tuple) else ()
            table = {one.key: one for one in listed}
            object.__setattr__(self, "_by_key", table)
            return table

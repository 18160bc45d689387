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

    description: typing.Annotated[str | Unset, ApplyOnly()] = UNSET
    hostname: Hostname | Unset = UNSET
    dns: typing.Annotated[DnsResolver | Unset, Spelled("dns-resolver")] = UNSET
    rules: typing.Annotated[RouteRules | Unset, Spelled("route-rules")] = UNSET
    routes: Routes | Unset = UNSET
    interfaces: typing.Annotated[tuple[Interface, ...] | Unset, INTERFACE] = UNSET
    ovs_db: typing.Annotated[GlobalOvsDatabase | Unset, Resets()] = UNSET
    ovn: Ovn | Unset = UNSET

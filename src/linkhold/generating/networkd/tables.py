"""Fields of the state that are one key of a unit file each: how the key is called, and the value written."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.generating.networkd.ini import Lines, milliseconds, seconds, text

To = typing.Callable[[typing.Any], typing.Any]


class Key(typing.NamedTuple):
    """A field, its key, and how the value is written. What `to` makes `UNSET` is not written."""

    field: str
    key: str
    to: To = text


def choice(table: typing.Mapping[str, str]) -> To:
    """By a table; there is no word for what is not in it."""
    return lambda value: table.get(value, UNSET)


def said(value: typing.Any) -> typing.Any:
    """As it is, unless it is empty."""
    return value if value != "" else UNSET


def write(record: typing.Any, keys: typing.Iterable[Key], lines: Lines) -> None:
    """The keys of all fields that were said."""
    if not isinstance(record, Record):
        return
    for one in keys:
        value = record.get(one.field)
        written = UNSET if value is UNSET else one.to(value)
        if written is not UNSET:
            lines.append((one.key, text(written)))


UNHASHED: typing.Final = "vlan+srcmac"
"""The one way to hash that systemd-networkd does not know."""

BOND: typing.Final = (
    Key("xmit_hash_policy", "TransmitHashPolicy", lambda value: UNSET if value == UNHASHED else value),
    Key("lacp_rate", "LACPTransmitRate"),
    Key("miimon", "MIIMonitorSec", milliseconds),
    Key("updelay", "UpDelaySec", milliseconds),
    Key("downdelay", "DownDelaySec", milliseconds),
    Key("lp_interval", "LearnPacketIntervalSec", seconds),
    Key("ad_select", "AdSelect"),
    Key("ad_actor_sys_prio", "AdActorSystemPriority"),
    Key("ad_actor_system", "AdActorSystem", lambda value: UNSET if value == "00:00:00:00:00:00" else value),
    Key("ad_user_port_key", "AdUserPortKey", lambda value: value or UNSET),
    Key("fail_over_mac", "FailOverMACPolicy"),
    Key("arp_validate", "ARPValidate"),
    Key("arp_interval", "ARPIntervalSec", milliseconds),
    Key("arp_ip_target", "ARPIPTargets", lambda value: value.replace(",", " ") or UNSET),
    Key("arp_all_targets", "ARPAllTargets"),
    Key("primary_reselect", "PrimaryReselectPolicy"),
    Key("resend_igmp", "ResendIGMP"),
    Key("packets_per_slave", "PacketsPerSlave"),
    Key("num_grat_arp", "GratuitousARP"),
    Key("all_slaves_active", "AllSlavesActive", lambda value: value == "delivered"),
    Key("tlb_dynamic_lb", "DynamicTransmitLoadBalancing"),
    Key("min_links", "MinLinks"),
)
BRIDGE: typing.Final = (
    Key("group_forward_mask", "GroupForwardMask"),
    Key("mac_ageing_time", "AgeingTimeSec", seconds),
    Key("multicast_querier", "MulticastQuerier"),
    Key("multicast_snooping", "MulticastSnooping"),
    Key("vlan_protocol", "VLANProtocol"),
    Key("vlan_default_pvid", "DefaultPVID", lambda value: value or "none"),
)
STP: typing.Final = (
    Key("enabled", "STP"),
    Key("forward_delay", "ForwardDelaySec", seconds),
    Key("hello_time", "HelloTimeSec", seconds),
    Key("max_age", "MaxAgeSec", seconds),
    Key("priority", "Priority"),
)
BRIDGE_PORT: typing.Final = (
    Key("stp_hairpin_mode", "HairPin"),
    Key("stp_path_cost", "Cost"),
    Key("stp_priority", "Priority"),
)
VLAN: typing.Final = (
    Key("tag", "Id"),
    Key("protocol", "Protocol"),
    Key("registration_protocol", "GVRP", lambda value: value == "gvrp" or UNSET),
    Key("registration_protocol", "MVRP", lambda value: value == "mvrp" or UNSET),
    Key("loose_binding", "LooseBinding"),
    Key("reorder_headers", "ReorderHeader"),
)


def is_multicast(address: str) -> bool:
    """RFC 5771, RFC 4291: 224.0.0.0/4, ff00::/8."""
    first = address.partition(".")[0]
    return address.startswith("ff") if ":" in address else 224 <= int(first) <= 239


VXLAN: typing.Final = (
    Key("id", "VNI"),
    Key("local", "Local", said),
    Key("remote", "Group", lambda value: value if value and is_multicast(value) else UNSET),
    Key("remote", "Remote", lambda value: value if value and not is_multicast(value) else UNSET),
    Key("learning", "MacLearning"),
    Key("destination_port", "DestinationPort"),
)
MAC_VLAN: typing.Final = (Key("mode", "Mode"),)
IP_VLAN: typing.Final = (
    Key("mode", "Mode", str.upper),
    Key("private", "Flags", lambda value: "private" if value else UNSET),
    Key("vepa", "Flags", lambda value: "vepa" if value else UNSET),
)
MACSEC: typing.Final = (Key("port", "Port"), Key("encrypt", "Encrypt"))
IP_TUNNEL: typing.Final = (
    Key("local", "Local", said),
    Key("remote", "Remote", said),
    Key("ttl", "TTL"),
    Key("tos", "TOS"),
    Key("path_mtu_discovery", "DiscoverPathMTU"),
    Key("encapsulation_limit", "EncapsulationLimit"),
    Key("flow_label", "IPv6FlowLabel"),
    Key("input_key", "InputKey"),
    Key("output_key", "OutputKey"),
)
WIREGUARD: typing.Final = (
    Key("private_key", "PrivateKey"),
    Key("listen_port", "ListenPort"),
    Key("fwmark", "FirewallMark"),
)
WIREGUARD_PEER: typing.Final = (
    Key("public_key", "PublicKey"),
    Key("preshared_key", "PresharedKey"),
    Key("endpoint", "Endpoint", said),
    Key("persistent_keepalive", "PersistentKeepalive"),
    Key("allowed_ips", "AllowedIPs", lambda value: ",".join(value) or UNSET),
)
DHCP4: typing.Final = (
    Key("dhcp_client_id", "ClientIdentifier", choice({"ll": "mac", "iaid+duid": "duid"})),
    Key("dhcp_send_hostname", "SendHostname"),
    Key("dhcp_custom_hostname", "Hostname", said),
    Key("auto_dns", "UseDNS"),
    Key("auto_gateway", "UseGateway"),
    Key("auto_routes", "UseRoutes"),
    Key("auto_route_table_id", "RouteTable", lambda value: value or UNSET),
    Key("auto_route_metric", "RouteMetric"),
)
DHCP6: typing.Final = (
    Key(
        "dhcp_duid", "DUIDType", choice({"ll": "link-layer", "llt": "link-layer-time", "en": "vendor", "uuid": "uuid"})
    ),
    Key("dhcp_send_hostname", "SendHostname"),
    Key("auto_dns", "UseDNS"),
)
ROUTERS: typing.Final = (
    Key("token", "Token", lambda value: f"static:{value}" if value not in ("", "::") else UNSET),
    Key("auto_dns", "UseDNS"),
    Key("auto_gateway", "UseGateway"),
    Key("auto_routes", "UseRoutePrefix"),
    Key("auto_route_table_id", "RouteTable", lambda value: value or UNSET),
    Key("auto_route_metric", "RouteMetric"),
)
VIRTUAL_FUNCTION: typing.Final = (
    Key("id", "VirtualFunction"),
    Key("mac_address", "MACAddress", lambda value: UNSET if value == "00:00:00:00:00:00" else value),
    Key("spoof_check", "MACSpoofCheck"),
    Key("trust", "Trust"),
    Key("vlan_id", "VLANId", lambda value: value or UNSET),
    Key("qos", "QualityOfService", lambda value: value or UNSET),
    Key("vlan_proto", "VLANProtocol"),
)

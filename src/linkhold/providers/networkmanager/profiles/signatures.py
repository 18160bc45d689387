"""The D-Bus type of each property of each setting that a wired or virtual interface can have.

Source: nm-settings-dbus(5) of NetworkManager 1.42, and what later releases added (`src/libnm-core-impl/nm-setting-*.c`).
Features of ethtool (``feature-rx-gro``) are booleans and too many to list.
"""

import typing

_TABLE: typing.Final[dict[str, dict[str, str]]] = {
    "802-1x": {
        "as": "altsubject-matches eap phase2-altsubject-matches",
        "ay": "ca-cert client-cert password-raw phase2-ca-cert phase2-client-cert phase2-private-key private-key",
        "b": "optional system-ca-certs",
        "i": "auth-timeout",
        "s": (
            "anonymous-identity ca-cert-password ca-path client-cert-password domain-match domain-suffix-match "
            "identity pac-file password phase1-fast-provisioning phase1-peaplabel phase1-peapver phase2-auth "
            "phase2-autheap phase2-ca-cert-password phase2-ca-path phase2-client-cert-password "
            "phase2-domain-match phase2-domain-suffix-match phase2-private-key-password phase2-subject-match pin "
            "private-key-password subject-match"
        ),
        "u": (
            "ca-cert-password-flags client-cert-password-flags password-flags password-raw-flags "
            "phase1-auth-flags phase2-ca-cert-password-flags phase2-client-cert-password-flags "
            "phase2-private-key-password-flags pin-flags private-key-password-flags"
        ),
    },
    "802-3-ethernet": {
        "as": "mac-address-blacklist mac-address-denylist s390-subchannels",
        "ay": "cloned-mac-address mac-address",
        "a{ss}": "s390-options",
        "b": "auto-negotiate",
        "i": "accept-all-mac-addresses",
        "s": "assigned-mac-address duplex generate-mac-address-mask port s390-nettype wake-on-lan-password",
        "u": "mtu speed wake-on-lan",
    },
    "bond": {
        "a{ss}": "options",
        "s": "interface-name",
    },
    "bond-port": {
        "i": "prio",
        "u": "queue-id",
    },
    "bridge": {
        "aa{sv}": "vlans",
        "ay": "group-address mac-address",
        "b": "multicast-querier multicast-query-use-ifaddr multicast-snooping stp vlan-filtering vlan-stats-enabled",
        "s": "interface-name multicast-router vlan-protocol",
        "t": (
            "multicast-last-member-interval multicast-membership-interval multicast-querier-interval "
            "multicast-query-interval multicast-query-response-interval multicast-startup-query-interval"
        ),
        "u": (
            "ageing-time forward-delay group-forward-mask hello-time max-age multicast-hash-max "
            "multicast-last-member-count multicast-startup-query-count priority vlan-default-pvid"
        ),
    },
    "bridge-port": {
        "aa{sv}": "vlans",
        "b": "hairpin-mode",
        "u": "path-cost priority",
    },
    "connection": {
        "as": "ip-ping-addresses permissions secondaries",
        "b": "autoconnect read-only",
        "i": (
            "auth-retries autoconnect-ports autoconnect-priority autoconnect-retries autoconnect-slaves "
            "dns-over-tls dnssec down-on-poweroff ip-ping-addresses-require-all lldp llmnr mdns metered "
            "multi-connect wait-activation-delay wait-device-timeout"
        ),
        "s": "controller id interface-name master mud-url port-type slave-type stable-id type uuid zone",
        "t": "timestamp",
        "u": "gateway-ping-timeout ip-ping-timeout mptcp-flags",
    },
    "ethtool": {
        "b": "eee-enabled pause-autoneg pause-rx pause-tx",
        "u": (
            "channels-combined channels-other channels-rx channels-tx coalesce-adaptive-rx coalesce-adaptive-tx "
            "coalesce-pkt-rate-high coalesce-pkt-rate-low coalesce-rx-frames coalesce-rx-frames-high "
            "coalesce-rx-frames-irq coalesce-rx-frames-low coalesce-rx-usecs coalesce-rx-usecs-high "
            "coalesce-rx-usecs-irq coalesce-rx-usecs-low coalesce-sample-interval coalesce-stats-block-usecs "
            "coalesce-tx-frames coalesce-tx-frames-high coalesce-tx-frames-irq coalesce-tx-frames-low "
            "coalesce-tx-usecs coalesce-tx-usecs-high coalesce-tx-usecs-irq coalesce-tx-usecs-low fec-mode "
            "ring-rx ring-rx-jumbo ring-rx-mini ring-tx"
        ),
    },
    "hostname": {
        "i": "from-dhcp from-dns-lookup only-from-default priority",
    },
    "hsr": {
        "b": "prp",
        "i": "protocol-version",
        "s": "interlink port1 port2",
        "u": "multicast-spec",
    },
    "infiniband": {
        "ay": "mac-address",
        "i": "p-key",
        "s": "parent transport-mode",
        "u": "mtu",
    },
    "ip-tunnel": {
        "b": "path-mtu-discovery",
        "s": "input-key local output-key parent remote",
        "u": "encapsulation-limit flags flow-label fwmark mode mtu tos ttl",
    },
    "ipv4": {
        "aau": "addresses routes",
        "aa{sv}": "address-data route-data routing-rules",
        "as": "dhcp-reject-servers dns-data dns-options dns-search",
        "au": "dns",
        "b": "dhcp-send-hostname ignore-auto-dns ignore-auto-routes may-fail never-default",
        "i": (
            "auto-route-ext-gw dad-timeout dhcp-ipv6-only-preferred dhcp-send-hostname-v2 dhcp-send-release "
            "dhcp-timeout dns-priority forwarding link-local replace-local-rule required-timeout routed-dns "
            "shared-dhcp-lease-time"
        ),
        "s": (
            "dhcp-client-id dhcp-dscp dhcp-fqdn dhcp-hostname dhcp-iaid dhcp-vendor-class-identifier gateway "
            "method shared-dhcp-range"
        ),
        "u": "dhcp-hostname-flags route-table",
        "x": "route-metric",
    },
    "ipv6": {
        "a(ayuay)": "addresses",
        "a(ayuayu)": "routes",
        "aay": "dns",
        "aa{sv}": "address-data route-data routing-rules",
        "as": "dhcp-reject-servers dns-data dns-options dns-search",
        "b": "dhcp-send-hostname ignore-auto-dns ignore-auto-routes may-fail never-default",
        "i": (
            "addr-gen-mode auto-route-ext-gw dad-timeout dhcp-send-hostname-v2 dhcp-timeout dns-priority "
            "ip6-privacy ra-timeout replace-local-rule required-timeout routed-dns temp-preferred-lifetime "
            "temp-valid-lifetime"
        ),
        "s": "dhcp-duid dhcp-hostname dhcp-iaid dhcp-pd-hint gateway method token",
        "u": "dhcp-hostname-flags mtu route-table",
        "x": "route-metric",
    },
    "ipvlan": {
        "b": "private vepa",
        "s": "parent",
        "u": "mode",
    },
    "link": {
        "x": "gro-max-size gso-max-segments gso-max-size tx-queue-length",
    },
    "loopback": {
        "u": "mtu",
    },
    "macsec": {
        "b": "encrypt send-sci",
        "i": "mode offload port validation",
        "s": "mka-cak mka-ckn parent",
        "u": "mka-cak-flags",
    },
    "macvlan": {
        "b": "promiscuous tap",
        "s": "parent",
        "u": "mode",
    },
    "match": {
        "as": "driver interface-name kernel-command-line path",
    },
    "ovs-bridge": {
        "b": "mcast-snooping-enable rstp-enable stp-enable",
        "s": "datapath-type fail-mode",
    },
    "ovs-dpdk": {
        "s": "devargs",
        "u": "n-rxq n-rxq-desc n-txq-desc",
    },
    "ovs-external-ids": {
        "a{ss}": "data",
    },
    "ovs-interface": {
        "s": "type",
        "u": "ofport-request",
    },
    "ovs-other-config": {
        "a{ss}": "data",
    },
    "ovs-patch": {
        "s": "peer",
    },
    "ovs-port": {
        "aa{sv}": "trunks",
        "s": "bond-mode lacp vlan-mode",
        "u": "bond-downdelay bond-updelay tag",
    },
    "prefix-delegation": {
        "i": "subnet-id",
    },
    "sriov": {
        "aa{sv}": "vfs",
        "i": "autoprobe-drivers eswitch-encap-mode eswitch-inline-mode eswitch-mode",
        "u": "total-vfs",
    },
    "tun": {
        "b": "multi-queue pi vnet-hdr",
        "s": "group owner",
        "u": "mode",
    },
    "user": {
        "a{ss}": "data",
    },
    "veth": {
        "s": "peer",
    },
    "vlan": {
        "as": "egress-priority-map ingress-priority-map",
        "s": "interface-name parent protocol",
        "u": "flags id",
    },
    "vpn": {
        "a{ss}": "data secrets",
        "b": "persistent",
        "s": "service-type user-name",
        "u": "timeout",
    },
    "vrf": {
        "u": "table",
    },
    "vxlan": {
        "b": "l2-miss l3-miss learning proxy rsc",
        "s": "local parent remote",
        "u": "ageing destination-port id limit source-port-max source-port-min tos ttl",
    },
    "wireguard": {
        "aa{sv}": "peers",
        "b": "peer-routes",
        "i": "ip4-auto-default-route ip6-auto-default-route",
        "s": "private-key",
        "u": "fwmark listen-port mtu private-key-flags",
    },
}
"""``{setting: {type: properties with blanks between}}``."""

SIGNATURES: typing.Final[dict[str, dict[str, str]]] = {
    setting: {key: signature for signature, keys in types.items() for key in keys.split()}
    for setting, types in _TABLE.items()
}
"""``{setting: {property: D-Bus type}}``."""


def signature_of(setting: str, key: str) -> str:
    """The D-Bus type of a property; '' for one that nobody here knows of."""
    if setting == "ethtool" and key.startswith("feature-"):
        return "b"
    return SIGNATURES.get(setting, {}).get(key, "")

"""Recognising what is not a network document of ours but looks like somebody else's, to say so instead of listing keys."""

import re
import typing

_INI = re.compile(r"\s*(?:[#;].*\n\s*)*\[(\w[\w .-]*)\]\s*\n\s*[\w.-]+\s*=")
_SHELL = re.compile(r"(?m)^(DEVICE|BOOTPROTO|ONBOOT|NAME|TYPE|IPADDR\d*)\s*=")
_INTERFACES = re.compile(r"(?m)^\s*(iface\s+\S+\s+inet6?|auto\s+\S+|allow-hotplug\s+\S+)\b")


def recognise_text(text: str) -> str:
    """A hint what format a text that is no map seems to have, or ''."""
    head = text[:4096]
    if match := _INI.match(head):
        networkd = match[1] in ("Match", "NetDev", "Network", "Link")
        return f"this looks like {'a systemd-networkd file' if networkd else 'a NetworkManager keyfile'}"
    if _SHELL.search(head):
        return "this looks like an ifcfg file of network-scripts"
    if _INTERFACES.search(head):
        return "this looks like /etc/network/interfaces of ifupdown"
    if head.lstrip().startswith("<"):
        return "this looks like XML"
    return ""


def recognise_map(plain: dict[str, typing.Any]) -> str:
    """A hint what format a map seems to have, or ''."""
    network = plain.get("network")
    if isinstance(network, dict) and not network.keys().isdisjoint(("version", "renderer", *_NETPLAN)):
        return (
            "this looks like a netplan file: it has to be rewritten, with one entry for each device under `interfaces`"
        )
    if not plain.keys().isdisjoint(_NETPLAN):
        return "this looks like a part of a netplan file"
    if "apiVersion" in plain and "kind" in plain:
        return "this looks like a Kubernetes resource: the document is what stands under `spec.desiredState`"
    if "network_connections" in plain or "network_state" in plain:
        return (
            "this looks like variables of the Ansible network role: the document is what stands under `network_state`"
        )
    if "version" in plain and "config" in plain:
        return "this looks like a network configuration of cloud-init"
    if "name" in plain and ("type" in plain or "ipv4" in plain or "state" in plain):
        return "this looks like one interface: put it into a list under `interfaces`"
    return ""


_NETPLAN = ("ethernets", "bonds", "bridges", "vlans", "wifis", "vrfs", "dummy-devices")

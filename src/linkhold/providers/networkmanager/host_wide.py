"""What belongs to the whole host: its name, and name servers that are no interface's."""

import asyncio
import socket
import typing

from dbus_fast import Variant

from linkhold.foundation.failures import NotPermitted, Refused
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Change
from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.dbus import I_MANAGER, I_PROPERTIES, I_SETTINGS, MANAGER, SETTINGS
from linkhold.providers.networkmanager.inventory import Inventory
from linkhold.providers.networkmanager.targets import in_global_dns, unheld_dns
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.hostname import Hostname
from linkhold.state.network import NetworkState

Plain = dict[str, typing.Any]
_FOLLOWS: typing.Final = 1.0


async def apply_host_wide(
    bus: Bus, inventory: Inventory, changes: typing.Sequence[Change], after: NetworkState
) -> None:
    """Carry out what of these changes concerns the host's name, and its own name servers; those that stand in profiles are
    there already, and the host then has none of its own.

    Raises:
        Failure: it was refused.
    """
    for change in changes:
        if change.subject == "hostname" and isinstance(change.after, Hostname):
            await _hostname(bus, change, change.after)
        elif change.subject == "dns":
            unheld = unheld_dns(after)
            if unheld:
                raise Refused(f"NetworkManager can't hold this DNS configuration: {unheld}", change=change)
            wanted = _global_dns(change.after) if in_global_dns(after) else {}
            if wanted != (inventory.manager.get("GlobalDnsConfiguration") or {}):
                await set_global_dns(bus, wanted, change)


async def _follows(stored: str) -> None:
    """Give NetworkManager a moment to call the host so now, too, as it does by itself: what is to be called otherwise has
    to come after that."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _FOLLOWS
    while stored and socket.gethostname() != stored and loop.time() < deadline:
        await asyncio.sleep(0.02)


def _global_dns(after: typing.Any) -> Plain:
    config = after.config if isinstance(after, DnsResolver) else UNSET
    if not isinstance(config, DnsConfig):
        return {}
    said = {key: list(value) for key, value in config.said().items()}
    wanted: Plain = {}
    if said.get("server"):  # a domain without servers is no domain to NetworkManager
        wanted["domains"] = {"*": {"servers": said["server"]}}
    if said.get("search"):
        wanted["searches"] = said["search"]
    if said.get("options"):
        wanted["options"] = said["options"]
    return wanted


async def _hostname(bus: Bus, change: Change, after: Hostname) -> None:
    before = change.before if isinstance(change.before, Hostname) else Hostname()
    if isinstance(after.config, str) and after.config != before.config:
        about = f"call this host '{after.config}'"
        await bus.call(Call(SETTINGS, I_SETTINGS, "SaveHostname", "s", (after.config,), about, change))
        await _follows(after.config)
    if after.running is not UNSET and after.running != socket.gethostname():
        try:
            socket.sethostname(str(after.running))
        except PermissionError as error:
            message = "the name of the host can't be set"
            raise NotPermitted(message, change=change, answer=str(error)) from error


async def set_global_dns(bus: Bus, wanted: Plain, change: Change | None = None) -> None:
    """Set GlobalDnsConfiguration, given as plain data in its shape; {} takes it away.

    Raises:
        Failure: it was refused.
    """
    value = Variant("a{sv}", global_dns_variants(wanted))
    body = (I_MANAGER, "GlobalDnsConfiguration", value)
    await bus.call(Call(MANAGER, I_PROPERTIES, "Set", "ssv", body, "set the name servers of the host", change))


def global_dns_variants(wanted: Plain) -> dict[str, Variant]:
    """``{searches: [], options: [], domains: {name: {servers: [], options: []}}}`` in variants."""
    packed: dict[str, Variant] = {
        key: Variant("as", list(wanted[key])) for key in ("searches", "options") if wanted.get(key)
    }
    if wanted.get("domains"):
        domains = {
            name: Variant("a{sv}", {key: Variant("as", list(value)) for key, value in said.items()})
            for name, said in wanted["domains"].items()
        }
        packed["domains"] = Variant("a{sv}", domains)
    return packed

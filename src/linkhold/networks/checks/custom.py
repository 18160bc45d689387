"""Custom properties that mean something to us: options of bridges, words of ethtool, further addresses."""

from linkhold.networks.checks.context import Context
from linkhold.networks.drafts import NetworkDraft
from linkhold.networks.mistakes import Stage
from linkhold.networks.options import bridge_options, ethtool_options, further_addresses


def check(context: Context, name: str, draft: NetworkDraft) -> None:
    """Look at the properties that are known; any other is kept as it is."""
    custom = draft.network.custom
    for key, parse in (("bridge_opts", bridge_options), ("ipv4_addrs", further_addresses)):
        if key in custom:
            try:
                parse(custom[key])
            except ValueError as error:
                _wrong(context, draft, key, str(error))
    if custom.get("bridge_opts", "").split() and (not draft.network.bridged or draft.network.switch == "ovs"):
        where = (*draft.at, "custom", "bridge_opts")
        context.found.warning("ignored", where, f"{name} has no Linux bridge", hint="leave it out")
    if "ethtool_opts" in custom:
        _check_ethtool(context, name, draft)


def _check_ethtool(context: Context, name: str, draft: NetworkDraft) -> None:
    network = draft.network
    try:
        settings = ethtool_options(network.custom["ethtool_opts"])
    except ValueError as error:
        _wrong(context, draft, "ethtool_opts", str(error))
        return
    ports = context.bond_ports.get(network.bonding, ())
    known = {network.base, network.southbound, name, *ports} - {""}
    for setting in settings:
        if setting.interface == "*" and not network.base:
            _wrong(context, draft, "ethtool_opts", f"{name} has nothing below that '*' could mean")
        elif setting.interface != "*" and setting.interface not in known:
            message = f"{setting.interface} does not belong to {name}"
            _wrong(context, draft, "ethtool_opts", message, hint="known: " + ", ".join(sorted(known)))


def _wrong(context: Context, draft: NetworkDraft, key: str, message: str, hint: str = "") -> None:
    context.found.error(Stage.NETWORK, "bad-params", (*draft.at, "custom", key), message, hint=hint)

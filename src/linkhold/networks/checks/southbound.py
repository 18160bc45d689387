"""What networks ride on: something, one thing, and no two of them untagged or by the same tag on the same."""

from linkhold.networks.checks.context import Context
from linkhold.networks.drafts import NetworkDraft
from linkhold.networks.mistakes import Stage


def check(context: Context) -> None:
    """Look at what all networks that there will be ride on."""
    for name, draft in context.asked.networks.items():
        _check_one(context, name, draft)
    _check_shared(context)


def _check_one(context: Context, name: str, draft: NetworkDraft) -> None:
    network, found = draft.network, context.found
    if network.interface and network.bonding:
        message = f"{name} can't ride on both {network.interface} and {network.bonding}"
        found.error(Stage.SOUTHBOUND, "bad-params", draft.at, message, hint="give nic or bonding")
    if network.base or {"nic", "bonding"} & draft.unread:
        return
    if not network.bridged and "bridged" not in draft.unread:
        message = f'southbound device not specified for non-bridged network "{name}"'
        found.error(Stage.SOUTHBOUND, "bad-params", draft.at, message, hint="give nic or bonding")
    elif network.switch == "ovs" and "switch" not in draft.unread:
        message = f'southbound device not specified for network "{name}" of Open vSwitch'
        found.error(Stage.SOUTHBOUND, "bad-params", draft.at, message, hint="give nic or bonding, or switch legacy")
    elif network.host_qos is not None:
        message, hint = "there is no interface below to send by", "give nic or bonding, or leave it out"
        found.error(Stage.SOUTHBOUND, "bad-params", (*draft.at, "hostQos"), message, hint=hint)


def _check_shared(context: Context) -> None:
    users: dict[tuple[str, int | None], list[str]] = {}
    for name, network in context.networks.items():
        draft = context.asked.networks.get(name)
        unread = draft.unread if draft else frozenset()
        if network.base and not {"vlan", "nic", "bonding"} & unread:
            users.setdefault((network.base, network.vlan), []).append(name)
    for (base, tag), names in users.items():
        for name in names if len(names) > 1 else ():
            draft = context.asked.networks.get(name)
            if draft is None:
                continue
            what = "untagged" if tag is None else f"VLAN {tag}"
            message = (
                "multiple networks/similar vlans cannot be defined on a single underlying device. "
                f"{what} on {base}: {', '.join(names)}"
            )
            where = draft.at if tag is None else (*draft.at, "vlan")
            context.found.error(Stage.SOUTHBOUND, "bad-params", where, message, hint="another VLAN, or another base")

"""What an owner changes only by making the interface anew is planned so, forth and back."""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.planning import planner
from linkhold.planning.owning import Owners, Row
from linkhold.providers.contract import Capabilities
from linkhold.state.document import read
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised

KINDS = {"ethernet": "", "bond": "", "vlan": ""}
KERNEL = Capabilities(provider="kernel", kinds=KINDS, subjects=frozenset())
SERVICE = Capabilities(
    provider="networkmanager",
    kinds=KINDS,
    subjects=frozenset(),
    renews=frozenset({"link-aggregation.options.lacp_rate"}),
)
BOTH = (KERNEL, SERVICE)


def host(owner: str, **options: typing.Any) -> NetworkState:
    bond = {"mode": "802.3ad", "port": ["eth1"], "options": {"lacp_rate": "slow", "miimon": 100, **options}}
    listed = [
        {"name": "bond0", "type": "bond", "state": "up", "provider": owner, "link-aggregation": bond},
        {"name": "eth1", "type": "ethernet", "state": "up", "provider": owner, "controller": "bond0"},
        {
            "name": "bond0.7",
            "type": "vlan",
            "state": "up",
            "provider": owner,
            "vlan": {"id": 7, "base-iface": "bond0"},
        },
    ]
    return normalised(read({"interfaces": listed}), Diagnostics())


def actions(owner: str, other_owner: str = "", **options: typing.Any) -> dict[str, str]:
    wanted = read({"interfaces": [{"name": "bond0", "type": "bond", "link-aggregation": {"options": options}}]})
    table = Owners(rows=(Row(kinds=frozenset(KINDS), provider=other_owner or owner),))
    planned = planner.plan(wanted, host(owner), capabilities=BOTH, owners=table).plan
    return {change.name: change.action for change in planned.changes if change.action != "~" or change.differences}


def test_with_all_that_rides_on_it() -> None:
    assert actions("networkmanager", lacp_rate="fast") == {"bond0": "±", "bond0.7": "±"}


def test_what_it_does_change_in_place_is_so() -> None:
    assert actions("networkmanager", miimon=200) == {"bond0": "~"}


def test_another_owner_may_do_it_in_place() -> None:
    assert actions("kernel", lacp_rate="fast") == {"bond0": "~"}


def test_handing_over_is_the_new_owners_affair() -> None:
    assert actions("kernel", "networkmanager", lacp_rate="fast")["bond0"] == "~"


def test_the_way_back_as_well() -> None:
    table = Owners(rows=(Row(kinds=frozenset(KINDS), provider="networkmanager"),))
    wanted = read(
        {"interfaces": [{"name": "bond0", "type": "bond", "link-aggregation": {"options": {"lacp_rate": "fast"}}}]}
    )
    outcome = planner.plan(wanted, host("networkmanager"), capabilities=BOTH, owners=table)
    back = planner.restore(outcome.plan, host("networkmanager", lacp_rate="fast"), capabilities=BOTH).plan
    assert {change.name: change.action for change in back.changes if change.action == "±"} == {
        "bond0": "±",
        "bond0.7": "±",
    }

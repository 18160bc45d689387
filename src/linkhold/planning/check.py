"""Rules between objects: one small function each, listed in the order in which they run (nmstate, 1.21).

What one entry says alone is judged when it is read (`check` methods of the classes in `state`); here stands what needs
the host or a second entry. Only what the document changes is judged: a host that breaks a rule already is no mistake
of the user.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.planning.checks import address, kind, link, membership, mtu, qos, route, sharing, switch
from linkhold.planning.checks.context import Context
from linkhold.state.network import NetworkState

RULES: typing.Final[tuple[typing.Callable[[Context], None], ...]] = (
    kind.kinds_stay,
    kind.hardware_exists,
    kind.new_ones_are_complete,
    link.parents_exist,
    link.sources_exist,
    kind.pairs_agree,
    link.no_circles,
    link.vlans_are_unique,
    link.tunnels_have_their_family,
    mtu.mtu_is_in_range,
    mtu.children_fit_parents,
    mtu.what_is_added_fits_parents,
    membership.one_controller_each,
    membership.both_sides_agree,
    membership.controllers_exist,
    membership.ports_exist,
    membership.nesting_is_shallow,
    membership.pvid_needs_filtering,
    membership.options_suit_the_mode,
    sharing.frames_are_taken_once,
    sharing.passthru_is_alone,
    sharing.macvlans_ride_on_cards,
    sharing.ports_can_be_ports,
    qos.schedulers_of_others_stay,
    switch.switched_ones_have_a_bridge,
    switch.maps_have_a_place,
    switch.port_names_are_unique,
    switch.macs_have_an_interface,
    address.ports_have_no_ip,
    address.ipv6_needs_its_mtu,
    address.addresses_are_unique,
    route.routes_have_interfaces,
    route.sources_are_there,
    route.ipv6_hops_are_unique,
    route.weights_are_for_ipv4,
    route.defaults_do_not_compete,
)


def check(desired: NetworkState, current: NetworkState, expected: NetworkState, found: Diagnostics) -> None:
    """Add a diagnostic for every rule that `desired` breaks, given what is there and what it leads to."""
    context = Context(desired, current, expected, found)
    for rule in RULES:
        rule(context)

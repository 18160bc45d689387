"""Bridge options by the names of sysfs become what a document says, exactly or not at all."""

import pytest

from linkhold.networks.bridge_options import OPTIONS, from_document, to_document
from linkhold.state.fields import ReadOnly, fields_of
from linkhold.state.interfaces.linux_bridge import LinuxBridgeOptions, Stp

SYSFS = {
    "ageing_time": "30000",
    "default_pvid": "1",
    "forward_delay": "0",
    "group_addr": "01:80:c2:00:00:00",
    "group_fwd_mask": "0x8",
    "hash_elasticity": "16",
    "hash_max": "4096",
    "hello_time": "200",
    "max_age": "2000",
    "multicast_igmp_version": "2",
    "multicast_last_member_count": "2",
    "multicast_last_member_interval": "100",
    "multicast_membership_interval": "26000",
    "multicast_mld_version": "1",
    "multicast_querier": "0",
    "multicast_querier_interval": "25500",
    "multicast_query_interval": "12500",
    "multicast_query_response_interval": "1000",
    "multicast_query_use_ifaddr": "0",
    "multicast_router": "1",
    "multicast_snooping": "1",
    "multicast_startup_query_count": "2",
    "multicast_startup_query_interval": "3125",
    "multicast_stats_enabled": "0",
    "nf_call_arptables": "0",
    "nf_call_ip6tables": "0",
    "nf_call_iptables": "1",
    "no_linklocal_learn": "0",
    "priority": "32768",
    "stp_state": "0",
    "vlan_filtering": "0",
    "vlan_protocol": "0x8100",
    "vlan_stats_enabled": "0",
    "vlan_stats_per_port": "0",
}
"""What a bridge of Linux 6 shows, without what is read only."""


def test_every_file_that_can_be_written_is_an_option():
    assert OPTIONS.keys() == SYSFS.keys()


def test_all_of_sysfs_goes_into_a_document_and_comes_back_as_it_was():
    document, mistakes = to_document(SYSFS)
    assert mistakes == []
    assert from_document(document) == SYSFS


def test_paths_are_those_of_documents_and_all_options_of_documents_are_reached():
    keys = {(field.key,) for name, field in fields_of(LinuxBridgeOptions).items() if name != "stp"}
    keys |= {("stp", field.key) for field in fields_of(Stp).values()}
    readable = {(field.key,) for name, field in fields_of(LinuxBridgeOptions).items() if field.has(ReadOnly)}
    paths = {option.path for option in OPTIONS.values()}
    assert paths - keys == set()
    assert keys - paths == readable - {("hash-elasticity",)}


def test_hundredths_of_a_second_become_seconds():
    assert to_document({"forward_delay": "1500", "ageing_time": "0"})[0] == {
        "stp": {"forward-delay": 15},
        "mac-ageing-time": 0,
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("forward_delay", "1550", "whole seconds"),
        ("multicast_router", "7", "one of 0, 1, 2"),
        ("vlan_protocol", "0x9100", "one of"),
        ("hash_max", "many", "whole number"),
        ("hash_max", "-1", "whole number"),
        ("hash_max", "1_000", "whole number"),
        ("hash_max", "", "whole number"),
        ("group_addr", "01:80", "MAC"),
        ("flush", "1", "leave it out"),
        ("bridge_id", "8000.0", "leave it out"),
        ("forward_dely", "1500", "files of"),
    ],
)
def test_what_has_no_place_is_told_and_leaves_the_rest_alone(name, text, said):
    document, mistakes = to_document({name: text, "priority": "7"})
    assert document == {"stp": {"priority": 7}}
    assert [one.name for one in mistakes] == [name]
    assert said in mistakes[0].hint


def test_numbers_are_read_as_the_kernel_reads_them():
    assert to_document({"group_fwd_mask": "0x10\n", "hash_max": "010"})[0] == {
        "group-forward-mask": 16,
        "hash-max": 8,
    }

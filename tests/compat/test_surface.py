"""The names that programs import, the classes they catch, the constants they spell documents with."""

import importlib
import inspect
import json
import typing

import pytest

import libnmstate
from libnmstate import error, iplib, schema
from libnmstate.error import NmstateError, NmstateValueError
from libnmstate.state import merge_dict, state_match
from linkhold.state import schema as documents

BASES: dict[str, tuple[type[Exception], ...]] = {
    "NmstateError": (Exception,),
    "NmstateValueError": (NmstateError, ValueError),
    "NmstatePermissionError": (NmstateError, PermissionError),
    "NmstateConflictError": (NmstateError, RuntimeError),
    "NmstateNotImplementedError": (NmstateError, NotImplementedError),
    "NmstateVerificationError": (NmstateError,),
    "NmstateKernelIntegerRoundedError": (error.NmstateVerificationError,),
    "NmstateDependencyError": (NmstateError,),
    "NmstateInternalError": (NmstateError,),
    "NmstateNotSupportedError": (NmstateError,),
    "NmstatePluginError": (NmstateError,),
    "NmstateTimeoutError": (NmstateError,),
    "NmstateLibnmError": (NmstateError,),
}


@pytest.mark.parametrize("name", BASES)
def test_exceptions_are_caught_by_their_bases(name: str) -> None:
    cls = getattr(error, name)
    assert all(issubclass(cls, base) for base in BASES[name])
    with pytest.raises(BASES[name][-1], match="why"):
        raise cls("why")


def test_all_is_what_nmstate_offers() -> None:
    assert sorted(libnmstate.__all__) == [
        "NmstateError", "PrettyState", "apply", "commit", "gen_net_state_from_policy", "generate_configurations",
        "generate_differences", "rollback", "show", "show_running_config",
    ]  # fmt: skip
    assert all(hasattr(libnmstate, name) for name in libnmstate.__all__)
    assert libnmstate.BASE_ON_RUST is True
    assert libnmstate.__version__.startswith("2.2.")


@pytest.mark.parametrize(
    "module",
    ["error", "gen_conf", "gen_diff", "iplib", "netapplier", "netinfo", "nmpolicy", "prettystate", "schema", "state"],
)
def test_submodules_can_be_imported(module: str) -> None:
    assert importlib.import_module(f"libnmstate.{module}").__doc__


@pytest.mark.parametrize(
    ("function", "names", "keyword_only"),
    [
        ("apply", ["desired_state", "kernel_only", "verify_change", "save_to_disk", "commit", "rollback_timeout"], 5),
        ("commit", ["checkpoint"], 1),
        ("rollback", ["checkpoint"], 1),
        ("show", ["kernel_only", "include_status_data", "include_secrets"], 3),
        ("show_running_config", ["include_secrets"], 0),
        ("generate_configurations", ["desired_state"], 0),
        ("generate_differences", ["new_state", "old_state"], 0),
        ("gen_net_state_from_policy", ["policy", "cur_state"], 0),
    ],
)
def test_arguments_have_their_names(function: str, names: list[str], keyword_only: int) -> None:
    parameters = inspect.signature(getattr(libnmstate, function)).parameters
    assert list(parameters) == names
    assert sum(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values()) == keyword_only


def test_options_are_not_taken_by_position() -> None:
    with pytest.raises(TypeError):
        libnmstate.apply({}, True)  # type: ignore[misc]


def test_functions_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libnmstate, "show", lambda **_: {"interfaces": []})
    assert libnmstate.show() == {"interfaces": []}


CLASSES = [
    "Interface", "Route", "RouteRule", "DNS", "Constants", "InterfaceState", "InterfaceType", "InterfaceIP",
    "InterfaceIPv4", "InterfaceIPv6", "Bond", "BondMode", "Bridge", "LinuxBridge", "Ethernet", "Veth", "VLAN", "VXLAN",
    "OvsDB", "Ovn", "OVSInterface", "OVSBridge", "LLDP", "VRF", "InfiniBand", "MacVlan", "MacVtap", "MacSec", "Hsr",
    "IpVlan", "Ieee8021X", "Ethtool", "HostNameState", "Mptcp", "Description",
]  # fmt: skip


def constants(cls: type) -> typing.Iterator[str]:
    for name, value in vars(cls).items():
        if isinstance(value, type):
            yield from constants(value)
        elif isinstance(value, str) and name.isupper():
            yield value


@pytest.mark.parametrize("name", CLASSES)
def test_constants_are_words_of_documents(name: str) -> None:
    """Each is a key, or a value, that the JSON Schema of documents has: a typing error here would be found by no one."""
    known = json.dumps(documents.schema())
    others = {
        "multicast",  # of programs that build their documents with it as a prefix
        "ovs-port", "bond", "unknown", "forever",  # kinds that only other versions have; texts that are shown
        "oui", "subtype", "_description", "type",  # of neighbours, which are shown as they come
        "hash-elasticity",
    }  # fmt: skip
    unknown = {word for word in constants(getattr(schema, name)) if f'"{word}"' not in known} - others
    assert unknown == set()


def test_constants_of_classes_that_inherit() -> None:
    assert schema.LinuxBridge.Port.Vlan.TrunkTags.ID_RANGE == "id-range"
    assert schema.OVSBridge.Port.LinkAggregation.Options.DOWN_DELAY == "bond-downdelay"
    assert schema.OVSBridge.OVS_DB_SUBTREE == schema.OVSInterface.KEY == "ovs-db"
    assert schema.MacVtap.Mode.PASSTHRU == "passthru"
    assert schema.InterfaceIPv6.ADDRESS_VALID_LEFT == "valid-life-time"
    assert len(schema.InterfaceType.VIRT_TYPES) == 13


def test_a_state_prints_in_canonical_order() -> None:
    pretty = libnmstate.PrettyState({"interfaces": [{"mtu": 1400, "state": "up", "name": "x0", "type": "dummy"}]})
    assert pretty.yaml.removeprefix("---\n").splitlines() == [
        "interfaces:", "- name: x0", "  type: dummy", "  state: up", "  mtu: 1400",
    ]  # fmt: skip
    assert pretty.json == '{"interfaces":[{"name":"x0","type":"dummy","state":"up","mtu":1400}]}'


def test_what_is_no_state_does_not_print() -> None:
    with pytest.raises(NmstateValueError, match="what"):
        libnmstate.PrettyState({"what": 1})


def test_secrets_that_were_given_are_printed() -> None:
    said = {"name": "eth1", "type": "ethernet", "802.1x": {"identity": "me", "password": "word"}}
    assert "word" in libnmstate.PrettyState({"interfaces": [said]}).yaml


def test_addresses() -> None:
    assert iplib.KERNEL_MAIN_ROUTE_TABLE_ID == 254
    assert iplib.is_ipv6_address("::1")
    assert not iplib.is_ipv6_address("192.0.2.1")
    assert iplib.is_ipv6_link_local_addr("fe80::1", 64)
    assert not iplib.is_ipv6_link_local_addr("2001:db8::1", 64)
    assert not iplib.is_ipv6_link_local_addr("169.254.0.1", 16)
    assert iplib.to_ip_address_full("192.0.2.1", 24) == "192.0.2.1/24"
    assert iplib.to_ip_address_full("2001:db8::1") == "2001:db8::1/128"
    assert iplib.ip_address_full_to_tuple("192.0.2.1/24") == ("192.0.2.1", 24)
    assert iplib.canonicalize_ip_network("2001:DB8:0::1/64") == "2001:db8::/64"
    assert iplib.canonicalize_ip_address("2001:DB8:0::1") == "2001:db8::1"
    with pytest.raises(NmstateValueError):
        iplib.canonicalize_ip_network("nonsense")


def test_states_match() -> None:
    shown = {"a": [{"b": 1, "more": 2}], "other": 3}
    assert state_match({"a": [{"b": 1}]}, shown)
    assert not state_match({"a": [{"b": 2}]}, shown)
    assert not state_match({"a": []}, shown)
    assert not state_match({"a": [{"b": 1}], "missing": "x"}, shown)
    merged = {"a": {"b": 1}}
    merge_dict(merged, {"a": {"b": 2, "c": 3}})
    assert merged == {"a": {"b": 1, "c": 3}}

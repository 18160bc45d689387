"""What a provider can't do is found inside list elements that are told whole, too."""

from linkhold.planning import planner
from linkhold.providers.contract import Capabilities, Inability
from linkhold.state.document import read

NO_VLANS = Inability(kind="linux-bridge", path="bridge.port.vlan", reason="no VLANs here")
HERE = Capabilities(
    provider="kernel",
    kinds={"ethernet": "", "linux-bridge": ""},
    subjects=frozenset({"interface"}),
    inabilities=(NO_VLANS,),
)
CURRENT = read({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up"}]})


def outcome(port):
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1", **port}]}}
    return planner.plan(read({"interfaces": [bridge]}), CURRENT, capabilities=[HERE])


def test_a_new_element_that_says_it_is_refused():
    errors = outcome({"vlan": {"mode": "access", "tag": 7}}).errors
    assert [(one.code, one.message) for one in errors] == [("unsupported", "no VLANs here")]


def test_a_new_element_that_does_not_say_it_is_fine():
    assert outcome({"stp-hairpin-mode": True}).errors == ()


BOTH = Inability(path="ipv6.autoconf", reason="only together with DHCPv6", unless="ipv6.dhcp")
SERVICE = Capabilities(
    provider="kernel", kinds={"ethernet": ""}, subjects=frozenset({"interface"}), inabilities=(BOTH,)
)
CLIENT = Capabilities(
    provider="client", kinds={}, subjects=frozenset(), completes=frozenset({"ipv6.autoconf", "ipv6.dhcp"})
)


def dynamic(*, dhcp, autoconf):
    said = {"name": "eth1", "ipv6": {"enabled": True, "dhcp": dhcp, "autoconf": autoconf}}
    return planner.plan(read({"interfaces": [said]}), CURRENT, capabilities=[SERVICE, CLIENT]).errors


def test_what_can_be_done_only_together_with_something_else_is_refused_alone():
    assert dynamic(dhcp=True, autoconf=True) == ()
    assert dynamic(dhcp=False, autoconf=False) == ()
    assert [one.message for one in dynamic(dhcp=False, autoconf=True)] == ["only together with DHCPv6"]

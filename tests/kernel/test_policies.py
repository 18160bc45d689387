"""Policies and inverse documents on a real kernel."""

import json

import pytest

import linkhold as library
from tests.kernel.command_line import CommandLine

OVER_THE_UPLINK = """\
capture:
  gw: routes.running.destination=="0.0.0.0/0"
  gw-if: interfaces.name==capture.gw.routes.running.0.next-hop-interface
  gw-routes: routes.running.next-hop-interface==capture.gw.routes.running.0.next-hop-interface
  moved: capture.gw-routes | routes.running.next-hop-interface:="br1"
desiredState:
  interfaces:
  - name: br1
    type: linux-bridge
    state: up
    copy-mac-from: "{{ capture.gw-if.interfaces.0.name }}"
    ipv4:
      enabled: true
      dhcp: false
      address: "{{ capture.gw-if.interfaces.0.ipv4.address }}"
    bridge: {port: [{name: "{{ capture.gw-if.interfaces.0.name }}"}]}
  routes:
    config: "{{ capture.moved.routes.running }}"
"""

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    return CommandLine(tmp_path)


@pytest.fixture
def uplink(netns):
    """A host with an uplink that carries the default route (its address has a lifetime, as if it were leased)."""
    netns.ip("link", "add", "up0", "type", "veth", "peer", "name", "far0")
    netns.ip("link", "add", "up1", "type", "veth", "peer", "name", "far1")
    for name in ("up0", "far0", "up1", "far1"):
        netns.ip("link", "set", name, "up")
    netns.ip("address", "add", "192.0.2.5/24", "dev", "up0", "valid_lft", "600", "preferred_lft", "600")
    netns.ip("route", "add", "default", "via", "192.0.2.1", "proto", "dhcp", "metric", "100")
    netns.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.9")
    return netns


def _v4(netns, name):
    found = netns.ip_json("-4", "address", "show", "dev", name)
    return [(at["local"], at["prefixlen"], at["valid_life_time"]) for one in found for at in one.get("addr_info", [])]


def _routes(netns):
    return sorted((one["dst"], one["gateway"], one["dev"]) for one in netns.ip_json("route") if "gateway" in one)


def test_the_interface_of_the_gateway_goes_under_a_bridge(linkhold, uplink):
    mac = uplink.ip_json("link", "show", "up0")[0]["address"]
    done = linkhold("apply", linkhold.file("policy.yml", OVER_THE_UPLINK))
    assert done.returncode == 0, done.stderr
    assert uplink.ip_json("link", "show", "up0")[0]["master"] == "br1"
    assert uplink.ip_json("link", "show", "br1")[0]["address"] == mac
    assert _v4(uplink, "up0") == []
    forever = 2**32 - 1
    assert _v4(uplink, "br1") == [("192.0.2.5", 24, forever)]
    assert _routes(uplink) == [("203.0.113.0/24", "192.0.2.9", "br1"), ("default", "192.0.2.1", "br1")]


def test_plan_and_policy_look_and_touch_nothing(linkhold, uplink):
    before = uplink.ip("-d", "address")
    policy = linkhold.file("policy.yml", OVER_THE_UPLINK)
    planned = linkhold("plan", policy, "--json")
    changes = [(one["action"], one["name"]) for one in json.loads(planned.stdout)["changes"]]
    assert ("+", "br1") in changes
    assert ("~", "up0") in changes
    meant = linkhold("policy", policy, "--json")
    assert json.loads(meant.stdout)["interfaces"][0]["copy-mac-from"] == "up0"
    assert [line for line in uplink.ip("-d", "address").splitlines() if "valid_lft" not in line] == [
        line for line in before.splitlines() if "valid_lft" not in line
    ]


def test_a_capture_that_finds_nothing_touches_nothing(linkhold, uplink):
    text = OVER_THE_UPLINK.replace("0.0.0.0/0", "10.0.0.0/8")
    done = linkhold("apply", linkhold.file("policy.yml", text))
    assert done.returncode == 65
    assert "route with 'destination=10.0.0.0/8' not found" in done.stderr
    assert "policy.yml:2:" in done.stderr
    assert uplink.ip("link", "show", "type", "bridge") == ""


def test_what_this_host_refuses_is_told_at_the_place_in_the_policy(linkhold, uplink):
    text = OVER_THE_UPLINK.replace('interfaces.0.name }}"}]', 'interfaces.0.name }}"}, {name: nix}]')
    done = linkhold("plan", linkhold.file("policy.yml", text))
    assert done.returncode == 65
    assert "policy.yml:16:" in done.stderr, done.stderr
    assert "desiredState.interfaces[br1].bridge.port" in done.stderr


def test_the_second_policy_looks_at_what_the_first_one_made(linkhold, uplink):
    wanted = '{interfaces: [{name: "{{ capture.br.interfaces.0.name }}", mtu: 1400}]}'
    second = f'capture: {{br: interfaces.type=="linux-bridge"}}\ndesired: {wanted}\n'
    done = linkhold("apply", linkhold.file("one.yml", OVER_THE_UPLINK), linkhold.file("two.yml", second))
    assert done.returncode == 0, done.stderr
    assert uplink.ip_json("link", "show", "br1")[0]["mtu"] == 1400


def test_the_inverse_takes_back_what_was_applied(linkhold, uplink):
    def seen():
        return (
            {name: _v4(uplink, name) for name in ("up0", "up1")},
            _routes(uplink),
            linkhold("show", "-r", "--json").stdout,
        )

    uplink.ip("address", "flush", "dev", "up0")
    uplink.ip("address", "add", "192.0.2.5/24", "dev", "up0")
    uplink.ip("route", "add", "default", "via", "192.0.2.1")
    before = seen()
    document = """
interfaces:
- {name: up0, type: veth, mtu: 1400, ipv4: {enabled: true, address: [{ip: 198.51.100.5, prefix-length: 24}]}}
- {name: br0, type: linux-bridge, bridge: {port: [{name: up1}]}}
routes:
  config:
  - {state: absent, next-hop-interface: up0}
  - {destination: 0.0.0.0/0, next-hop-interface: up0, next-hop-address: 198.51.100.1}
"""
    inverse = linkhold("inverse", linkhold.file("new.yml", document)).stdout
    assert linkhold("apply", linkhold.file("new.yml", document)).returncode == 0
    assert seen() != before
    done = linkhold("apply", linkhold.file("back.yml", inverse))
    assert done.returncode == 0, done.stderr
    assert seen() == before


def test_the_library_takes_policies_in_every_form(uplink, tmp_path, monkeypatch):
    monkeypatch.setenv("LINKHOLD_ROOT", str(tmp_path))
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    plain = {
        "capture": {"up": "interfaces.name==up1"},
        "desired": {"interfaces": [{"name": "{{ capture.up.interfaces.0.name }}", "mtu": 1400}]},
    }
    evaluated = library.evaluate_policy(plain)
    assert [one.mtu for one in evaluated.state.interfaces] == [1400]
    assert evaluated.captured["up"]["interfaces"][0]["type"] == "veth"
    assert [change.name for change in library.plan(json.dumps(plain)).plan.changes] == ["up1"]
    least = library.generate_differences({"interfaces": [{"name": "up0", "mtu": 1500}, {"name": "up1", "mtu": 1400}]})
    assert [one.name for one in least.interfaces] == ["up1"]
    back = library.generate_inverse(plain["desired"] | {"interfaces": [{"name": "up1", "mtu": 1400}]})
    assert [one.mtu for one in back.interfaces] == [1500]
    assert library.apply(plain).good
    assert uplink.ip_json("link", "show", "up1")[0]["mtu"] == 1400
    assert library.evaluate_policy(plain).state.interfaces == ()

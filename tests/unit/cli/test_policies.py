"""The commands that turn policies and documents into documents, with a state from a file: no host is looked at."""

import json

import pytest
import yaml

from linkhold.cli import main

HOST = """
interfaces:
- {name: eth1, type: ethernet, state: up, mtu: 1500, ipv4: {enabled: true, address: [{ip: 192.0.2.5, prefix-length: 24}]}}
- {name: eth2, type: ethernet, state: up, mtu: 1500}
routes: {running: [{destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1}]}
"""
POLICY = """
capture:
  gw: routes.running.destination=="0.0.0.0/0"
  gw-if: interfaces.name==capture.gw.routes.running.0.next-hop-interface
desiredState:
  interfaces:
  - name: "{{ capture.gw-if.interfaces.0.name }}"
    type: ethernet
    mtu: 9000
  - name: eth2
    type: ethernet
    mtu: 1500
"""
MEANT = [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 9000}]


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def run(capsys, *words):
    return main.main(words), *capsys.readouterr()


def test_a_policy_gives_a_document(capsys, file):
    code, text, complaint = run(capsys, "policy", "--current", file("host.yml", HOST), file("p.yml", POLICY))
    assert (code, complaint) == (0, "")
    assert yaml.safe_load(text) == {"interfaces": MEANT}
    code, text, _ = run(capsys, "policy", "--json", "-c", file("host.yml", HOST), file("p.yml", POLICY))
    assert json.loads(text) == {"interfaces": MEANT}


def test_a_document_is_what_it_is(capsys, file):
    code, text, _ = run(capsys, "policy", file("d.yml", "interfaces: [{name: br0, type: linux-bridge}]"))
    assert (code, yaml.safe_load(text)) == (0, {"interfaces": [{"name": "br0", "type": "linux-bridge"}]})


def test_what_was_captured_is_kept_and_used_again(capsys, file, tmp_path):
    kept = str(tmp_path / "captured.yml")
    policy = file("p.yml", POLICY)
    assert run(capsys, "policy", "-c", file("host.yml", HOST), "-o", kept, policy)[0] == 0
    captured = yaml.safe_load((tmp_path / "captured.yml").read_text())
    assert list(captured) == ["gw", "gw-if"]
    assert captured["gw-if"]["metaInfo"]["version"] == "0"
    assert captured["gw-if"]["metaInfo"]["time"].endswith("Z")
    assert [one["name"] for one in captured["gw-if"]["state"]["interfaces"]] == ["eth1"]
    code, text, _ = run(capsys, "policy", "-a", kept, policy)
    assert code == 0
    assert [one["name"] for one in yaml.safe_load(text)["interfaces"]] == ["eth1", "eth2"]


def test_captured_states_that_are_none_are_told_with_their_place(capsys, file):
    wrong = file("captured.yml", "gw:\n  state: []\n")
    code, text, complaint = run(capsys, "policy", "-a", wrong, file("p.yml", POLICY))
    assert (code, text) == (65, "")
    assert f"{wrong}:2:" in complaint


def test_a_file_that_can_not_be_written_is_told(capsys, file):
    words = ("policy", "-c", file("host.yml", HOST), "-o", "/nowhere/captured.yml", file("p.yml", POLICY))
    code, _, complaint = run(capsys, *words)
    assert code == 1
    assert "can't write /nowhere/captured.yml" in complaint


def test_a_mistake_is_told_with_a_pointer_at_the_place(capsys, file):
    path = file("p.yml", POLICY.replace('"0.0.0.0/0"', '"10.0.0.0/8"'))
    code, text, complaint = run(capsys, "policy", "-c", file("host.yml", HOST), path)
    assert (code, text) == (65, "")
    assert complaint.splitlines() == [
        f"{path}:3:35: error[capture] capture.gw: route with 'destination=10.0.0.0/8' not found",
        '    routes.running.destination=="10.0.0.0/8"',
        "    ............................^",
        "linkhold: 1 mistake; nothing was touched",
    ]


def test_policies_are_validated_like_documents(capsys, file):
    good = file("good.yml", POLICY)
    assert run(capsys, "validate", good) == (0, f"{good}: valid\n", "")
    wrong = file("wrong.yml", POLICY.replace("==capture.gw.", "==capture.gv.").replace("mtu: 9000", "mut: 9000"))
    code, _, complaint = run(capsys, "validate", good, wrong)
    assert code == 65
    assert f"{wrong}:4:27: error[capture]" in complaint
    assert "there is no capture 'gv'" in complaint
    assert f"{wrong}:9:5: error[unknown-key]" in complaint


def test_programs_get_the_pointer_too(capsys, file):
    code, text, _ = run(capsys, "validate", "--json", file("p.yml", "capture: {a: interfaces.name==}\ndesired: {}\n"))
    (one,) = json.loads(text)["diagnostics"]
    assert (code, one["line"], one["excerpt"]) == (65, 1, "interfaces.name==\n.................^")


def test_commands_for_documents_refuse_a_policy(capsys, file):
    code, text, complaint = run(capsys, "format", file("p.yml", POLICY))
    assert (code, text) == (65, "")
    assert "this is a policy" in complaint
    assert "linkhold policy" in complaint


def test_the_least_document(capsys, file):
    new = file("new.yml", "interfaces: [{name: eth1, mtu: 9000}, {name: eth2, mtu: 1500}]")
    host = file("host.yml", HOST)
    code, text, _ = run(capsys, "diff", "--document", new, host)
    assert (code, yaml.safe_load(text)) == (0, {"interfaces": MEANT})
    assert run(capsys, "diff", "--document", "--exit-code", "--json", new, host)[0] == 4
    same = file("same.yml", "interfaces: [{name: eth2, mtu: 1500}]")
    code, text, _ = run(capsys, "diff", "--document", "--exit-code", same, host)
    assert (code, yaml.safe_load(text)) == (0, {"interfaces": []})


def test_the_inverse(capsys, file):
    new = file("new.yml", "interfaces: [{name: eth1, mtu: 9000}, {name: br0, type: linux-bridge}]")
    code, text, _ = run(capsys, "inverse", "--current", file("host.yml", HOST), new)
    assert (code, yaml.safe_load(text)["interfaces"]) == (
        0,
        [
            {"name": "br0", "type": "linux-bridge", "state": "absent"},
            {"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500},
        ],
    )


def test_format_fills_in_order_and_types_and_nothing_else(capsys, file):
    text = """
    interfaces:
    - mtu: "0x5dc"
      ipv6: {address: [{prefix-length: 64, ip: "2001:DB8:0::1"}]}
      type: bond
      name: bond0
      link-aggregation: {ports: [eth2, eth1], mode: 1}
      mac-address: 02:00:00:00:00:ab
    routes: {config: [{next-hop-interface: bond0, destination: 10.1.2.3/8}]}
    hostname: {config: host1}
    """
    code, text, _ = run(capsys, "format", file("d.yml", text))
    assert code == 0
    assert text == (
        "---\nhostname:\n  config: host1\n"
        "routes:\n  config:\n  - destination: 10.0.0.0/8\n    next-hop-interface: bond0\n"
        "interfaces:\n- name: bond0\n  type: bond\n  mac-address: 02:00:00:00:00:AB\n  mtu: 1500\n"
        "  ipv6:\n    address:\n    - ip: 2001:db8::1\n      prefix-length: 64\n"
        "  link-aggregation:\n    mode: active-backup\n    port:\n    - eth1\n    - eth2\n"
    )


def test_secrets_that_an_inverse_leaves_out_are_spoken_of(capsys, file):
    host = file("host.yml", "interfaces: [{name: eth1, type: ethernet, 802.1x: {identity: a, password: secret}}]")
    new = file("new.yml", "interfaces: [{name: eth1, 802.1x: {identity: a, password: other}}]")
    code, text, complaint = run(capsys, "inverse", "-c", host, new)
    assert (code, "secret" in text) == (0, False)
    assert "--show-secrets" in complaint
    code, text, complaint = run(capsys, "inverse", "-s", "-c", host, new)
    assert (code, "password: secret" in text, complaint) == (0, True, "")

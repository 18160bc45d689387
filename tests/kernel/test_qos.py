"""Classes of what interfaces send, in the kernel: against `tc`, and read back as they were said."""

import json
import subprocess

import pytest

from linkhold import library

pytestmark = pytest.mark.needs("qos", "veth")

RED = {"vlan": 101, "link-share": {"m2": 50}, "upper-limit": {"m2": 100_000_000}, "real-time": {"m2": 5_000_000}}
REST = {"link-share": {"m2": 40}}


def tc(*words):
    done = subprocess.run(["tc", "-j", "-d", *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def wire(netns):
    netns.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    netns.ip("link", "set", "v0", "up")
    netns.ip("link", "set", "v1", "up")
    return netns


def document(*classes, **more):
    return {"interfaces": [{"name": "v0", "qos": {"classes": list(classes)}, **more}]}


def shown(state_dir):
    found = library.show("v0", state_dir=state_dir)
    return found["interfaces"][0].get("qos")


def roots(name="v0"):
    return [(one["kind"], one["handle"]) for one in tc("qdisc", "show", "dev", name) if one.get("root")]


def classes(name="v0"):
    return {one["handle"]: one for one in tc("class", "show", "dev", name)}


def filters(name="v0"):
    return [
        (one["kind"], one["pref"], one["options"]["flowid"])
        for one in tc("filter", "show", "dev", name)
        if one.get("options", {}).get("flowid")
    ]


@pytest.fixture
def apply(wire, tmp_path):
    def run(wanted, **options):
        return library.apply(wanted, state_dir=tmp_path, **options)

    run.state_dir = tmp_path
    return run


def test_classes_lie_in_the_kernel_as_tc_would_put_them(apply):
    apply(document(RED, REST))
    assert roots() == [("hfsc", "1389:")]
    assert {name for name in classes() if name != "1389:"} == {"1389:65", "1389:1388"}
    assert sorted(filters()) == [("basic", 101, "1389:65"), ("u32", 5000, "1389:1388")]
    leaves = {
        one["parent"]: (one["kind"], one["handle"]) for one in tc("qdisc", "show", "dev", "v0") if "parent" in one
    }
    assert leaves == {"1389:65": ("fq_codel", "65:"), "1389:1388": ("fq_codel", "1388:")}

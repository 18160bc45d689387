"""Facts about a host agree with sysfs, and reports with what `ip` shows: on real bonds, bridges and links."""

import contextlib
import errno
import pathlib
import subprocess

import pytest

from linkhold.foundation.failures import Temporary
from linkhold.providers.kernel import facts, statistics
from linkhold.providers.kernel.links.bond import MODES
from linkhold.providers.kernel.netlink.socket import Netlink, Refusal

RUNTIME = {
    "active_slave",
    "ad_actor_key",
    "ad_aggregator",
    "ad_num_ports",
    "ad_partner_key",
    "ad_partner_mac",
    "mii_status",
    "queue_id",
    "slaves",
}
"""Files that tell what a bond is doing."""

TIMERS = {"gc_timer", "hello_timer", "tcn_timer", "topology_change_timer"}


def files(folder: str) -> dict[str, str]:
    found = {}
    for path in pathlib.Path(folder).iterdir():
        with contextlib.suppress(OSError):  # written only, or not in this mode
            found[path.name] = path.read_text().strip()
    return found


@pytest.mark.needs("bridge", "sysfs")
def test_the_options_of_a_bridge_are_those_of_sysfs(netns):
    netns.ip("link", "add", "br0", "type", "bridge", "forward_delay", "400", "ageing_time", "12345", "stp_state", "1")
    netns.ip(
        "link", "set", "br0", "type", "bridge", "group_fwd_mask", "8", "priority", "4096", "no_linklocal_learn", "1"
    )
    netns.ip("link", "set", "br0", "up")
    read, there = facts.read().about("br0").bridge_options, files("/sys/class/net/br0/bridge")
    assert set(read) == set(there) - {"flush"}
    steady = set(there) - TIMERS - {"flush"}
    assert {name: read[name] for name in steady} == {name: there[name] for name in steady}
    assert all(read[name].isdigit() for name in TIMERS)


@pytest.mark.needs("bond", "sysfs")
@pytest.mark.parametrize("mode", MODES)
class TestBonds:
    def test_the_settings_of_a_bond_are_those_of_sysfs(self, netns, mode):
        netns.ip("link", "add", "b0", "type", "bond", "mode", mode)
        self._set_some(netns, mode)
        read = facts.read().about("b0").bond_options
        there = files("/sys/class/net/b0/bonding")
        said = {name: tuple(text.split(" ")) for name, text in there.items() if name not in RUNTIME}
        said = {name: (words[0], words[1] if len(words) > 1 else "") for name, words in said.items()}
        assert {name: read[name] for name in said if name in read} == {
            name: words for name, words in said.items() if name in read
        }
        assert {name for name, words in said.items() if words != ("", "") and name not in read} == set()

    def _set_some(self, netns, mode):
        netns.ip("link", "set", "b0", "type", "bond", "miimon", "50", "updelay", "100", "downdelay", "150")
        netns.ip("link", "set", "b0", "type", "bond", "xmit_hash_policy", "layer2+3", "primary_reselect", "failure")
        netns.ip("link", "set", "b0", "type", "bond", "num_grat_arp", "3", "min_links", "1", "fail_over_mac", "active")

    def test_what_a_bond_has_by_itself_is_known_without_making_one(self, netns, mode):
        pathlib.Path("/sys/class/net/bonding_masters").write_text("+b0")
        pathlib.Path("/sys/class/net/b0/bonding/mode").write_text(mode)
        there = facts.read()
        read = there.about("b0").bond_options
        assert {name: number or word for name, (word, number) in read.items()} == there.bond_defaults[mode]


@pytest.mark.needs("bond", "sysfs")
def test_several_targets_have_commas_between(netns):
    netns.ip("link", "add", "b0", "type", "bond", "mode", "active-backup", "arp_interval", "100")
    netns.ip("link", "set", "b0", "type", "bond", "arp_ip_target", "192.0.2.1,192.0.2.2")
    assert facts.read().about("b0").bond_options["arp_ip_target"] == ("192.0.2.1,192.0.2.2", "")


def paired(netns, *names: str) -> None:
    for name in names:
        netns.ip("link", "add", name, "type", "veth", "peer", "name", f"far-{name}")
        netns.ip("link", "set", f"far-{name}", "up")


@pytest.mark.needs("bond", "veth", "sysfs")
def test_what_a_bond_is_doing(netns):
    paired(netns, "p0", "p1")
    netns.ip("link", "add", "b0", "type", "bond", "mode", "active-backup", "miimon", "10")
    netns.ip("link", "add", "b4", "type", "bond", "mode", "802.3ad")
    netns.ip("link", "set", "p0", "master", "b0")
    netns.ip("link", "set", "p1", "master", "b4")
    for name in ("b0", "b4"):
        netns.ip("link", "set", name, "up")
    read = facts.read()
    there = files("/sys/class/net/b0/bonding")
    assert read.about("b0").active_port == there["active_slave"] == "p0"
    there = files("/sys/class/net/b4/bonding")
    assert (read.about("b4").aggregator, read.about("b4").partner_mac) == (
        there["ad_aggregator"],
        there["ad_partner_mac"],
    )
    port = pathlib.Path("/sys/class/net/p1/bonding_slave/ad_aggregator_id").read_text().strip()
    assert read.about("p1").aggregator == port
    assert (read.about("b0").aggregator, read.about("p0").aggregator) == ("", "")


@pytest.mark.needs("veth", "sysfs")
def test_speed_and_duplex_are_those_of_sysfs(netns):
    paired(netns, "p0")
    netns.ip("link", "set", "p0", "up")
    read = facts.read().about("p0")
    there = files("/sys/class/net/p0")
    assert (str(read.speed), read.duplex) == (there["speed"], there["duplex"])


@pytest.mark.needs("veth")
def test_a_link_that_is_down_has_no_speed_and_nobody_waits_for_one(netns):
    paired(netns, "p0")
    assert facts.read().about("p0").speed == 0


@pytest.mark.needs("veth", "users")
def test_nobody_needs_privileges(netns, public):
    paired(netns, "p0")
    nobody = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--bounding-set", "-all"]
    code = (
        "from linkhold.providers.kernel import facts, statistics as s; print(*facts.read().interfaces, len(s.read()))"
    )
    python, environment = public
    command = [*nobody, python, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert sorted(done.stdout.split()) == ["3", "far-p0", "lo", "p0"], done.stderr


@pytest.mark.needs("ipv6")
def test_ipv6_is_there(netns):
    assert facts.read().ipv6 is True


def test_ipv6_is_not_there(netns, tmp_path):
    assert facts.read(root=str(tmp_path)).ipv6 is False


class TestStatistics:
    @pytest.mark.needs("veth")
    def test_the_counters_are_those_of_ip(self, netns):
        paired(netns, "p0")
        netns.ip("addr", "add", "192.0.2.1/24", "dev", "p0")
        netns.ip("link", "set", "p0", "up")
        netns.ip("link", "set", "far-p0", "address", "02:00:00:00:00:01")
        before, read, links = None, {}, []
        while before != links or not links:  # new links send, and their state follows a moment later
            before = links
            read = {one.name: one for one in statistics.read()}
            links = netns.ip_json("-s", "link")
        for link in links:
            one, there = read[link["ifname"]], link["stats64"]
            assert (one.receive_errors, one.send_errors) == (there["rx"]["errors"], there["tx"]["errors"])
            assert (one.receive_dropped, one.send_dropped) == (there["rx"]["dropped"], there["tx"]["dropped"])
            assert (one.received, one.sent) == (there["rx"]["bytes"], there["tx"]["bytes"])
            assert one.up is (link["operstate"] in ("UP", "UNKNOWN") and "UP" in link["flags"])

    @pytest.mark.needs("veth")
    def test_what_was_sent_is_counted(self, netns):
        import socket

        paired(netns, "p0")
        netns.ip("link", "set", "p0", "up")
        before = {one.name: one for one in statistics.read()}
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as channel:
            channel.bind(("p0", 0))
            channel.send(bytes(1000))
        after = {one.name: one for one in statistics.read()}
        assert after["p0"].sent - before["p0"].sent >= 1000
        assert after["far-p0"].received - before["far-p0"].received >= 1000

    def test_loopback_is_a_link_too(self, netns):
        netns.ip("link", "set", "lo", "up")
        (lo,) = [one for one in statistics.read() if one.name == "lo"]
        assert lo.up
        netns.ip("link", "set", "lo", "down")
        (lo,) = [one for one in statistics.read() if one.name == "lo"]
        assert not lo.up


@pytest.mark.parametrize("read", [facts.read, statistics.read])
def test_a_kernel_that_does_not_answer_is_a_failure_of_the_world(netns, read):
    class Changing(Netlink):
        def dump(self, *arguments, **said):
            raise Refusal(errno.EINTR, "still changing")

    with Changing() as channel, pytest.raises(Temporary, match="can't be read"):
        read(channel)

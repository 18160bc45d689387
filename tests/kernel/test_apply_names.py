"""Name servers and host names, below a root of their own: nothing here touches the machine's files."""

import os
import stat
import subprocess
import sys

import pytest

from linkhold.foundation.failures import Failure
from linkhold.planning.change import Change
from linkhold.providers.kernel import resolver
from linkhold.providers.kernel.apply import Applier
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.hostname import Hostname


@pytest.fixture
def root(tmp_path):
    (tmp_path / "etc").mkdir()
    return tmp_path


def dns(**config):
    after = DnsResolver(config=DnsConfig(**config))
    return Change(action="~", subject="dns", name="dns", before=DnsResolver(config=DnsConfig()), after=after)


def hostname(**values):
    return Change(action="~", subject="hostname", name="hostname", before=Hostname(), after=Hostname(**values))


def apply(root, *changes):
    for _ in range(2):
        Applier(None, str(root)).carry_out("resolve", changes)


def test_resolv_conf_is_written_and_read_back(root):
    apply(
        root,
        dns(server=("192.0.2.53", "fe80::1%eth1"), search=("example.org", "example.net"), options=("edns0", "ndots:2")),
    )
    found = resolver.read(str(root)).config
    assert found.servers == ("192.0.2.53", "fe80::1%eth1")
    assert found.search == ("example.org", "example.net")
    assert found.options == ("edns0", "ndots:2")
    assert [each.name for each in (root / "etc").iterdir()] == ["resolv.conf"]


def test_what_is_not_ours_in_resolv_conf_stays(root):
    file = root / "etc" / "resolv.conf"
    file.write_text("# my own words\nnameserver 192.0.2.1\nsortlist 192.0.2.0\ndomain old.example\n")
    file.chmod(0o640)
    apply(root, dns(server=("192.0.2.2",)))
    text = file.read_text()
    assert text == "# my own words\nsortlist 192.0.2.0\nnameserver 192.0.2.2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_file_that_would_say_nothing_is_not_left_behind(root):
    apply(root, dns(server=("192.0.2.2",)))
    apply(root, dns())
    assert list((root / "etc").iterdir()) == []


def test_a_symbolic_link_stays_one(root):
    (root / "run").mkdir()
    (root / "run" / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    for target in ("/run/resolv.conf", "../run/resolv.conf"):
        link = root / "etc" / "resolv.conf"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        apply(root, dns(server=("192.0.2.2",)))
        assert link.is_symlink()
        assert "192.0.2.2" in (root / "run" / "resolv.conf").read_text()


def test_systemd_resolved_gets_a_file_of_its_own(root):
    (root / "etc" / "resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
    apply(root, dns(server=("192.0.2.2", "2001:db8::53"), search=("example.org",)))
    found = resolver.read(str(root)).config
    assert (found.servers, found.search) == (("192.0.2.2", "2001:db8::53"), ("example.org",))
    apply(root, dns())
    assert resolver.read(str(root)).config.servers == ()
    assert not os.path.exists(str(root) + resolver.RESOLVED_DROP_IN)


def test_the_stored_name(root):
    apply(root, hostname(config="one.example.org"))
    assert (root / "etc" / "hostname").read_text() == "one.example.org\n"
    apply(root, hostname(config=""))
    assert not (root / "etc" / "hostname").exists()


def test_the_running_name_in_a_uts_namespace_of_its_own():
    program = (
        "import os\n"
        "from linkhold.planning.change import Change\n"
        "from linkhold.providers.kernel.apply import Applier\n"
        "from linkhold.state.hostname import Hostname\n"
        "change = Change(action='~', subject='hostname', name='hostname', before=Hostname(), after=Hostname(running='other'))\n"
        "Applier(None, '/nowhere').carry_out('resolve', [change])\n"
        "print(os.uname().nodename)\n"
    )
    mine = os.uname().nodename
    command = ["unshare", "--uts", sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("other\n", "")
    assert os.uname().nodename == mine


def test_a_file_that_cannot_be_written_is_told_with_the_change(tmp_path):
    made = dns(server=("192.0.2.2",))
    with pytest.raises(Failure, match="refused to set the dns") as caught:
        Applier(None, str(tmp_path / "missing")).carry_out("resolve", [made])
    assert caught.value.change is made
    assert caught.value.answer.startswith("ENOENT")

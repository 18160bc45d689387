"""The resolver's files, as resolv.conf(5) and resolved.conf(5) have them."""

import os

import pytest

from linkhold.providers.kernel import resolver
from linkhold.providers.kernel.resolver import Resolver, parse_drop_in, parse_resolv_conf


def test_the_last_search_counts_and_options_add_up():
    text = "\n".join(
        [
            "# nameserver 192.0.2.9",
            "; comment",
            " nameserver 192.0.2.8",
            "domain one.example",
            "nameserver 192.0.2.1",
            "nameserver\tfe80::1%eth0  # of the lab",
            "nameserver 192.0.2.1",
            "nameserver",
            "search two.example three.example",
            "options rotate timeout:2",
            "options ndots:3",
            "sortlist 192.0.2.0",
        ]
    )
    assert parse_resolv_conf(text) == Resolver(
        ("192.0.2.1", "fe80::1%eth0"), ("two.example", "three.example"), ("rotate", "timeout:2", "ndots:3")
    )


def test_a_domain_is_a_search_list_of_one():
    assert parse_resolv_conf("search a.example b.example\ndomain c.example other\n").search == ("c.example",)


def test_assignments_of_a_drop_in_add_up_until_an_empty_one():
    text = "[Resolve]\nDNS=192.0.2.9\nDNS=\nDNS=192.0.2.1 192.0.2.2\nDNS = 2001:db8::1\nLLMNR=no\n"
    text += "Domains=a.example ~b.example\n"
    assert parse_drop_in(text) == Resolver(("192.0.2.1", "192.0.2.2", "2001:db8::1"), ("a.example",))


@pytest.fixture
def root(tmp_path):
    for folder in ("etc/systemd/resolved.conf.d", "run/systemd/resolve"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def test_a_plain_file_is_both_running_and_config(root):
    (root / "etc/resolv.conf").write_text("nameserver 192.0.2.1\n")
    found = resolver.read(str(root))
    assert found.running == found.config == Resolver(("192.0.2.1",))
    assert found.resolved is False


def test_no_file_at_all(root):
    found = resolver.read(str(root))
    assert found.running == found.config == Resolver()


@pytest.mark.parametrize("target", ["/run/systemd/resolve/stub-resolv.conf", "../run/systemd/resolve/resolv.conf"])
def test_under_systemd_resolved_ours_is_in_a_drop_in(root, target):
    os.symlink(target, root / "etc/resolv.conf")
    (root / "run/systemd/resolve/resolv.conf").write_text(
        "nameserver 192.0.2.1\nnameserver 192.0.2.9\nsearch a.example\n"
    )
    (root / resolver.RESOLVED_DROP_IN.lstrip("/")).write_text("[Resolve]\nDNS=192.0.2.1\n")
    found = resolver.read(str(root))
    assert found.resolved is True
    assert found.running == Resolver(("192.0.2.1", "192.0.2.9"), ("a.example",))
    assert found.config == Resolver(("192.0.2.1",))


def test_a_link_to_somewhere_else_is_a_plain_file(root):
    (root / "etc/other").write_text("nameserver 192.0.2.1\n")
    os.symlink("other", root / "etc/resolv.conf")
    assert resolver.read(str(root)).config == Resolver(("192.0.2.1",))

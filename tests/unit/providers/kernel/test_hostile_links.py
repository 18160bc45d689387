"""Link messages no kernel should send: they are refused as malformed, never with another exception, never for ever."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.providers.kernel.links import KINDS
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.link import LinkMessage
from linkhold.providers.kernel.netlink.message import Malformed, attribute, nested, string
from linkhold.providers.kernel.observe.addresses import Addresses
from linkhold.providers.kernel.observe.links import interface
from linkhold.providers.kernel.observe.table import Links

SOME = st.tuples(st.integers(0, 70), st.binary(max_size=24)).map(lambda one: attribute(*one))
MANY = st.lists(SOME, max_size=8).map(b"".join)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=80, deadline=None)
@given(header=st.binary(min_size=16, max_size=16), outside=MANY, inside=MANY, port=MANY, families=MANY)
def test_random_attributes(kind, header, outside, inside, port, families):
    info = nested(link.IFLA_LINKINFO, string(link.IFLA_INFO_KIND, kind), nested(link.IFLA_INFO_DATA, inside))
    spec = nested(link.IFLA_AF_SPEC, nested(2, families), nested(10, families))
    with contextlib.suppress(Malformed):
        here = LinkMessage(header + outside + info + spec)
        slave = nested(
            link.IFLA_LINKINFO, string(link.IFLA_INFO_SLAVE_KIND, kind), nested(link.IFLA_INFO_SLAVE_DATA, port)
        )
        other = LinkMessage(
            link.header(9) + string(link.IFLA_IFNAME, "p") + attribute(link.IFLA_MASTER, header[4:8]) + slave
        )
        interface(here, Links([other, here]), (Addresses(), Addresses()))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=120))
def test_random_bytes(data):
    with contextlib.suppress(Malformed):
        here = LinkMessage(data)
        interface(here, Links([here]), (Addresses(), Addresses()))

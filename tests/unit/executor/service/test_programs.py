"""What a process without privileges may not have a document say, since it would run programs as root."""

import typing

import pytest

from linkhold.executor.service.programs import refuse_programs
from linkhold.state.document import read
from linkhold.wire.call import RpcError
from linkhold.wire.jsonrpc import INVALID_PARAMS

SCRIPT = {"post-activation": "touch /done"}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"interfaces": [{"name": "eth0", "type": "ethernet", "dispatch": SCRIPT}]}, "eth0"),
        ({"interfaces": [{"name": "eth0", "dispatch": SCRIPT}]}, "eth0"),
        ({"ovs-db": {"other_config": {"dpdk-init": "true", "dpdk-extra": "-d /tmp/x.so"}}}, "dpdk-extra"),
        ({"ovs-db": {"other_config": {"vhost-sock-dir": "/etc"}}}, "vhost-sock-dir"),
        ({"ovs-db": {"other_config": {"dpdk-extra": None}}}, "dpdk-extra"),
    ],
)
def test_what_would_run_programs_as_root_is_refused(document: dict[str, typing.Any], words: str) -> None:
    with pytest.raises(RpcError, match=words) as caught:
        refuse_programs(read(document))
    assert caught.value.code == INVALID_PARAMS


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"interfaces": [{"name": "eth0", "mtu": 1400}]},
        {"ovs-db": {"other_config": {"stats-update-interval": 1000}, "external_ids": {"dpdk-like": "a"}}},
        {"ovs-db": {}},
    ],
)
def test_what_would_not_is_not(document: dict[str, typing.Any]) -> None:
    refuse_programs(read(document))

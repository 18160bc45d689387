"""The server and the client of the wire over real TLS."""

import asyncio
import pathlib

import pytest

from linkhold.foundation.failures import Failure, Refused
from linkhold.wire.call import RpcError
from tests.agent.wires import Place, echo


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(pathlib.Path(tmp_path_factory.mktemp("certificates")))


def test_calls_and_their_answers(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client:
            answer = await client.call("Host.ping2", {"a": 1}, correlation="flow-1")
            assert answer == {"method": "Host.ping2", "params": {"a": 1}, "peer": "centre", "correlation": "flow-1"}
            assert await client.call("Test.none", [1]) is True
            with pytest.raises(RpcError) as failed:
                await client.call("Test.fail")
            assert (failed.value.code, failed.value.message, failed.value.data) == (21, "no", {"why": "asked"})
            with pytest.raises(RpcError) as broken:
                await client.call("Test.break")
            assert (broken.value.code, broken.value.message) == (
                -32603,
                "Internal JSON-RPC error: {'reason': 'broken'}",
            )

    asyncio.run(scene())


def test_who_has_no_good_certificate_stays_out(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    expired = place.authority.issue("late", days=-1)
    foreign = place.foreign._replace(authority=str(place.authority.certificate))

    async def scene() -> None:
        async with place.server(echo) as server:
            for files in (expired, foreign):
                with pytest.raises(Failure):
                    async with place.client(server, files):
                        pass
            with pytest.raises(Refused):  # who trusts another authority does not let the host in
                async with place.client(server, place.foreign):
                    pass
            async with place.client(server) as client:
                assert await client.call("Test.none") is True

    asyncio.run(scene())
    refusals = [record.getMessage() for record in caplog.records if "refused the certificate" in record.getMessage()]
    assert [text.partition(": ")[2] for text in refusals] == [
        "certificate has expired",
        "unable to get local issuer certificate",
    ]

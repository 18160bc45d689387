"""Who gets in: certificates of clients and hosts, versions of TLS."""

import asyncio
import contextlib
import ssl

import pytest

from linkhold.foundation.failures import Failure, Refused
from linkhold.wire import tls
from tests.agent.wires import Place, echo, settled


def test_who_has_no_good_certificate_stays_out(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    expired = place.authority.issue("late", days=-1)
    foreign = place.foreign._replace(authority=str(place.authority.certificate))

    async def scene() -> None:
        async with place.server(echo) as server:
            for files in (expired, foreign):
                with pytest.raises(Failure):
                    async with place.client(server, files):
                        pass
            await without_certificate(place, server.port)
            with pytest.raises(Refused):  # who trusts another authority does not let the host in
                async with place.client(server, place.foreign):
                    pass
            async with place.client(server) as client:
                assert await client.call("Test.none") is True
            assert await settled(lambda: server.connections == 0)

    asyncio.run(scene())
    refusals = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.split("::1: ")[1] for text in refusals] == [
        "certificate has expired",
        "unable to get local issuer certificate",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "the connection was closed",
    ]


async def without_certificate(place: Place, port: int) -> None:
    context = ssl.create_default_context(cafile=str(place.authority.certificate))
    with contextlib.suppress(OSError):  # the end shows at the first read or in the handshake, as TLS's version goes
        reader, writer = await asyncio.open_connection("::1", port, ssl=context)
        try:
            assert await reader.read() == b""
        finally:
            writer.transport.abort()


def test_a_host_with_an_expired_certificate_is_not_believed(place: Place) -> None:
    async def scene() -> None:
        server = tls.server_context(place.authority.issue("old-host", days=-1))
        async with place.server(echo) as running:
            running.replace_context(server)
            with pytest.raises(Refused) as refused:
                async with place.client(running):
                    pass
            assert refused.value.answer == "certificate has expired"

    asyncio.run(scene())


def test_new_certificates_leave_connections_alone(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client:
            server.replace_context(tls.server_context(place.authority.issue("host1-renewed")))
            assert await client.call("Test.none") is True
            async with place.raw(server) as raw:
                certificate = raw.writer.get_extra_info("peercert")
            assert tls.common_name(certificate) == "host1-renewed"

    asyncio.run(scene())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(place: Place, version: ssl.TLSVersion) -> None:
    async def scene() -> None:
        context = place.context()
        context.maximum_version = version
        async with place.server(echo) as server:
            reader, writer = await asyncio.open_connection("::1", server.port, ssl=context)
            writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
            assert (await reader.readuntil(b"\0")).startswith(b"CONNECTED\n")
            tls_ = writer.get_extra_info("ssl_object")
            assert tls_.version() == version.name.replace("_", ".")
            assert not tls_.session.has_ticket  # nobody comes back without showing the certificate
            writer.transport.abort()

    asyncio.run(scene())


def test_what_is_no_tls_is_closed(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server:
            reader, writer = await asyncio.open_connection("::1", server.port)
            writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
            with contextlib.suppress(ConnectionError):
                assert b"CONNECTED" not in await reader.read()
            writer.close()
            async with place.client(server) as client:
                assert await client.call("Test.none") is True

    asyncio.run(scene())

"""The text that Prometheus reads, and who may read it."""

import asyncio
import re

import pytest

from linkhold.agent import metrics_server
from linkhold.agent.metrics import Metrics
from linkhold.foundation.failures import Permanent


def filled() -> Metrics:
    metrics = Metrics()
    metrics.called("Host.ping2", "ok", 0.001)
    metrics.called("Host.ping2", "ok", 0.2)
    metrics.called("Host.setupNetworks", 40, 1000.0)
    metrics.ended("committed")
    metrics.set("linkhold_interface_up", 1.0, interface='we"ird\n')
    return metrics


def test_durations_are_counted_in_buckets_that_add_up() -> None:
    text = filled().text()
    assert 'linkhold_request_seconds_bucket{le="0.005",verb="Host.ping2"} 1' in text
    assert 'linkhold_request_seconds_bucket{le="0.5",verb="Host.ping2"} 2' in text
    assert 'linkhold_request_seconds_bucket{le="+Inf",verb="Host.setupNetworks"} 1' in text
    assert 'linkhold_request_seconds_bucket{le="120",verb="Host.setupNetworks"} 0' in text
    assert 'linkhold_request_seconds_count{verb="Host.ping2"} 2' in text
    assert 'linkhold_request_seconds_sum{verb="Host.ping2"} 0.201' in text


def test_each_line_has_the_form_that_prometheus_reads() -> None:
    line = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\.)*",?)+\})? [-+0-9.einf]+')
    told = [one for one in filled().text().splitlines() if not one.startswith("#")]
    assert told
    assert [one for one in told if not line.fullmatch(one)] == []


def test_counters_tell_outcomes() -> None:
    text = filled().text()
    assert 'linkhold_requests_total{outcome="40",verb="Host.setupNetworks"} 1' in text
    assert 'linkhold_transactions_total{outcome="committed"} 1' in text
    assert "# TYPE linkhold_transactions_total counter" in text


def test_gauges_are_read_when_asked_and_can_be_forgotten() -> None:
    metrics = filled()
    metrics.before_reading(lambda: metrics.set("linkhold_connections", 3))
    metrics.clear("linkhold_interface_up")
    assert "linkhold_connections 3" in metrics.text()
    assert "linkhold_interface_up" not in metrics.text()


@pytest.mark.parametrize(("text", "place"), [("127.0.0.1:9547", ("127.0.0.1", 9547)), ("[::1]:1", ("::1", 1))])
def test_a_place_on_this_host(text: str, place: tuple[str, int]) -> None:
    assert metrics_server.place(text) == place


@pytest.mark.parametrize("text", ["0.0.0.0:9547", "192.0.2.1:1", "[::]:1", "localhost:1", "9547", "127.0.0.1:x"])
def test_only_the_loopback_interface(text: str) -> None:
    with pytest.raises(Permanent, match="metrics"):
        metrics_server.place(text)


async def asked(request: bytes) -> bytes:
    server = await metrics_server.serve(filled(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(request)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer


def test_the_page_is_served() -> None:
    head, _, body = asyncio.run(asked(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.decode() == filled().text()


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"\r\n\r\n"])
def test_nothing_else_is(request_: bytes) -> None:
    assert asyncio.run(asked(request_)).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("request_", [b"", b"x" * 100_000])
def test_what_is_no_request_is_not_answered(request_: bytes) -> None:
    assert asyncio.run(asked(request_)) == b""

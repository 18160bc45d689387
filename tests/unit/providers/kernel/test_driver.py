"""The driver of a card and its place, out of the kernel's `struct ethtool_drvinfo`."""

import ctypes
import struct

import pytest

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import string
from linkhold.providers.kernel.observe import driver, links


def answer(monkeypatch: pytest.MonkeyPatch, name: bytes, bus: bytes) -> None:
    """What the kernel writes to the place that the request points to."""

    def ioctl(channel: object, number: int, request: bytes) -> None:
        interface, place = struct.unpack("16sP16x", request)
        assert (number, interface.rstrip(b"\0")) == (0x8946, b"eth0")
        assert ctypes.string_at(place, 4) == struct.pack("=I", 3)
        told = struct.pack("=I32s32s32s32s", 3, name, b"6.1.0", b"fw 1", bus)
        ctypes.memmove(place, told, len(told))

    monkeypatch.setattr(driver.fcntl, "ioctl", ioctl)


@pytest.mark.parametrize(
    ("bus", "address"),
    [
        (b"0000:00:1f.6", "0000:00:1f.6"),
        (b"10000:E1:00.0", "10000:e1:00.0"),
        (b"usb-0000:00:14.0-3", UNSET),
        (b"", UNSET),
    ],
)
def test_driver_and_place(monkeypatch: pytest.MonkeyPatch, bus: bytes, address: object) -> None:
    answer(monkeypatch, b"e1000e", bus)
    assert driver.driver_of("eth0") == ("e1000e", bus.decode())
    parent = {link.IFLA_PARENT_DEV_NAME: b"0000:00:1f.6\0", link.IFLA_IFNAME: b"eth0\0"}
    message = link.LinkMessage(
        link.header() + b"".join(string(kind, text[:-1].decode()) for kind, text in parent.items())
    )
    found = links._driver(message, "ethernet")
    assert found.pop("driver") == "e1000e"
    assert found.get("pci_address", UNSET) == address


def test_what_has_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def ioctl(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(driver.fcntl, "ioctl", ioctl)
    assert driver.driver_of("eth0") == ("", "")

"""Errors of the service, told as failures."""

import pytest

from linkhold.foundation.failures import Failure, NotPermitted, Refused, Temporary, TimedOut, Unsupported
from linkhold.providers.networkmanager.bus import Call, ServiceError

CALL = Call("/", "org.example", "Do", about="activate eth1", change="the change")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("org.freedesktop.NetworkManager.PermissionDenied", NotPermitted),
        ("org.freedesktop.DBus.Error.AccessDenied", NotPermitted),
        ("org.freedesktop.DBus.Error.ServiceUnknown", Temporary),
        ("org.freedesktop.DBus.Error.NoReply", Temporary),
        ("org.freedesktop.DBus.Error.Timeout", TimedOut),
        ("org.freedesktop.DBus.Error.UnknownMethod", Unsupported),
        ("org.freedesktop.NetworkManager.Settings.Connection.InvalidProperty", Refused),
    ],
)
def test_the_name_of_an_error_decides(name: str, expected: type[Failure]) -> None:
    failure = ServiceError(name, "its words", CALL).failure()
    assert type(failure) is expected
    assert "activate eth1" in str(failure)
    assert failure.change == "the change"
    assert failure.answer == f"its words ({name})"

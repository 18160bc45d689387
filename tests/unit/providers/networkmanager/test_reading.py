"""What is read of profiles."""

import asyncio
import typing

from dbus_fast import Variant

from linkhold.providers.networkmanager import reading
from linkhold.providers.networkmanager.bus import Answer, Call, ServiceError
from linkhold.providers.networkmanager.dbus import I_ACTIVE, I_DEVICE, I_PROFILE
from linkhold.providers.networkmanager.inventory import Inventory

PROFILE = {"connection": {"id": Variant("s", "port")}, "802-1x": {"identity": Variant("s", "me")}}
OBJECTS = {
    "/d": {I_DEVICE: {"Interface": "eth1", "State": 100, "Managed": True, "Real": True, "ActiveConnection": "/a"}},
    "/a": {I_ACTIVE: {"Connection": "/p", "Uuid": "u", "State": 2, "StateFlags": 0, "Devices": ["/d"]}},
    "/p": {I_PROFILE: {"Filename": "/etc/x", "Flags": 0}},
}


class Answering:
    """Stands for the connection: gives the profile, and its secrets where `trusts`."""

    def __init__(self, trusts: bool) -> None:
        self.trusts = trusts

    async def all(self, calls: typing.Iterable[Call]) -> list[Answer]:
        """As the bus does."""
        return [self._answer(one) for one in calls]

    def _answer(self, call: Call) -> Answer:
        if call.member == "GetAppliedConnection":
            return Answer([PROFILE, 0])
        assert (call.member, call.path, call.body) == ("GetSecrets", "/p", ("802-1x",))
        if not self.trusts:
            return Answer([], ServiceError("org.freedesktop.NetworkManager.Settings.PermissionDenied", "no", call))
        return Answer([{"802-1x": {"password": Variant("s", "hush")}}])


def _applied(trusts: bool) -> dict[str, typing.Any]:
    return asyncio.run(reading.applied(typing.cast("typing.Any", Answering(trusts)), Inventory(OBJECTS)))


def test_passwords_belong_to_what_is_in_force() -> None:
    assert _applied(trusts=True)["eth1"]["802-1x"] == {"identity": "me", "password": "hush"}


def test_who_may_not_have_passwords_sees_the_rest() -> None:
    assert _applied(trusts=False)["eth1"]["802-1x"] == {"identity": "me"}

"""The provider's face: failures as the contract names them."""

import errno

import pytest

from linkhold.foundation.driving import drive
from linkhold.foundation.failures import NotPermitted, Refused, Temporary
from linkhold.providers.contract import Scope
from linkhold.providers.kernel import observe
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.providers.kernel.provider import Kernel


@pytest.mark.parametrize(
    ("number", "failure"),
    [(errno.EINTR, Temporary), (errno.ENOBUFS, Temporary), (errno.EPERM, NotPermitted), (errno.EINVAL, Refused)],
)
def test_a_refused_reading(monkeypatch, number, failure):
    def refuse(*_):
        raise Refusal(number, "because")

    monkeypatch.setattr(observe, "observe", refuse)
    kernel = Kernel()
    with pytest.raises(failure, match="because") as caught:
        drive(kernel.observe(Scope()))
    assert "because" in caught.value.answer
    kernel.close()


def test_a_closed_provider_opens_again():
    kernel = Kernel()
    first = kernel.netlink
    kernel.close()
    kernel.close()
    assert kernel.netlink is not first
    kernel.close()

"""Work without the collector of cyclic garbage: it is back afterwards, whatever happened."""

import gc

import pytest

from linkhold.foundation.garbage import uncollected


@uncollected
def enabled() -> bool:
    """Whether the collector may run now."""
    return gc.isenabled()


@uncollected
def fail() -> None:
    raise RuntimeError("broken")


def test_the_collector_rests_and_comes_back() -> None:
    assert not enabled()
    assert gc.isenabled()


def test_it_comes_back_after_a_failure() -> None:
    with pytest.raises(RuntimeError):
        fail()
    assert gc.isenabled()


def test_who_had_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        assert not enabled()
        assert not gc.isenabled()
    finally:
        gc.enable()

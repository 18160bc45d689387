"""Who was heard, and whether that says that the change works."""

from linkhold.executor.setup.hearing import Hearing


def test_nothing_counts_before_the_change_was_applied() -> None:
    hearing = Hearing("engine")
    hearing.heard("engine", 10.0)
    assert not hearing.counts
    hearing.applied(11.0)
    assert not hearing.counts


def test_what_is_heard_after_it_counts() -> None:
    hearing = Hearing("engine")
    hearing.applied(11.0)
    hearing.heard("engine", 11.5)
    assert hearing.counts


def test_the_very_moment_counts() -> None:
    hearing = Hearing("engine", applied_at=11.0)
    hearing.heard("engine", 11.0)
    assert hearing.counts


def test_another_requester_does_not_count() -> None:
    hearing = Hearing("engine", applied_at=11.0)
    hearing.heard("another", 12.0)
    assert not hearing.counts


def test_what_comes_out_of_order_does_not_take_back_what_was_heard() -> None:
    hearing = Hearing("engine", applied_at=11.0)
    hearing.heard("engine", 12.0)
    hearing.heard("engine", 10.0)
    assert hearing.counts


def test_a_second_pass_asks_anew() -> None:
    hearing = Hearing("engine")
    hearing.applied(11.0)
    hearing.heard("engine", 12.0)
    hearing.changes_again()
    assert not hearing.counts
    hearing.applied(13.0)
    assert not hearing.counts
    hearing.heard("engine", 13.5)
    assert hearing.counts


def test_the_first_moment_of_several_words_about_the_same_counts() -> None:
    hearing = Hearing("engine")
    hearing.applied(11.0)
    hearing.heard("engine", 11.2)
    hearing.applied(15.0)
    assert hearing.counts

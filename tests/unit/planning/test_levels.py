"""What must precede what."""

from linkhold.planning.levels import levelled, stuck


def test_independent_things_share_a_level():
    assert levelled(["a", "b", "c"], lambda one: ()) == [["a", "b", "c"]]


def test_each_comes_after_what_it_needs_as_early_as_possible():
    needs = {"a": ["b"], "b": ["c"], "c": [], "d": ["c"]}
    assert levelled(list(needs), needs.__getitem__) == [["c"], ["b", "d"], ["a"]]


def test_what_is_not_among_them_does_not_count():
    assert levelled(["a"], lambda one: ["elsewhere", "a"]) == [["a"]]


def test_a_chain_of_ten_thousand_needs_no_recursion():
    chain = list(range(10_000))
    assert levelled(chain, lambda one: [one - 1])[-1] == [9_999]


def test_a_circle_comes_last_and_is_told():
    needs = {"a": ["b"], "b": ["a"], "c": [], "d": ["c"]}
    assert levelled(list(needs), needs.__getitem__) == [["c"], ["d"], ["a", "b"]]
    assert stuck(list(needs), needs.__getitem__) == ["a", "b"]
    assert stuck(["c", "d"], needs.__getitem__) == []

"""Records keep what was said, and nothing else."""

import copy
import pickle
import typing

import pytest

from linkhold.foundation.record import UNSET, Record, Unset


class Point(Record):
    shape: typing.ClassVar[str] = "point"

    x: int
    y: int = 0
    label: str | Unset = UNSET


class Place(Point, first=("x", "height")):
    height: int | Unset = UNSET


def test_only_what_was_said_is_stored() -> None:
    point = Point(x=1, label=UNSET)
    assert point.said() == {"x": 1}
    assert (point.y, point.label) == (0, UNSET)
    assert point.get("y") is UNSET


def test_a_default_that_was_said_differs_from_one_that_was_not() -> None:
    assert Point(x=1, y=0) != Point(x=1)


@pytest.mark.parametrize("fields", [{}, {"x": 1, "z": 2}, {"x": UNSET}])
def test_unknown_and_missing_fields_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(**fields)


def test_records_do_not_change() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="replace"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="replace"):
        del point.x


def test_replace_sets_and_takes_away() -> None:
    point = Point(x=1, label="a")
    assert point.replace(y=3, label=UNSET) == Point(x=1, y=3)
    assert point == Point(x=1, label="a")


def test_fields_stand_in_order_of_declaration_unless_said_otherwise() -> None:
    assert Point.field_names() == ("x", "y", "label")
    assert Place.field_names() == ("x", "height", "y", "label")
    assert list(Place(label="a", height=2, x=1).said()) == ["x", "height", "label"]


def test_equality_asks_for_the_class_too() -> None:
    assert Place(x=1) != Point(x=1)


def test_equal_records_have_equal_hashes_whatever_is_in_them() -> None:
    one, two = (Point(x=1, label={"a": [1, {"b": 2}]}) for _ in range(2))  # type: ignore[arg-type]
    assert hash(one) == hash(two)
    assert {one: "found"}[two] == "found"


def test_unset_is_one_value_without_truth() -> None:
    assert copy.deepcopy(UNSET) is UNSET
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET
    with pytest.raises(TypeError, match="is UNSET"):
        bool(UNSET)


def test_the_spelling_shows_what_was_said() -> None:
    assert repr(Point(x=1, label="a")) == "Point(x=1, label='a')"


def test_values_that_were_checked_are_taken_as_they_are() -> None:
    values = {"y": 2, "x": 1}
    point = Point.of(values)
    assert point == Point(x=1, y=2)
    assert point.said() == {"x": 1, "y": 2}
    values["x"] = 7
    assert point.x == 1

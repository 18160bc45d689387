"""Every kind has an example, and every example is right."""

import pathlib

import pytest

from linkhold.state.document import parse
from linkhold.state.forms import write_record
from linkhold.state.interfaces import KINDS
from linkhold.state.network import NetworkState

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example_that_shows_it(kind: str) -> None:
    state = parse((EXAMPLES / f"{kind}.yml").read_text())
    kinds = {one.kind for one in state.interfaces} if isinstance(state.interfaces, tuple) else set()
    assert kind in kinds


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yml")), ids=lambda path: path.stem)
def test_every_example_says_what_it_is_for_and_is_read_without_complaint(path: pathlib.Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    state = parse(text)
    assert isinstance(state, NetworkState)
    assert write_record(state)

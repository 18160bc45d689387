"""The least document that does what another one does, and the document that takes it back."""

from hypothesis import HealthCheck, assume, event, given, settings

from linkhold.foundation.diagnostics import Invalid
from linkhold.planning import planner
from linkhold.planning.differences import generate_differences
from linkhold.planning.inverse import generate_inverse
from linkhold.planning.merge_routes import kernel_metric
from linkhold.state.document import read, to_plain
from tests.cases.hosts import carry_out, host, look, observed, unlike
from tests.unit.planning.documents import HARDWARE, documents

THOROUGH = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def _host_after(plain):
    bare = observed(HARDWARE)
    try:
        outcome = planner.plan(read(plain), bare)
    except Invalid:
        return bare
    memory = host(bare)
    carry_out(memory, outcome.plan)
    return look(memory)


def _applied(document, current):
    """The host after a document was applied."""
    outcome = planner.plan(document, current)
    assert outcome.errors == ()
    memory = host(current)
    carry_out(memory, outcome.plan)
    return look(memory)


def _document(plain, current):
    try:
        document = read(plain)
    except Invalid:
        assume(False)
    assume(not planner.plan(document, current).errors)
    return document


@THOROUGH
@given(documents(), documents())
def test_the_differences_do_the_same(first, second):
    current = _host_after(first)
    document = _document(second, current)
    least = generate_differences(document, current)
    event("all" if least == document else "nothing" if not to_plain(least).get("interfaces") else "a part")
    again = read(to_plain(least, secrets=True))
    assert unlike(_applied(again, current), _applied(document, current)) == []


@THOROUGH
@given(documents(), documents())
def test_of_what_was_applied_nothing_differs(first, second):
    current = _host_after(first)
    after = _applied(_document(second, current), current)
    assert to_plain(generate_differences(_document(second, after), after)) == {"interfaces": []}


@THOROUGH
@given(documents(), documents())
def test_the_inverse_leads_back(first, second):
    current = _host_after(first)
    document = _document(second, current)
    inverse = generate_inverse(document, current)
    event("changes" if to_plain(inverse) != {"interfaces": []} else "nothing")
    again = read(to_plain(inverse, secrets=True))
    assert unlike(*map(_with_metrics, (_applied(again, _applied(document, current)), current))) == []


def _with_metrics(state):
    """With the metrics that routes have when none is said."""
    routes = tuple(one.replace(metric=kernel_metric(one)) for one in state.routes.config)
    return state.replace(routes=state.routes.replace(config=routes))

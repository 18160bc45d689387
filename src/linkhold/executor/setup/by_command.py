"""What a command that deals with networks stands on: the store, a ground for transactions, a look at the host."""

import contextlib
import typing

from linkhold.executor import host, verbs
from linkhold.executor import store as kept
from linkhold.executor.setup.looking import SCOPE, facts
from linkhold.executor.setup.restoring import Look
from linkhold.executor.setup.snapshot import Seen
from linkhold.executor.setup.store import Form, Store
from linkhold.networks import forms
from linkhold.transaction.ground import Ground
from linkhold.transaction.progress import Report, silent

FORM: typing.Final = Form(forms.write, forms.read)


class Standing(typing.NamedTuple):
    """The three of them."""

    store: Store
    ground: Ground
    look: Look


@contextlib.contextmanager
def standing(state_dir: str | None = None, report: Report = silent) -> typing.Iterator[Standing]:
    """For the length of a with block."""
    provider = host.provider()

    async def look() -> Seen:
        return Seen(await provider.observe(SCOPE), facts())

    try:
        ground = verbs.standing(state_dir, report=report, provider=provider)
        yield Standing(Store(ground.folder, FORM), ground, look)
    finally:
        provider.close()


def stored(state_dir: str | None = None) -> Store:
    """The store alone: for who only reads or writes what is kept."""
    return Store(kept.folder(state_dir), FORM)

"""What its owner can't change in place: such an interface is made anew, with all that follows from that.

Which settings these are the owner says (`contract.Capabilities.renews`); what nobody changes in place, whoever owns it, is
marked in the state's fields (`CreateOnly`).
"""

import typing

from linkhold.planning.draft import Draft
from linkhold.planning.owning import Responsible
from linkhold.planning.paths import bare, below


def renew(drafts: typing.Iterable[Draft], responsible: Responsible) -> None:
    """Turn such changes, in place, into replacements. An interface that is handed over is the new owner's to change."""
    for draft in drafts:
        if draft.subject != "interface" or draft.action != "~" or not draft.after.virtual:
            continue
        if draft.before.provider != draft.after.provider:
            continue
        owner = responsible.of(draft)
        renews = owner.renews if owner is not None else ()
        if any(below(bare(one.path), path) for one in draft.differences() for path in renews):
            draft.action = "±"

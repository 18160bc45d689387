"""Dispatch scripts as a service beside the kernel: kept, shown, and run when an interface of ours goes up or down.

A script after activation is a part of the change: where it fails, the change is taken back. One after deactivation has no
say, or it could keep an interface from going away, also while a change is taken back: that it failed is logged.
"""

import os
import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.contract import Capabilities, Groundless, Scope
from linkhold.providers.dispatch import BASE

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.providers.dispatch.folder import Folder, Moment
    from linkhold.providers.quiet import Quiet
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

COMPLETES: typing.Final = frozenset({"dispatch"})


class Dispatch(Groundless):
    """Implements `Service` of the contract. `root` is put before the paths of our files, for tests.

    The scripts are part of the state it shows, so taking back is planning.
    """

    name = "dispatch"

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._last: dict[tuple[str, str], Stage] = {}

    def present(self) -> bool:
        """It is a part of us."""
        return True

    async def capabilities(self) -> Capabilities:
        """It owns nothing."""
        return Capabilities(provider=self.name, kinds={}, subjects=frozenset(), completes=COMPLETES)

    async def amend(self, state: "NetworkState", scope: Scope) -> "NetworkState":
        """The state with the scripts that we keep."""
        if not os.path.isdir(self._root + BASE):
            return state
        folder = self._folder()
        known = frozenset(folder.interfaces())
        if not known or not isinstance(state.interfaces, tuple):
            return state
        return state.replace(
            interfaces=tuple(_told(one, folder) if one.name in known else one for one in state.interfaces)
        )

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """Remember in which stage each change is complete."""
        self._last = {}
        for stage, changes in plan.steps():
            for change in changes:
                if change.subject == "interface":
                    self._last[change.name, change.action] = stage

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Keep scripts from `configure` on; run them when all else is done for their interface."""
        for change in changes:
            if change.subject == "interface" and _concerned(change):
                try:
                    self._carry_out(stage, change)
                except OSError as error:
                    raise _refused(change, error) from error

    def _carry_out(self, stage: "Stage", change: "Change") -> None:
        folder = self._folder()
        last = self._last.get((change.name, change.action)) == stage
        if change.action == "-":
            if last:
                self._let_down(change, change.before)
                folder.forget(change.name)
            return
        if stage == "release":
            if change.before is not UNSET and change.before.owner != change.after.owner:
                folder.forget(change.name)
            return
        if stage == "configure":
            _settle(folder, change)
        if last and _comes_up(change):
            self._run("post-activation", change, change.after)
        elif last and _goes_down(change):
            self._let_down(change, change.after)

    def _run(self, moment: "Moment", change: "Change", interface: "Interface") -> None:
        from linkhold.providers.dispatch.running import run

        if self._folder().text(interface.name, moment):
            run(self._folder().script(interface.name, moment), moment, change, interface)

    def _let_down(self, change: "Change", interface: "Interface") -> None:
        from linkhold.foundation.failures import Refused

        try:
            self._run("post-deactivation", change, interface)
        except Refused as refused:
            import syslog

            syslog.syslog(syslog.LOG_WARNING, f"linkhold: {refused}: {refused.answer}")

    def _folder(self) -> "Folder":
        from linkhold.providers.dispatch.folder import Folder

        return Folder(self._root)

    def watch(self) -> "Quiet":
        """Nobody but us changes them."""
        from linkhold.providers.quiet import Quiet

        return Quiet()

    def close(self) -> None:
        """Nothing is open."""


def _told(interface: "Interface", folder: "Folder") -> "Interface":
    if interface.userspace or interface.dispatch is not UNSET:
        return interface
    from linkhold.state.interfaces.common import Dispatch as Section

    texts = {
        "post_activation": folder.text(interface.name, "post-activation"),
        "post_deactivation": folder.text(interface.name, "post-deactivation"),
    }
    return interface.replace(dispatch=Section(**{name: text for name, text in texts.items() if text}))


def _concerned(change: "Change") -> bool:
    return any(side is not UNSET and side.get("dispatch") is not UNSET for side in (change.before, change.after))


def _text(side: typing.Any, field: str) -> str:
    section = UNSET if side is UNSET else side.get("dispatch")
    text = UNSET if section is UNSET else section.get(field)
    return "" if text is UNSET else str(text)


def _settle(folder: "Folder", change: "Change") -> None:
    folder.settle(change.name, "post-activation", _text(change.after, "post_activation"))
    folder.settle(change.name, "post-deactivation", _text(change.after, "post_deactivation"))


def _comes_up(change: "Change") -> bool:
    """Whether it is up from now on, or has a script from now on that it has not run."""
    if not change.after.wanted:
        return False
    fresh = change.before is UNSET or change.action == "±" or not change.before.wanted
    return fresh or _text(change.before, "post_activation") != _text(change.after, "post_activation")


def _goes_down(change: "Change") -> bool:
    return change.before is not UNSET and bool(change.before.wanted) and not change.after.wanted


def _refused(change: "Change", error: OSError) -> Exception:
    from linkhold.foundation.failures import NotPermitted, Refused

    kind = NotPermitted if isinstance(error, PermissionError) else Refused
    answer = f"{error.strerror} ({error.filename})"
    return kind(f"the scripts of {change.name} can't be kept: {answer}", change=change, answer=answer)

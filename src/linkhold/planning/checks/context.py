"""What every rule looks at."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path, did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.planning.paths import steps
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState


class Context:
    """The three states by key, and where mistakes go. `changed` are the interfaces that will not be what they are."""

    def __init__(
        self, desired: NetworkState, current: NetworkState, expected: NetworkState, found: Diagnostics
    ) -> None:
        self.state, self.there, self.result, self.found = desired, current, expected, found
        self.desired, self.current, self.expected = desired.by_key, current.by_key, expected.by_key
        self.changed = [one for key, one in self.expected.items() if self.current.get(key) is not one]
        self._wanted = [one for one in self.desired.values() if one.state != "absent"]
        self._nothing_changes = not self.changed and len(self.current) == len(self.expected)

    def wanted(self) -> list[Interface]:
        """What the document says of interfaces that are to exist."""
        return self._wanted

    def judged(self) -> typing.Iterable[Interface]:
        """The same for rules about what will be: none when nothing changes."""
        return () if self._nothing_changes else self.wanted()

    def error(self, code: str, interface: str, path: str, message: str, *, expected: str = "", hint: str = "") -> None:
        """A mistake within an interface; `path` is relative to it."""
        at: Path = ("interfaces", Key(interface), *steps(path))
        self.found.error(code, at, message, expected=expected, hint=hint)

    def warning(self, code: str, interface: str, path: str, message: str, *, hint: str = "") -> None:
        """A warning within an interface."""
        self.found.warning(code, ("interfaces", Key(interface), *steps(path)), message, hint=hint)

    def kernel(self, name: str) -> Interface | None:
        """The interface that will go by this name in the kernel."""
        return self.expected.get((name, ""))

    def controller(self, name: str) -> Interface | None:
        """The controller that will go by this name."""
        one = self.expected.get((name, ""))
        return one if one is not None and one.is_controller else self.expected.get((name, "ovs-bridge"))

    def goes(self, name: str) -> bool:
        """Whether it will not be there, or is hardware that the document takes out of use."""
        said = self.desired.get((name, ""))
        return self.kernel(name) is None or (said is not None and said.state == "absent")

    def missing(self, name: str) -> tuple[str, str]:
        """A message and a hint about an interface that will not be there."""
        said = self.desired.get((name, ""))
        if said is not None and said.state == "absent":
            return (
                f"{name} is to be removed by this same document",
                f"drop `state: absent` of {name}, or remove this one too",
            )
        if (name, "") in self.current:
            return f"{name} goes with what it rides on", "remove this one too, or keep both"
        return f"there is no interface {name}", did_you_mean(name, [key[0] for key in self.expected])


def field(interface: typing.Any, section: str, name: str) -> typing.Any:
    """A field of a section, or `UNSET`."""
    held: typing.Any = interface.get(section) if interface is not None else UNSET
    return UNSET if held is UNSET else held.get(name)

"""One connection to the system bus: calls in a window, signals to whoever listens, errors as failures.

Raw messages and no introspection: a proxy object would cost two round trips for each of a thousand objects. The window
keeps the service from idling, and from being buried.
"""

import asyncio
import select
import typing

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from linkhold.foundation.failures import Failure, NotPermitted, Refused, Temporary, TimedOut, Unsupported
from linkhold.providers.networkmanager.dbus import I_PROPERTIES, SERVICE
from linkhold.providers.networkmanager.presence import bus_address

WINDOW: typing.Final = 100
"""Calls in flight; measured: 20 leave the service idle at times."""

_PAUSE: typing.Final = 0.002
"""Seconds between looks at a socket that is full; the library waits for it to become writable in its own way."""

PATIENCE: typing.Final = 30.0
"""Seconds for one answer. The slowest is the deletion of a bridge, which waits for the kernel, some 50 ms for each."""

Listener = typing.Callable[[Message], None]

_NOT_PERMITTED: typing.Final = frozenset(
    {
        "org.freedesktop.DBus.Error.AccessDenied",
        "org.freedesktop.DBus.Error.AuthFailed",
        "org.freedesktop.NetworkManager.PermissionDenied",
        "org.freedesktop.NetworkManager.Settings.PermissionDenied",
        "org.freedesktop.NetworkManager.AgentManager.PermissionDenied",
    }
)
_GONE: typing.Final = frozenset(
    {
        "org.freedesktop.DBus.Error.NoReply",
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
    }
)
_UNSUPPORTED: typing.Final = frozenset(
    {
        "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.DBus.Error.UnknownInterface",
        "org.freedesktop.NetworkManager.MissingPlugin",
        "org.freedesktop.NetworkManager.Settings.Connection.SettingNotFound",
    }
)
_TIMED_OUT: typing.Final = frozenset({"org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut"})


class Call(typing.NamedTuple):
    """A method call. `about` is what it is for, in the words of a message; `change` the change it carries out."""

    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[typing.Any, ...] = ()
    about: str = ""
    change: object = None


class Answer(typing.NamedTuple):
    """What came back: the values, or (where the caller said that it may fail) the failure."""

    body: list[typing.Any]
    failure: "ServiceError | None" = None


class ServiceError(Exception):
    """An error reply: its D-Bus name and the service's words. `failure()` is what the contract calls it."""

    def __init__(self, name: str, text: str, call: Call) -> None:
        super().__init__(f"{name}: {text}")
        self.name, self.text, self.call = name, text, call

    def failure(self) -> Failure:
        """By the name of the error; the text is for people only."""
        what = self.call.about or f"{self.call.member} of {self.call.path}"
        kind: type[Failure] = Refused
        for names, candidate in (
            (_NOT_PERMITTED, NotPermitted),
            (_GONE, Temporary),
            (_UNSUPPORTED, Unsupported),
            (_TIMED_OUT, TimedOut),
        ):
            if self.name in names:
                kind = candidate
        message = f"NetworkManager does not answer ({what})" if kind is Temporary else f"NetworkManager refused: {what}"
        return kind(message, change=self.call.change, answer=f"{self.text} ({self.name})")


class Bus:
    """A connection, good for one event loop; see `Bus.alive`."""

    def __init__(self, connection: MessageBus) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._window = asyncio.Semaphore(WINDOW)
        self._listeners: list[Listener] = []
        self.owner_lost = asyncio.Event()
        connection.add_message_handler(self._heard)

    @classmethod
    async def open(cls) -> "Bus":
        """Connect, and hear what NetworkManager says from now on.

        Raises:
            Temporary: there is no bus, or it does not let us in.
        """
        try:
            connection = MessageBus(bus_address=bus_address(), bus_type=BusType.SYSTEM)
        except (OSError, InvalidAddressError) as error:  # before version 5 it is connected here
            raise Temporary("the system bus can't be reached", answer=str(error)) from error
        try:
            async with asyncio.timeout(PATIENCE):  # Debian 12's dbus-fast (1.84) has no limit of its own
                await connection.connect()
        except (OSError, AuthError, InvalidAddressError, EOFError) as error:  # TimeoutError is an OSError
            _finish(connection)
            raise Temporary("the system bus can't be reached", answer=str(error) or "no answer in time") from error
        bus = cls(connection)
        await bus._listen()
        return bus

    @property
    def alive(self) -> bool:
        """Whether it can still be used, in the running event loop."""
        return self._connection.connected and self._loop is asyncio.get_running_loop()

    async def _listen(self) -> None:
        rules = (
            f"type='signal',sender='{SERVICE}'",
            f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{SERVICE}'",
        )
        for rule in rules:
            call = Call("/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", (rule,), "listen to the bus")
            await self._exchange(call, PATIENCE, destination="org.freedesktop.DBus")

    def listen(self, listener: Listener) -> None:
        """Tell this one every signal, from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Tell it no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _heard(self, message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL:
            return False
        if message.member == "NameOwnerChanged" and message.body and message.body[0] == SERVICE:
            if not message.body[2]:
                self.owner_lost.set()
            else:
                self.owner_lost.clear()
        for listener in tuple(self._listeners):
            listener(message)
        return False

    async def call(self, call: Call, patience: float | None = None) -> list[typing.Any]:
        """One call; the values it returns.

        Raises:
            Failure: NetworkManager said no, or nothing.
        """
        try:
            return await self._exchange(call, patience)
        except ServiceError as error:
            raise error.failure() from error

    async def attempt(self, call: Call, patience: float | None = None) -> Answer:
        """One call that may be refused: the refusal is an answer too. Raises a Failure when nothing answers."""
        try:
            return Answer(await self._exchange(call, patience))
        except ServiceError as error:
            if error.name in _GONE:
                raise error.failure() from error
            return Answer([], error)

    async def all(self, calls: typing.Iterable[Call], patience: float | None = None) -> list[Answer]:
        """Many calls, pipelined; the answers in the order of the calls, refusals among them.

        Raises:
            Failure: nothing answers any more.
        """
        tasks = [asyncio.ensure_future(self.attempt(one, patience)) for one in calls]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def every(self, calls: typing.Iterable[Call], patience: float | None = None) -> list[list[typing.Any]]:
        """Many calls, pipelined, none of which may be refused. All are tried before the first refusal is raised.

        Raises:
            Failure: the first refusal.
        """
        answers = await self.all(calls, patience)
        for one in answers:
            if one.failure is not None:
                raise one.failure.failure() from one.failure
        return [one.body for one in answers]

    async def property(self, path: str, interface: str, name: str, patience: float | None = None) -> typing.Any:
        """One property, unpacked."""
        about = f"read {name} of {path}"
        (value,) = await self.call(Call(path, I_PROPERTIES, "Get", "ss", (interface, name), about), patience)
        return value.value

    async def _exchange(self, call: Call, patience: float | None, *, destination: str = SERVICE) -> list[typing.Any]:
        message = Message(
            destination=destination,
            path=call.path,
            interface=call.interface,
            member=call.member,
            signature=call.signature,
            body=list(call.body),
        )
        seconds = PATIENCE if patience is None else patience
        async with self._window:
            try:
                async with asyncio.timeout(seconds):
                    await self._room()
                    reply = await self._connection.call(message)
            except TimeoutError as error:
                what = call.about or call.member
                message_ = f"NetworkManager did not answer within {seconds:.0f} s ({what})"
                raise TimedOut(message_, change=call.change) from error
            except (OSError, EOFError) as error:
                what = call.about or call.member
                raise Temporary(f"the system bus went away ({what})", change=call.change, answer=str(error)) from error
        if reply is None:  # the connection ended while we waited
            raise Temporary(f"the system bus went away ({call.about or call.member})", change=call.change)
        if reply.message_type is MessageType.ERROR:
            text = str(reply.body[0]) if reply.body else ""
            raise ServiceError(reply.error_name or "", text, call)
        return reply.body

    async def _room(self) -> None:
        """Wait until the socket takes another message: dbus-fast (5.2) takes a full one for the end of the connection.

        A socket that can be written to is at least three quarters empty (`unix_writable` of net/unix/af_unix.c).
        """
        handle = self._connection._fd
        if handle is None:  # it has ended: the call says so
            return
        poll = select.poll()
        poll.register(handle, select.POLLOUT)
        while not poll.poll(0):
            await asyncio.sleep(_PAUSE)

    def close(self) -> None:
        """Let go of the socket, whether the event loop still runs or not."""
        self._listeners.clear()
        if self._connection.connected:
            self._connection.disconnect()
        _finish(self._connection)


def _finish(connection: MessageBus) -> None:
    """What the library leaves to a last turn of the event loop, which may never come: readers out, sockets closed."""
    if connection._fd is not None and not connection._loop.is_closed():
        connection._finalize(None)
    for one in (connection._stream, connection._sock):
        if one is not None:
            one.close()

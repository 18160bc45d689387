"""Renewing a certificate before it ends, by the agent itself: once a day it looks whether two thirds of its life are over."""

import asyncio
import datetime
import typing

from linkhold.agent.enrolment import validity
from linkhold.agent.enrolment.files import Files, keep, read, remembered
from linkhold.foundation.failures import Failure

if typing.TYPE_CHECKING:
    from linkhold.foundation.clock import Clock
    from linkhold.foundation.logs import Log

DAY: typing.Final = 24 * 60 * 60.0
HOUR: typing.Final = 60 * 60.0


def renew_if_due(files: Files, now: datetime.datetime) -> bool:
    """Renew where it is time and the centre is known; whether there is a new certificate.

    Raises:
        Failure: it was time, and no new certificate came; the present one stays.
    """
    if not validity.due(read(files.certificate), now):
        return False
    enrolment = remembered(files)
    if not enrolment.engine:
        return False
    from linkhold.agent.enrolment import exchange, keys  # once in months

    ca = read(files.ca)
    name, *also = dict.fromkeys((enrolment.name, *keys.names_of(read(files.certificate))))
    made = keys.new_request(name, also)
    signed = exchange.renew(enrolment.engine, ca, made.request, certificate=files.certificate, key=files.key)
    keys.check(signed.certificate, made.key, signed.ca, now=now)
    keep(files, certificate=signed.certificate, key=made.key, ca=signed.ca, enrolment=enrolment)
    return True


def ends(files: Files) -> datetime.datetime:
    """When the present certificate ends, in UTC.

    Raises:
        Failure: there is none.
    """
    return validity.life(read(files.certificate)).ends


async def forever(files: Files, reload: typing.Callable[[], None], log: "Log", clock: "Clock") -> None:
    """Look once a day (once an hour where the last attempt failed); `reload` is called after each renewal.

    A certificate that ends within a week and can't be renewed from here is told in the log each day.
    """
    while True:
        wait = DAY
        now = datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)
        try:
            if await asyncio.to_thread(renew_if_due, files, now):
                reload()
                log.info("certificate-renewed", ends=f"{ends(files):%Y-%m-%d}")
            left = ends(files) - now
            if left < datetime.timedelta(days=7):
                log.warning("certificate-ends", ends=f"{ends(files):%Y-%m-%d %H:%M}", days=left.days)
        except Failure as failure:
            log.error("certificate-not-renewed", reason=str(failure), answer=failure.answer)
            wait = HOUR
        await clock.sleep(wait)

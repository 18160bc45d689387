"""The two ways to enrol: by files that people carry, or by the exchange with a centre."""

import os
import socket
import typing

from linkhold.agent.enrolment import exchange, keys, validity
from linkhold.agent.enrolment.files import PRIVATE, Enrolment, Files, keep, read, write
from linkhold.foundation.failures import Permanent, Refused


def host_name() -> str:
    """What this host calls itself, with its domain where it knows that."""
    return socket.getfqdn() or socket.gethostname()


def ask(files: Files, name: str, also: typing.Sequence[str] = ()) -> bytes:
    """Make a key and a request for it, PEM. The key waits for its certificate; asked again, a new one takes its place.

    Raises:
        Failure: the disk does not take the key.
    """
    made = keys.new_request(name, also)
    write(files.waiting_key, made.key, PRIVATE, files.user)
    return made.request


def take(files: Files, certificate: bytes, ca: bytes, pinned: str, name: str = "") -> Enrolment:
    """Put the certificate for the waiting key in place, with the CA whose fingerprint is `pinned`.

    Raises:
        Failure: it does not fit: another CA, another key, not valid; everything is as it was.
    """
    shown = validity.fingerprint(ca)
    if shown != validity.plain_fingerprint(pinned):
        raise Refused(f"the CA's fingerprint is {shown}, not {validity.plain_fingerprint(pinned)}")
    if not os.path.exists(files.waiting_key):
        raise Permanent("no request waits for a certificate: make one with 'linkhold agent enrol --request'")
    key, ca = read(files.waiting_key), validity.alone(ca)
    keys.check(certificate, key, ca)
    enrolment = Enrolment(ca=shown, engine="", name=name)
    keep(files, certificate=certificate, key=key, ca=ca, enrolment=enrolment)
    return enrolment


def by_centre(
    files: Files, engine: str, token: str, pinned: str, name: str, also: typing.Sequence[str] = ()
) -> Enrolment:
    """Enrol with a centre, all in one go; it renews from there by itself afterwards.

    Raises:
        Failure: it did not come to an end; everything is as it was.
    """
    ca = exchange.ca_of(engine, pinned)
    made = keys.new_request(name, also)
    signed = exchange.enrol(engine, token, ca, made.request)
    keys.check(signed.certificate, made.key, signed.ca)
    enrolment = Enrolment(ca=validity.fingerprint(ca), engine=engine, name=name)
    keep(files, certificate=signed.certificate, key=made.key, ca=ca, enrolment=enrolment)
    return enrolment

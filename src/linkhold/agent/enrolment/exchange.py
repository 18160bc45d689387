"""The exchange with a centre over HTTPS: the CA it shows, one request with a token, later renewals with the certificate.

- The CA: ``GET /linkhold/v1/ca`` → 200, PEM. The transport is not trusted here: what comes counts only if its SHA-256 is the
  one that is pinned.
- Enrolment: ``POST /linkhold/v1/enrol`` with ``Authorization: Bearer TOKEN`` (good for once), ``Content-Type:
  application/pkcs10`` and the request in PEM → 201, ``{"certificate": PEM, "ca": PEM}``.
- Renewal: ``POST /linkhold/v1/renew`` over a connection with the certificate that ends; body and answer are the same.

After the first, the server's certificate must be of the pinned CA and for the name called. 401 and 403 mean that the token
(or the certificate) does not count, 409 that this host is enrolled already.
"""

import http.client
import json
import ssl
import typing
import urllib.parse

from linkhold.agent.enrolment import validity
from linkhold.foundation.failures import Failure, Permanent, Refused, Temporary

PREFIX: typing.Final = "/linkhold/v1"
SECONDS: typing.Final = 30.0
MOST: typing.Final = 1 << 20
"""Bytes of an answer."""


class Signed(typing.NamedTuple):
    """What the centre gave, PEM."""

    certificate: bytes
    ca: bytes


def ca_of(engine: str, pinned: str) -> bytes:
    """The centre's CA, made sure of by its fingerprint; whatever else came along is not believed.

    Raises:
        Refused: it is another one; nothing of it was believed.
        Failure: the centre can't be reached, or answers something else.
    """
    pem = shown_ca(engine)
    shown = validity.fingerprint(pem)
    if shown != validity.plain_fingerprint(pinned):
        raise Refused(f"{engine} shows a CA with the fingerprint {shown}, not {validity.plain_fingerprint(pinned)}")
    return validity.alone(pem)


def shown_ca(engine: str) -> bytes:
    """What the centre says its CA is, PEM; to be compared before it is believed.

    Raises:
        Failure: the centre can't be reached, or answers something else.
    """
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE  # the fingerprint is what is checked
    return _ask(engine, "GET", "/ca", anybody, expected=200)


def enrol(engine: str, token: str, ca: bytes, request: bytes) -> Signed:
    """Ask for a certificate with a token that is good for once.

    Raises:
        Failure: no certificate came.
    """
    context = ssl.create_default_context(cadata=ca.decode("ascii"))
    return _signed(_ask(engine, "POST", "/enrol", context, body=request, token=token, expected=201), ca)


def renew(engine: str, ca: bytes, request: bytes, *, certificate: str, key: str) -> Signed:
    """Ask for the next certificate with the present one (paths of the files).

    Raises:
        Failure: no certificate came.
    """
    context = ssl.create_default_context(cadata=ca.decode("ascii"))
    context.load_cert_chain(certificate, key)
    return _signed(_ask(engine, "POST", "/renew", context, body=request, expected=201), ca)


def _signed(answer: bytes, ca: bytes) -> Signed:
    try:
        said = json.loads(answer)
        signed = Signed(said["certificate"].encode("ascii"), said["ca"].encode("ascii"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Permanent(f"the centre answered something else than a certificate and its CA: {error}") from error
    if validity.fingerprint(signed.ca) != validity.fingerprint(ca):
        raise Refused("the centre answered with another CA than the one that is pinned")
    return signed._replace(ca=validity.alone(signed.ca))


def _ask(
    engine: str,
    method: str,
    path: str,
    context: ssl.SSLContext,
    *,
    expected: int,
    body: bytes | None = None,
    token: str = "",
) -> bytes:
    url = urllib.parse.urlsplit(engine)
    if url.scheme != "https" or not url.hostname:
        raise Permanent(f"the centre is named by a URL that begins with https://, not '{engine}'")
    headers = {"Accept": "application/json, application/x-pem-file"}
    if body is not None:
        headers["Content-Type"] = "application/pkcs10"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPSConnection(url.hostname, url.port or 443, timeout=SECONDS, context=context)
    try:
        connection.request(method, url.path.rstrip("/") + PREFIX + path, body, headers)
        answer = connection.getresponse()
        content = answer.read(MOST)
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"{engine} is not who it should be: {error.verify_message}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Temporary(f"{engine} can't be reached: {error}") from error
    finally:
        connection.close()
    if answer.status != expected:
        raise _refusal(engine, answer.status, content)
    return content


def _refusal(engine: str, status: int, content: bytes) -> Failure:
    said = content[:300].decode("utf-8", "replace").strip()
    sentence = {
        401: "the token does not count (it is good for once, and for a limited time)",
        403: "this host may not enrol",
        409: "a host of this name is enrolled already",
    }.get(status, f"it answered {status}")
    if status >= 500:
        return Temporary(f"{engine}: {sentence}", answer=said)
    return Refused(f"{engine}: {sentence}", answer=said)

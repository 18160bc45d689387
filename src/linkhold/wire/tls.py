"""TLS on both sides: version 1.2 at least, a certificate from both, and one authority that is trusted: the centre's own.

vdsm's files are ``/etc/pki/vdsm/certs/cacert.pem``, ``…/certs/vdsmcert.pem`` and ``…/keys/vdsmkey.pem``.
"""

import hashlib
import ssl
import typing

from linkhold.foundation.failures import Permanent


class Files(typing.NamedTuple):
    """Paths of PEM files: the authority that is trusted, our certificate, its key."""

    authority: str
    certificate: str
    key: str


def server_context(files: Files) -> ssl.SSLContext:
    """For a server that lets in only who has a certificate of the authority.

    Raises:
        Permanent: a file can't be read, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    # Without resumption: a certificate is looked at for each connection, so one that has expired since gets nobody in.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    return _loaded(context, files)


def client_context(files: Files, *, check_name: bool = True) -> ssl.SSLContext:
    """For a client; with `check_name` the host's certificate must be about the name (or address) that is connected to.

    Raises:
        Permanent: a file can't be read, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = check_name
    return _loaded(context, files)


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, in lower-case hexadecimal digits."""
    return hashlib.sha256(certificate).hexdigest()


def common_name(certificate: typing.Mapping[str, typing.Any]) -> str:
    """The subject's common name in what `ssl.SSLSocket.getpeercert` gives; '' without one."""
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return names[-1] if names else ""


def _loaded(context: ssl.SSLContext, files: Files) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in files:
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            raise Permanent(f"{path}: can't be read", answer=str(error)) from error
    try:
        context.load_verify_locations(cafile=files.authority)
    except ssl.SSLError as error:
        raise Permanent(f"{files.authority}: holds no certificate of an authority", answer=str(error)) from error
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        answer = str(error)
        raise Permanent(f"{files.certificate}, {files.key}: no certificate with its key", answer=answer) from error
    return context


def _no_password() -> str:
    """Instead of asking on the terminal, which OpenSSL would do."""
    raise ValueError("the key is encrypted")

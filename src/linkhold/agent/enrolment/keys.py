"""Keys, certificate requests (PKCS #10, RFC 2986) and certificates, as PEM texts."""

import datetime
import ipaddress
import typing

from linkhold.agent.enrolment import validity
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey


class Request(typing.NamedTuple):
    """A new private key and the request for a certificate of it, both PEM. The key is a secret."""

    key: bytes
    request: bytes


def new_request(name: str, also: typing.Sequence[str] = ()) -> Request:
    """A key (P-256) and a request in the name of a host; `also` are further names and addresses it answers to."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    names = [_general(one) for one in dict.fromkeys((name, *also))]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])  # ub-common-name of RFC 5280
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Request(private, signed.public_bytes(pem))


def _general(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def names_of(pem: bytes) -> tuple[str, ...]:
    """What a certificate is about: its common name, then the names and addresses it answers to.

    Raises:
        Permanent: it is none.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    own = certificate(pem)
    common = [str(one.value) for one in own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        also = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(common)
    names = also.get_values_for_type(x509.DNSName)
    addresses = map(str, also.get_values_for_type(x509.IPAddress))
    return tuple(dict.fromkeys((*common, *names, *addresses)))


def certificate(pem: bytes) -> "x509.Certificate":
    """The first certificate of a PEM text.

    Raises:
        Permanent: there is none.
    """
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise Permanent(f"this is no certificate in PEM: {error}") from error


def check(certificate_pem: bytes, key_pem: bytes, ca_pem: bytes, *, now: datetime.datetime | None = None) -> None:
    """Make sure that a certificate is for a key, signed by a CA, and valid now.

    Raises:
        Permanent: it is not; the message says which.
    """
    from cryptography.hazmat.primitives import serialization

    own, ca = certificate(certificate_pem), certificate(ca_pem)
    key = typing.cast("EllipticCurvePrivateKey", serialization.load_pem_private_key(key_pem, None))
    if _spki(own.public_key()) != _spki(key.public_key()):
        raise Permanent("the certificate is for another key than this host's: was it made from an older request?")
    if not signed_by(own, ca):
        raise Permanent("the certificate is not signed by this CA")
    begins, ends = validity.life(certificate_pem)
    moment = now or datetime.datetime.now(datetime.UTC)
    if not begins - datetime.timedelta(minutes=5) <= moment < ends:  # clocks of two hosts differ a little
        raise Permanent(f"the certificate is valid from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC, not now")


def _spki(key: typing.Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return typing.cast(bytes, key.public_bytes(serialization.Encoding.DER, form))


def signed_by(one: "x509.Certificate", ca: "x509.Certificate") -> bool:
    """Whether a CA signed a certificate (with RSA or an elliptic curve)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    if one.issuer != ca.subject or one.signature_hash_algorithm is None:
        return False
    key = ca.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(one.signature, one.tbs_certificate_bytes, padding.PKCS1v15(), one.signature_hash_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(one.signature, one.tbs_certificate_bytes, ec.ECDSA(one.signature_hash_algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True

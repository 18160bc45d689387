"""A certificate authority, and the centre's side of the exchange over HTTPS, for tests."""

import contextlib
import datetime
import http.server
import json
import pathlib
import ssl
import threading
import typing

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Signs."""

    def __init__(self, called: str = "a CA") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name(called)
        builder = self._builder(self.name, self.key.public_key(), now() - DAY, now() + 365 * DAY)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        self.certificate = (
            builder.add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        self.fingerprint = self.certificate.fingerprint(hashes.SHA256()).hex()

    def _builder(
        self, subject: x509.Name, key: typing.Any, begins: datetime.datetime, ends: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )

    def sign(
        self, request: bytes, *, begins: datetime.datetime | None = None, ends: datetime.datetime | None = None
    ) -> bytes:
        """The certificate for a request, PEM; valid for a year unless said."""
        asked = x509.load_pem_x509_csr(request)
        assert asked.is_signature_valid
        builder = self._builder(asked.subject, asked.public_key(), begins or now() - DAY, ends or now() + 365 * DAY)
        for extension in asked.extensions:
            builder = builder.add_extension(extension.value, critical=extension.critical)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Centre:
    """The exchange's other side. `tokens` are good for once each; `asked` collects (path, token, client's name)."""

    def __init__(self, authority: Authority, folder: pathlib.Path, *, own: Authority | None = None) -> None:
        from linkhold.agent.enrolment import keys

        self.authority, self.tokens = authority, {"once"}
        self.asked: list[tuple[str, str, str]] = []
        self.shown = authority.pem
        self.broken = 0
        made = keys.new_request("localhost", ["127.0.0.1"])
        (folder / "centre.key").write_bytes(made.key)
        (folder / "centre.crt").write_bytes((own or authority).sign(made.request))
        (folder / "centre-ca.crt").write_bytes(authority.pem)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "centre.crt", folder / "centre.key")
        self.context.load_verify_locations(folder / "centre-ca.crt")
        self.context.verify_mode = ssl.CERT_OPTIONAL

    @contextlib.contextmanager
    def serving(self) -> typing.Iterator[str]:
        """Its URL, while it serves."""
        centre = self

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                centre.asked.append((self.path, "", ""))
                self.give(200 if self.path.endswith("/v1/ca") else 404, centre.shown)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                said = typing.cast(ssl.SSLSocket, self.connection).getpeercert() or {}
                client = "".join(value for part in said.get("subject", ()) for _, value in part)
                centre.asked.append((self.path, token, client))
                if centre.broken:
                    return self.give(centre.broken, b"out of order")
                if self.path.endswith("/v1/enrol") and token not in centre.tokens:
                    return self.give(401, b"what token?")
                if self.path.endswith("/v1/renew") and not client:
                    return self.give(403, b"who?")
                centre.tokens.discard(token)
                answer = {"certificate": centre.authority.sign(body).decode(), "ca": centre.shown.decode()}
                return self.give(201, json.dumps(answer).encode())

            def give(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        server.socket = self.context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}/engine"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

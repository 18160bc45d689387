"""Authorities and certificates for tests, made by openssl(1)."""

import pathlib
import subprocess

from linkhold.wire.tls import Files

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


class Authority:
    """One authority in a folder of its own, which signs what it is asked to."""

    def __init__(self, folder: pathlib.Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        what = ["req", "-x509", *KEY, "-days", "30", "-subj", f"/O=Test/CN={name}"]
        openssl(*what, "-keyout", str(self.key), "-out", str(self.certificate))

    def issue(self, name: str, days: int = 30) -> Files:
        """A certificate with its key; expired for negative days. It names localhost and its addresses."""
        key, request, certificate = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(NAMES + "\n")
        openssl("req", *KEY, "-subj", f"/O=Test/CN={name}", "-keyout", str(key), "-out", str(request))
        signing = ["-CA", str(self.certificate), "-CAkey", str(self.key), "-CAcreateserial", "-days", str(days)]
        openssl("x509", "-req", "-in", str(request), *signing, "-extfile", str(extensions), "-out", str(certificate))
        return Files(authority=str(self.certificate), certificate=str(certificate), key=str(key))


def openssl(*arguments: str) -> None:
    """Run it."""
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

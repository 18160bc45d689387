"""Builds Debian packages of this tree: ``python packaging/debian/build.py [FOLDER]`` (default: dist), which `make deb` runs.

Needs dpkg-deb and nothing else; why not debhelper stands in README.md beside this. The same tree gives the same bytes.
"""

import email.utils
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

import layout

SCRIPTS: typing.Final = ("preinst", "postinst", "prerm", "postrm")


def main(arguments: typing.Sequence[str]) -> int:
    """Build all; prints their paths."""
    target = pathlib.Path(arguments[0]) if arguments else layout.REPOSITORY / "dist"
    target.mkdir(parents=True, exist_ok=True)
    for package in layout.packages():
        print(build(package, target))
    return 0


def build(package: layout.Package, target: pathlib.Path) -> pathlib.Path:
    """One package; its path."""
    version, released = latest()
    if version != package.version:
        raise SystemExit(f"packaging/debian/changelog is about {version}, but {package.name} is {package.version}")
    path = target / f"{package.name}_{package.version}_all.deb"
    with tempfile.TemporaryDirectory(prefix="linkhold-deb-") as folder:
        root = pathlib.Path(folder) / "root"
        for file in package.files:
            write(root / file.path, file.content, file.mode)
        for name, content, mode in control(package):
            write(root / "DEBIAN" / name, content, mode)
        for place in (root, *(one for one in root.rglob("*") if one.is_dir())):
            place.chmod(0o755)
        # SOURCE_DATE_EPOCH: dpkg-deb gives no file a later time than the release's.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(released)}
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(path)]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return path


def write(path: pathlib.Path, content: bytes, mode: int) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def control(package: layout.Package) -> typing.Iterator[tuple[str, bytes, int]]:
    """The files that dpkg reads: names, contents and modes."""
    recipe = layout.RECIPES / package.name
    kib = sum((len(file.content) + 4095) // 4096 * 4 for file in package.files)
    text = (recipe / "control").read_text().format(version=package.version, size=kib)
    yield "control", text.encode(), 0o644
    settings = {one.lstrip("/") for one in package.settings}
    sums = [
        f"{hashlib.md5(file.content, usedforsecurity=False).hexdigest()}  {file.path}\n"
        for file in sorted(package.files, key=lambda file: file.path)
        if file.path not in settings
    ]
    yield "md5sums", "".join(sums).encode(), 0o644
    if package.settings:
        yield "conffiles", "".join(f"{one}\n" for one in package.settings).encode(), 0o644
    for name in SCRIPTS:
        if (recipe / name).exists():
            yield name, (recipe / name).read_bytes(), 0o755


def latest() -> tuple[str, int]:
    """Version and time (seconds since the epoch) of the newest entry of the change log."""
    text = (layout.RECIPES / "changelog").read_text()
    version = re.match(r"\S+ \((.+?)\)", text)
    signed = re.search(r"^ -- .*>  (.+)$", text, re.MULTILINE)
    if version is None or signed is None:
        raise SystemExit("packaging/debian/changelog does not begin with an entry of Debian's form")
    return version[1], int(email.utils.parsedate_to_datetime(signed[1]).timestamp())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Names of vendors and products by their PCI numbers: the file pci.ids, where a host has one (pci.ids(5), pciutils)."""

from __future__ import annotations

FILES = ("/usr/share/hwdata/pci.ids", "/usr/share/misc/pci.ids")
_END = "C "  # classes of devices follow the last vendor


class ProductNames:
    """Looks numbers up; the file is read once, when the first one is asked for. `root` is put before its paths."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._lines: list[str] | None = None
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def of(self, vendor: str, product: str) -> tuple[str, str]:
        """Vendor and product by name; numbers as sysfs writes them (``0x8086``), names that are not known as ''."""
        numbers = vendor.removeprefix("0x"), product.removeprefix("0x")
        if numbers not in self._known:
            self._known[numbers] = self._search(*numbers)
        return self._known[numbers]

    def _search(self, vendor: str, product: str) -> tuple[str, str]:
        if self._lines is None:
            self._lines = self._read()
        maker = ""
        for line in self._lines:
            if maker and line.startswith(f"\t{product}  "):
                return maker, line[7:].strip()
            if line.startswith(_END) or (maker and line[:1] not in ("\t", "#", "")):
                break
            if line.startswith(f"{vendor}  "):
                maker = line[6:].strip()
        return maker, ""

    def _read(self) -> list[str]:
        for path in FILES:
            try:
                with open(self._root + path, encoding="utf-8", errors="replace") as file:
                    return file.read().splitlines()
            except OSError:  # many hosts have none: then numbers alone are told
                continue
        return []

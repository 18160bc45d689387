"""Names of vendors and products by their PCI numbers: the file pci.ids, where a host has one (pci.ids(5), pciutils).

Looked up once for each product in the life of a process: the file has 35,000 lines, and names do not change.
"""

from __future__ import annotations

from linkhold.foundation.remembered import remembered

FILES = ("/usr/share/hwdata/pci.ids", "/usr/share/misc/pci.ids")
_END = "C "  # classes of devices follow the last vendor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


@remembered
def names_of(vendor: str, product: str, root: str = "") -> tuple[str, str]:
    """Vendor and product by name, from their numbers as sysfs writes them (``0x8086``); '' for what is not known.

    `root` is put before the paths of the file.
    """
    for path in FILES:
        try:
            with open(root + path, encoding="utf-8", errors="replace") as file:
                return _search(file, vendor.removeprefix("0x"), product.removeprefix("0x"))
        except OSError:  # many hosts have none: then numbers alone are told
            continue
    return "", ""


def _search(lines: Iterable[str], vendor: str, product: str) -> tuple[str, str]:
    """A vendor's line begins with its number, the lines of its products behind it with a tab."""
    maker = ""
    for line in lines:
        if maker and line.startswith(f"\t{product}  "):
            return maker, line[7:].strip()
        if line.startswith(_END) or (maker and not line.startswith(("\t", "#", "\n"))):
            break
        if line.startswith(f"{vendor}  "):
            maker = line[6:].strip()
    return maker, ""

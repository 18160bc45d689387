"""What writes the pages of docs/reference: one module for each page."""

import pathlib
import typing

REPOSITORY: typing.Final = pathlib.Path(__file__).resolve().parents[2]

"""The rules for requests, one module for each of the stages in which vdsm looks at them (``network/validator.py``)."""

"""What libraries (and `wire`) tell by Python's logging, as lines of the structured log."""

import logging
import typing

if typing.TYPE_CHECKING:
    from linkhold.foundation.logs import Log


class Structured(logging.Handler):
    """Hands each record on, under the event ``log``."""

    def __init__(self, log: "Log") -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        fields = {"source": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            self._log.bug("log", record.exc_info[1], **fields)
        elif record.levelno >= logging.ERROR:
            self._log.error("log", **fields)
        elif record.levelno >= logging.WARNING:
            self._log.warning("log", **fields)
        else:
            self._log.info("log", **fields)


def listen(log: "Log") -> None:
    """From now on, instead of wherever logging went before."""
    root = logging.getLogger()
    root.handlers = [Structured(log)]
    root.setLevel(logging.INFO)
    logging.getLogger("asyncio").setLevel(logging.WARNING)

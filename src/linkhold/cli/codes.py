"""Exit codes; from 64 on those of sysexits(3), from 128 on a signal's number more."""

import typing

DONE: typing.Final = 0
FAILED: typing.Final = 1
USAGE: typing.Final = 2
STRANDED: typing.Final = 3
DIFFERS: typing.Final = 4
INCOMPLETE: typing.Final = 5
INVALID: typing.Final = 65
UNAVAILABLE: typing.Final = 69
BUSY: typing.Final = 75
NOT_PERMITTED: typing.Final = 77
INTERRUPTED: typing.Final = 130

EXIT_CODES: typing.Final[dict[int, str]] = {
    DONE: "done, or nothing was to be done",
    FAILED: "not done; the host is as it was before",
    USAGE: "the command line is wrong",
    STRANDED: "not done, and the state before could not be restored in full: what is missing is printed",
    DIFFERS: "plan --exit-code, diff --exit-code: there are differences",
    INCOMPLETE: "networks restore: done but for what this host lacks the interfaces for, which is printed",
    INVALID: "the document is wrong; nothing was touched",
    UNAVAILABLE: "this host can't do that (no provider, no kernel module)",
    BUSY: "another transaction is running, or waits for confirmation",
    NOT_PERMITTED: "more privilege is needed (usually: root)",
    INTERRUPTED: "interrupted by Ctrl-C (143: by SIGTERM, 129: by SIGHUP); what was begun was taken back, and is told",
}

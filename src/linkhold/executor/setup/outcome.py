"""How a request that was not carried out is told: a number that the centre knows, a sentence, and all that is known as data."""

import typing

from linkhold.foundation.diagnostics import Invalid, to_plain
from linkhold.foundation.failures import Busy, Failure
from linkhold.networks import codes
from linkhold.networks.request import Rejected
from linkhold.transaction.result import SENTENCES, Result
from linkhold.transaction.result_form import explained

Plain = dict[str, typing.Any]

NO_CONNECTION: typing.Final = "connectivity check failed"
"""As vdsm begins the message of code 10."""

UNAVAILABLE: typing.Final = "Resource unavailable"
"""As vdsm spells the message of code 40."""


class Unsuccessful(Exception):
    """A request was not carried out. `number` is the code on the wire, `data` plain JSON data."""

    def __init__(self, number: int, message: str, data: Plain) -> None:
        super().__init__(message)
        self.number, self.message, self.data = number, message, data


def of_invalid(invalid: Invalid) -> Unsuccessful:
    """The request, or the document that it means, can't be followed; nothing was touched.

    Of several mistakes the message is that of the first (in vdsm's order, where that is known); all stand in the data.
    """
    data = {"diagnostics": to_plain(invalid.diagnostics), "sentence": "Nothing was touched."}
    if isinstance(invalid, Rejected):
        return Unsuccessful(invalid.number, invalid.first.message, data)
    errors = invalid.diagnostics.errors()
    return Unsuccessful(codes.BAD_PARAMS, str(errors[0]) if errors else str(invalid), data)


def of_failure(failure: Failure) -> Unsuccessful:
    """The world did not let it be begun; nothing was touched."""
    data: Plain = {"reason": str(failure), "answer": failure.answer, "sentence": "Nothing was touched."}
    if isinstance(failure, Busy):
        return Unsuccessful(codes.UNAVAILABLE, UNAVAILABLE, data)
    return Unsuccessful(codes.FAILED_IFUP, f"{failure}. Nothing was touched.", data)


def of_result(result: Result) -> Unsuccessful:
    """It was begun, failed, and was taken back (or, stranded, not in full)."""
    data = {
        "transaction": result.transaction,
        "outcome": result.outcome,
        "sentence": result.sentence,
        "reason": result.reason,
        "failed": result.failed,
        "answer": result.answer,
        "mismatches": [explained(one) for one in result.mismatches],
        "missing": [explained(one) for one in result.missing],
        "notes": list(result.notes),
        "timings": result.timings,
    }
    return Unsuccessful(codes.FAILED_IFUP, f"{result.reason}. {result.sentence}", data)


def of_silence(
    transaction: str, requester: str, seconds: float, missing: typing.Sequence[str], timings: Plain
) -> Unsuccessful:
    """Applied, but the requester was not heard in time; it was taken back."""
    outcome: typing.Final = "stranded" if missing else "rolled-back"
    reason = f"nothing was heard of {requester} within {seconds:g} s after the change"
    data = {
        "transaction": transaction,
        "outcome": outcome,
        "sentence": SENTENCES[outcome],
        "reason": reason,
        "missing": list(missing),
        "timings": timings,
    }
    return Unsuccessful(codes.LOST_CONNECTION, f"{NO_CONNECTION}: {reason}. {SENTENCES[outcome]}", data)


def of_nobody() -> Unsuccessful:
    """A check of the connectivity was asked for, and by nobody who could be heard."""
    message = "a connectivity check needs a requester, who is to be heard"
    return Unsuccessful(codes.BAD_PARAMS, message, {"sentence": "Nothing was touched."})


def of_undecided(transaction: str, failure: Failure) -> Unsuccessful:
    """Applied, but it could not be kept (a service would not), or nobody knows how it ended."""
    sentence = "It is not kept: the guard takes it back at its deadline, if that has not been done yet."
    data = {
        "transaction": transaction,
        "outcome": "rolled-back",
        "sentence": sentence,
        "reason": str(failure),
        "answer": failure.answer,
    }
    return Unsuccessful(codes.FAILED_IFUP, f"{failure}. {sentence}", data)

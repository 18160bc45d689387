"""A flood makes few lines in the log."""

import logging

from linkhold.wire.complaints import Complaints


def test_repeated_complaints_are_counted(caplog):
    now = [100.0]
    complaints = Complaints(logging.getLogger("test"), lambda: now[0], every=10)
    for _ in range(5):
        complaints.about("192.0.2.1", "many", "too many of 192.0.2.1")
    complaints.about("192.0.2.2", "many", "too many of 192.0.2.2")
    complaints.about("192.0.2.1", "expired", "expired")
    now[0] += 10
    complaints.about("192.0.2.1", "many", "too many of 192.0.2.1")
    complaints.about("192.0.2.1", "many", "too many of 192.0.2.1")
    assert [record.getMessage() for record in caplog.records] == [
        "too many of 192.0.2.1",
        "too many of 192.0.2.2",
        "expired",
        "too many of 192.0.2.1 (and 4 times since the last such line)",
    ]


def test_many_origins_take_bounded_room():
    complaints = Complaints(logging.getLogger("test"), lambda: 0.0)
    for number in range(5000):
        complaints.about(str(number), "many", "too many")
    assert len(complaints._told) <= 1024

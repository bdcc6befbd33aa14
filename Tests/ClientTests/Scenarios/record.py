"""What the scenarios and the clients share."""

import time
from collections import namedtuple

Record = namedtuple("Record", "key value headers timestamp partition offset")


def record(value, key=None, headers=(), timestamp=None, partition=None):
    return Record(key, value, list(headers), timestamp, partition, None)


def records_of(polled):
    """What clients in Python return of a poll: messages by partition."""
    return [
        Record(m.key, m.value, list(m.headers), m.timestamp, m.partition, m.offset)
        for messages in polled.values()
        for m in messages
    ]


def until(count, poll, seconds=60):
    """Polls until there are as many records, and no more come."""
    records, deadline = [], time.monotonic() + seconds
    while len(records) < count:
        assert time.monotonic() < deadline, f"{len(records)} of {count} records came"
        records += poll()
    records += poll()
    return records

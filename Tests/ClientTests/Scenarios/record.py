"""What the scenarios and the clients share."""

import time
from collections import namedtuple

Record = namedtuple("Record", "key value headers timestamp partition offset")


def record(value, key=None, headers=(), timestamp=None, partition=None):
    return Record(key, value, list(headers), timestamp, partition, None)


def until(count, poll, seconds=60):
    """Polls until there are as many records, and no more come."""
    records, deadline = [], time.monotonic() + seconds
    while len(records) < count:
        assert time.monotonic() < deadline, f"{len(records)} of {count} records came"
        records += poll()
    records += poll()
    return records

"""What a real client does with a node: python scenarios.py CLIENT SCENARIO HOST:PORT

Ends with status 0 where all of it held, and with a traceback where something did not.
"""

import importlib
import os
import subprocess
import sys
import time

from record import record, until


def name(client, scenario):
    return f"{type(client).__module__.removeprefix('client_')}-{scenario}"


def codecs(client):
    """Every codec, with keys, headers, timestamps and null values, comes back as it was sent."""
    topic, sent = name(client, "codecs"), {}
    client.create_topic(topic, 2, {})
    now = int(time.time() * 1000)
    for codec in client.codecs:
        records = [
            record(
                None if i % 10 == 3 else (f"{codec}-{i}-" + "x" * (i % 50)).encode(),
                # A tombstone without a key would say nothing.
                None if i % 7 == 5 and i % 10 != 3 else f"key-{i}".encode(),
                [("codec", codec.encode()), ("empty", b"")] if i % 3 == 0 else [],
                now + i,
                i % 2,
            )
            for i in range(500)
        ]
        for r, place in zip(records, sorted_as_sent(records, client.produce(topic, records, codec, idempotent=True))):
            sent[place] = r
    got = client.consume(topic, len(sent))
    assert len(got) == len(sent), (len(got), len(sent))
    for r in got:
        want = sent[(r.partition, r.offset)]
        assert (r.key, r.value, r.timestamp) == (want.key, want.value, want.timestamp), (r, want)
        assert [(k, v or b"") for k, v in r.headers] == want.headers, (r, want)


def sorted_as_sent(records, places):
    """Where each record is: reports of deliveries may come in another order, but each partition keeps its own."""
    by_partition = {}
    for partition, offset in sorted(places):
        by_partition.setdefault(partition, []).append((partition, offset))
    return [by_partition[r.partition].pop(0) for r in records]


def timestamps(client):
    """Offsets are found by time."""
    topic = name(client, "timestamps")
    client.create_topic(topic, 1, {})
    base = int(time.time() * 1000) - 100_000
    for i in range(20):
        client.produce(topic, [record(f"{i}".encode(), timestamp=base + 1000 * i, partition=0)])
    for i in range(20):
        assert client.offset_for_time(topic, 0, base + 1000 * i) == i
        assert client.offset_for_time(topic, 0, base + 1000 * i - 999) == i
    assert client.offset_for_time(topic, 0, base + 20_000) is None


def large(client):
    """A message of 900 KiB comes back whole."""
    topic = name(client, "large")
    client.create_topic(topic, 1, {})
    values = [os.urandom(900 << 10) for _ in range(3)]
    client.produce(topic, [record(v, partition=0) for v in values])
    assert [r.value for r in client.consume(topic, 3)] == values


def thousand(client):
    """A topic of 1,000 partitions is made, written and read."""
    topic = name(client, "thousand")
    client.create_topic(topic, 1000, {})
    assert client.topics()[topic] == 1000
    client.produce(topic, [record(f"{i}".encode(), partition=i) for i in range(1000)])
    got = client.consume(topic, 1000)
    assert sorted((r.partition, r.value) for r in got) == [(i, f"{i}".encode()) for i in range(1000)]
    client.delete_topic(topic)


def admin(client):
    """Topics are made, described, altered and deleted."""
    topic = name(client, "admin")
    client.create_topic(topic, 4, {"retention.ms": "12345"})
    assert client.topics()[topic] == 4
    assert client.configs(topic)["retention.ms"] == "12345"
    client.alter(topic, "max.message.bytes", "2000")
    assert client.configs(topic)["max.message.bytes"] == "2000"
    client.produce(topic, [record(b"x" * 1000, partition=0)])
    try:
        client.produce(topic, [record(os.urandom(3000), partition=0)])
        raise AssertionError("what is larger than max.message.bytes is taken")
    except AssertionError as error:
        assert "is taken" not in str(error)
    except Exception as error:
        assert "arge" in str(error) or "arge" in type(error).__name__, error
    client.delete_topic(topic)
    assert topic not in client.topics()


def survives(client):
    """What an idempotent producer sends is there once and in order, though the node is killed now and then."""
    topic = name(client, "survives")
    client.create_topic(topic, 1, {})
    values = [f"{i}-".encode() + b"x" * 100 for i in range(2000)]
    client.produce(topic, [record(v, partition=0) for v in values], idempotent=True, pause=0.002)
    assert [r.value for r in client.consume(topic, len(values))] == values


def commits(client):
    """What a group commits is where it goes on: the first half, before a restart of the node."""
    topic = name(client, "commits")
    client.create_topic(topic, 1, {})
    client.produce(topic, [record(f"{i}".encode(), partition=0) for i in range(100)])
    member = client.join(topic, topic, 10_000)
    assert [int(r.value) for r in until(100, member.poll)] == list(range(100))
    member.commit()
    member.close()


def resumes(client):
    """The second half, after a restart."""
    topic = name(client, "commits")
    assert topic in client.groups()
    client.produce(topic, [record(f"{i}".encode(), partition=0) for i in range(100, 150)])
    member = client.join(topic, topic, 10_000)
    assert [int(r.value) for r in until(50, member.poll)] == list(range(100, 150))
    member.close()
    if client.delete_group:
        client.delete_group(topic)
        assert topic not in client.groups()


def group(client):
    """A group of three shares a topic, while members join, leave and crash."""
    topic = name(client, "group")
    client.create_topic(topic, 6, {})
    seen, produced = set(), 0

    def produce(count):
        nonlocal produced
        values = [f"{i}".encode() for i in range(produced, produced + count)]
        client.produce(topic, [record(v, partition=i % 6) for i, v in enumerate(values)])
        produced += count

    members = [MemberProcess(client, topic), MemberProcess(client, topic)]
    produce(300)
    gather(members, seen, produced)
    members.append(MemberProcess(client, topic))
    settle(members, seen)
    produce(300)
    gather(members, seen, produced)
    # One leaves in order: the others have its partitions at once.
    members.pop(0).leave()
    settle(members, seen)
    produce(300)
    gather(members, seen, produced)
    # One crashes: its session has to end first.
    members.pop(0).crash()
    produce(300)
    gather(members, seen, produced)
    settle(members, seen)
    members.pop().leave()
    assert topic in client.groups()


def gather(members, seen, count):
    """Waits until all records have been seen by somebody."""
    deadline = time.monotonic() + 60
    while len(seen) < count:
        assert time.monotonic() < deadline, f"{len(seen)} of {count} records were seen"
        for m in members:
            seen |= m.news()
        time.sleep(0.05)


def settle(members, seen):
    """Waits until each member has its share, and all partitions somebody."""
    deadline = time.monotonic() + 60
    while True:
        for m in members:
            seen |= m.news()
        shares = [m.partitions for m in members]
        if all(shares) and sorted(p for s in shares for p in s) == list(range(6)):
            return
        assert time.monotonic() < deadline, f"the partitions are shared out so: {shares}"
        time.sleep(0.05)


class MemberProcess:
    """A member in a process of its own, which can crash."""

    def __init__(self, client, topic):
        module = type(client).__module__.removeprefix("client_")
        self.process = subprocess.Popen(
            [sys.executable, __file__, module, "member", client.bootstrap, topic],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest, self.partitions = b"", []

    def news(self):
        """The values that it has seen since the last call."""
        values = set()
        self.rest += self.process.stdout.read() or b""
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            kind, *words = line.split()
            if kind == b"values":
                values |= set(words)
            else:
                self.partitions = [int(w) for w in words]
        assert self.process.poll() is None, "a member has ended"
        return values

    def leave(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0

    def crash(self):
        self.process.kill()
        self.process.wait()


def member(client, topic):
    os.set_blocking(0, False)
    me, shares = client.join(topic, topic, 6000), None
    while sys.stdin.buffer.read(1) != b"":
        records = me.poll()
        if records:
            me.commit()
            print("values", *(r.value.decode() for r in records), flush=True)
        if me.partitions() != shares:
            shares = me.partitions()
            print("partitions", *shares, flush=True)
    me.close()


if __name__ == "__main__":
    module, scenario, bootstrap, *rest = sys.argv[1:]
    client = importlib.import_module(f"client_{module}").Client(bootstrap)
    globals()[scenario](client, *rest)
    sys.stdout.flush()
    # Some clients' threads do not end by themselves.
    os._exit(0)

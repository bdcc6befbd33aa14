"""kafka-python: a client in pure Python."""

import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import CommitFailedError, RebalanceInProgressError

from record import records_of, until


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap

    def produce(self, topic, records, codec="none", idempotent=False, pause=0):
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=idempotent,
            acks="all",
            max_request_size=2_000_000,
            linger_ms=5,
        )
        futures = []
        for r in records:
            future = producer.send(
                topic,
                key=r.key,
                value=r.value,
                headers=r.headers,
                timestamp_ms=r.timestamp,
                partition=r.partition,
            )
            futures.append(future)
            time.sleep(pause)
        done = [f.get(90) for f in futures]
        producer.close()
        return [(m.partition, m.offset) for m in done]

    def _consumer(self, group=None, **settings):
        return KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_partition_fetch_bytes=2_000_000,
            **settings,
        )

    def consume(self, topic, count):
        consumer = self._consumer()
        partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        records = until(count, lambda: self._poll(consumer))
        consumer.close()
        return records

    def _poll(self, consumer):
        return records_of(consumer.poll(timeout_ms=500, max_records=500))

    def offset_for_time(self, topic, partition, timestamp):
        consumer = self._consumer()
        found = consumer.offsets_for_times({TopicPartition(topic, partition): timestamp})
        consumer.close()
        found = found[TopicPartition(topic, partition)]
        return None if found is None else found.offset

    def join(self, group, topic, session_ms):
        return Member(self, group, topic, session_ms)

    def _admin(self, body):
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            return body(admin)
        finally:
            admin.close()

    def create_topic(self, name, partitions, configs):
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, topic_configs=configs)
        self._admin(lambda a: a.create_topics([topic]))

    def delete_topic(self, name):
        self._admin(lambda a: a.delete_topics([name]))

    def topics(self):
        topics = self._admin(lambda a: a.describe_topics())
        return {t["name"]: len(t["partitions"]) for t in topics}

    def configs(self, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        return self._admin(lambda a: self._flat(a.describe_configs([resource]), topic))

    @staticmethod
    def _flat(described, topic):
        entries = described["topic"][topic]
        return {name: value["value"] if isinstance(value, dict) else value for name, value in entries.items()}

    def alter(self, topic, name, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})
        self._admin(lambda a: a.alter_configs([resource]))

    def groups(self):
        return {g["group_id"] for g in self._admin(lambda a: a.list_groups())}

    def delete_group(self, group):
        self._admin(lambda a: a.delete_groups([group]))


class Member:
    def __init__(self, client, group, topic, session_ms):
        self.client = client
        self.consumer = client._consumer(
            group, session_timeout_ms=session_ms, heartbeat_interval_ms=500
        )
        self.consumer.subscribe([topic])

    def poll(self):
        return self.client._poll(self.consumer)

    def commit(self):
        try:
            self.consumer.commit()
        except (CommitFailedError, RebalanceInProgressError):
            pass

    def partitions(self):
        return sorted(p.partition for p in self.consumer.assignment())

    def close(self):
        self.consumer.close()

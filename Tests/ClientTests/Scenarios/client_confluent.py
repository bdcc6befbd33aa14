"""librdkafka, through confluent-kafka."""

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from record import Record, until


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def produce(self, topic, records, codec="none", idempotent=False, pause=0):
        """Produces the records, with a pause behind each, and returns their partitions and offsets."""
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "compression.type": codec,
                "enable.idempotence": idempotent,
                "message.max.bytes": 2_000_000,
                "linger.ms": 5,
            }
        )
        done = []

        def delivered(error, message):
            assert error is None, error
            done.append((message.partition(), message.offset()))

        for record in records:
            producer.produce(
                topic,
                key=record.key,
                value=record.value,
                headers=record.headers,
                timestamp=record.timestamp or 0,
                on_delivery=delivered,
                **({} if record.partition is None else {"partition": record.partition}),
            )
            producer.poll(pause)
        assert producer.flush(90) == 0
        assert len(done) == len(records)
        return done

    def _consumer(self, group="none", **settings):
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "fetch.message.max.bytes": 2_000_000,
                **settings,
            }
        )

    def consume(self, topic, count):
        consumer = self._consumer()
        partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
        consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
        records = until(count, lambda: self._poll(consumer))
        consumer.close()
        return records

    def _poll(self, consumer, seconds=0.5):
        records = []
        for message in consumer.consume(500, seconds):
            if message.error():
                assert message.error().retriable() or message.error().code() in (
                    KafkaError._PARTITION_EOF,
                    KafkaError.UNKNOWN_TOPIC_OR_PART,
                ), message.error()
                continue
            records.append(
                Record(
                    message.key(),
                    message.value(),
                    message.headers() or [],
                    message.timestamp()[1],
                    message.partition(),
                    message.offset(),
                )
            )
        return records

    def offset_for_time(self, topic, partition, timestamp):
        consumer = self._consumer()
        found = consumer.offsets_for_times([TopicPartition(topic, partition, timestamp)], timeout=30)[0]
        assert found.error is None, found.error
        consumer.close()
        return None if found.offset < 0 else found.offset

    def join(self, group, topic, session_ms):
        return Member(self, group, topic, session_ms)

    def create_topic(self, name, partitions, configs):
        self.admin.create_topics([NewTopic(name, partitions, 1, config=configs)])[name].result(60)

    def delete_topic(self, name):
        self.admin.delete_topics([name])[name].result(60)

    def topics(self):
        return {name: len(t.partitions) for name, t in self.admin.list_topics(timeout=30).topics.items()}

    def configs(self, topic):
        resource = ConfigResource(ResourceType.TOPIC, topic)
        return {k: v.value for k, v in self.admin.describe_configs([resource])[resource].result(30).items()}

    def alter(self, topic, name, value):
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        self.admin.incremental_alter_configs([resource])[resource].result(30)

    def groups(self):
        return {g.group_id for g in self.admin.list_consumer_groups().result(30).valid}

    def delete_group(self, group):
        self.admin.delete_consumer_groups([group])[group].result(30)


class Member:
    def __init__(self, client, group, topic, session_ms):
        self.client = client
        self.consumer = client._consumer(
            group, **{"session.timeout.ms": session_ms, "heartbeat.interval.ms": 500}
        )
        self.consumer.subscribe([topic])

    def poll(self):
        return self.client._poll(self.consumer)

    def commit(self):
        if self.consumer.assignment():
            try:
                self.consumer.commit(asynchronous=False)
            except Exception as error:
                if error.args[0].code() not in (
                    KafkaError._NO_OFFSET,
                    KafkaError.REBALANCE_IN_PROGRESS,
                    KafkaError.ILLEGAL_GENERATION,
                    KafkaError.UNKNOWN_MEMBER_ID,
                ):
                    raise

    def partitions(self):
        return sorted(p.partition for p in self.consumer.assignment())

    def close(self):
        self.consumer.close()

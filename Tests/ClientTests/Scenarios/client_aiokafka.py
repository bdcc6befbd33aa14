"""aiokafka: a client on asyncio."""

import asyncio
import threading

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import CommitFailedError, IllegalGenerationError, UnknownMemberIdError

from record import records_of, until


class Client:
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        # One loop for all, which goes on while the scenario does something else, so that members send heartbeats.
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(90)

    def produce(self, topic, records, codec="none", idempotent=False, pause=0):
        return self.run(self._produce(topic, records, codec, idempotent, pause))

    async def _produce(self, topic, records, codec, idempotent, pause):
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=idempotent,
            acks="all",
            max_request_size=2_000_000,
            linger_ms=5,
        )
        await producer.start()
        try:
            futures = []
            for r in records:
                future = await producer.send(
                    topic,
                    key=r.key,
                    value=r.value,
                    headers=r.headers,
                    timestamp_ms=r.timestamp,
                    partition=r.partition,
                )
                futures.append(future)
                if pause:
                    await asyncio.sleep(pause)
            done = [await f for f in futures]
            return [(m.partition, m.offset) for m in done]
        finally:
            await producer.stop()

    def _consumer(self, *topics, group=None, **settings):
        return AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_partition_fetch_bytes=2_000_000,
            **settings,
        )

    async def _started(self, *topics, **settings):
        consumer = self._consumer(*topics, **settings)
        await consumer.start()
        return consumer

    def consume(self, topic, count):
        consumer = self.run(self._started(topic))
        self.run(consumer.seek_to_beginning())
        records = until(count, lambda: self._poll(consumer))
        self.run(consumer.stop())
        return records

    def _poll(self, consumer):
        return records_of(self.run(consumer.getmany(timeout_ms=500, max_records=500)))

    def offset_for_time(self, topic, partition, timestamp):
        consumer = self.run(self._started(topic))
        place = TopicPartition(topic, partition)
        found = self.run(consumer.offsets_for_times({place: timestamp}))[place]
        self.run(consumer.stop())
        return None if found is None else found.offset

    def join(self, group, topic, session_ms):
        return Member(self, group, topic, session_ms)

    async def _admin(self, body):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            return await body(admin)
        finally:
            await admin.close()

    def create_topic(self, name, partitions, configs):
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, topic_configs=configs)
        answer = self.run(self._admin(lambda a: a.create_topics([topic])))
        assert all(t[1] == 0 for t in answer.topic_errors), answer

    def delete_topic(self, name):
        self.run(self._admin(lambda a: a.delete_topics([name])))

    def topics(self):
        topics = self.run(self._admin(lambda a: a.describe_topics()))
        return {t["topic"]: len(t["partitions"]) for t in topics}

    def configs(self, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        answers = self.run(self._admin(lambda a: a.describe_configs([resource])))
        return {entry[0]: entry[1] for answer in answers for r in answer.resources for entry in r[4]}

    def alter(self, topic, name, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})
        self.run(self._admin(lambda a: a.alter_configs([resource])))

    def groups(self):
        return {g[0] for g in self.run(self._admin(lambda a: a.list_consumer_groups()))}

    delete_group = None


class Member:
    def __init__(self, client, group, topic, session_ms):
        self.client = client
        self.consumer = client.run(
            client._started(
                topic, group=group, session_timeout_ms=session_ms, heartbeat_interval_ms=500
            )
        )

    def poll(self):
        return self.client._poll(self.consumer)

    def commit(self):
        try:
            self.client.run(self.consumer.commit())
        except (CommitFailedError, IllegalGenerationError, UnknownMemberIdError):
            pass

    def partitions(self):
        return sorted(p.partition for p in self.consumer.assignment())

    def close(self):
        self.client.run(self.consumer.stop())

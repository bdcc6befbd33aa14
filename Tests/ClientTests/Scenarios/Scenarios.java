import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

/** What Apache's own client does with a node: the scenarios of scenarios.py. */
public class Scenarios {
    final String bootstrap, name;

    Scenarios(String bootstrap, String scenario) {
        this.bootstrap = bootstrap;
        // The second half of a scenario goes on with the first one's topic.
        name = "java-" + (scenario.equals("resumes") ? "commits" : scenario);
    }

    public static void main(String[] words) throws Exception {
        Scenarios scenarios = new Scenarios(words[1], words[0]);
        switch (words[0]) {
            case "codecs": scenarios.codecs(); break;
            case "timestamps": scenarios.timestamps(); break;
            case "large": scenarios.large(); break;
            case "thousand": scenarios.thousand(); break;
            case "admin": scenarios.admin(); break;
            case "survives": scenarios.survives(); break;
            case "commits": scenarios.commits(); break;
            case "resumes": scenarios.resumes(); break;
            case "group": scenarios.group(); break;
            case "member": scenarios.member(words[2]); break;
            default: throw new IllegalArgumentException(words[0]);
        }
        System.exit(0);
    }

    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    static byte[] bytes(String text) { return text.getBytes(StandardCharsets.UTF_8); }

    static String text(byte[] bytes) { return new String(bytes, StandardCharsets.UTF_8); }

    // Clients

    Producer<byte[], byte[]> producer(String codec, boolean idempotent) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("compression.type", codec);
        settings.put("enable.idempotence", idempotent);
        settings.put("acks", "all");
        settings.put("max.request.size", 2_000_000);
        settings.put("linger.ms", 5);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    List<RecordMetadata> produce(List<ProducerRecord<byte[], byte[]>> records, String codec)
        throws Exception {
        return produce(records, codec, false, 0);
    }

    List<RecordMetadata> produce(
        List<ProducerRecord<byte[], byte[]>> records, String codec, boolean idempotent, long pause
    ) throws Exception {
        try (Producer<byte[], byte[]> producer = producer(codec, idempotent)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> record : records) {
                sent.add(producer.send(record));
                Thread.sleep(pause);
            }
            List<RecordMetadata> places = new ArrayList<>();
            for (Future<RecordMetadata> future : sent) places.add(future.get(90, TimeUnit.SECONDS));
            return places;
        }
    }

    void produce(IntStream values, int partitions) throws Exception {
        produce(
            values.mapToObj(i -> new ProducerRecord<>(name, i % partitions, (byte[]) null, bytes("" + i)))
                .collect(Collectors.toList()),
            "none"
        );
    }

    Consumer<byte[], byte[]> consumer(String group) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("session.timeout.ms", 6000);
        settings.put("heartbeat.interval.ms", 500);
        settings.put("max.partition.fetch.bytes", 2_000_000);
        if (group != null) settings.put("group.id", group);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    List<ConsumerRecord<byte[], byte[]>> consume(int count) {
        try (Consumer<byte[], byte[]> consumer = consumer(null)) {
            consumer.assign(
                consumer.partitionsFor(name).stream().map(p -> new TopicPartition(name, p.partition()))
                    .collect(Collectors.toList())
            );
            return until(count, consumer);
        }
    }

    List<ConsumerRecord<byte[], byte[]>> until(int count, Consumer<byte[], byte[]> consumer) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (records.size() < count) {
            check(System.nanoTime() < deadline, records.size() + " of " + count + " records came");
            consumer.poll(Duration.ofMillis(500)).forEach(records::add);
        }
        consumer.poll(Duration.ofMillis(500)).forEach(records::add);
        check(records.size() == count, records.size() + " records came, not " + count);
        return records;
    }

    Admin client() { return Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap)); }

    void createTopic(int partitions, Map<String, String> configs) throws Exception {
        try (Admin admin = client()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs))).all().get();
        }
    }

    // Scenarios

    void codecs() throws Exception {
        createTopic(2, Map.of());
        Map<String, ProducerRecord<byte[], byte[]>> sent = new HashMap<>();
        long now = System.currentTimeMillis();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                byte[] value = i % 10 == 3 ? null : bytes(codec + "-" + i + "-" + "x".repeat(i % 50));
                byte[] key = i % 7 == 5 && value != null ? null : bytes("key-" + i);
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(name, i % 2, now + i, key, value);
                if (i % 3 == 0) {
                    record.headers().add(new RecordHeader("codec", bytes(codec))).add("empty", new byte[0]);
                    record.headers().add("null", null);
                }
                records.add(record);
            }
            List<RecordMetadata> places = produce(records, codec, true, 0);
            for (int i = 0; i < 500; i++) {
                sent.put(places.get(i).partition() + "/" + places.get(i).offset(), records.get(i));
            }
        }
        for (ConsumerRecord<byte[], byte[]> got : consume(sent.size())) {
            ProducerRecord<byte[], byte[]> want = sent.get(got.partition() + "/" + got.offset());
            check(Arrays.equals(got.key(), want.key()) && Arrays.equals(got.value(), want.value()), "" + got);
            check(got.timestamp() == want.timestamp() && got.headers().equals(want.headers()), "" + got);
        }
    }

    void survives() throws Exception {
        createTopic(1, Map.of());
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            records.add(new ProducerRecord<>(name, 0, (byte[]) null, bytes(i + "-" + "x".repeat(100))));
        }
        produce(records, "none", true, 2);
        List<ConsumerRecord<byte[], byte[]>> got = consume(records.size());
        for (int i = 0; i < got.size(); i++) {
            check(Arrays.equals(got.get(i).value(), records.get(i).value()), "record " + i + " is not as it was sent");
        }
    }

    void timestamps() throws Exception {
        createTopic(1, Map.of());
        long base = System.currentTimeMillis() - 100_000;
        for (int i = 0; i < 20; i++) {
            produce(List.of(new ProducerRecord<>(name, 0, base + 1000 * i, null, bytes("" + i))), "none");
        }
        TopicPartition place = new TopicPartition(name, 0);
        try (Consumer<byte[], byte[]> consumer = consumer(null)) {
            for (int i = 0; i < 20; i++) {
                check(consumer.offsetsForTimes(Map.of(place, base + 1000L * i)).get(place).offset() == i, "at " + i);
                check(consumer.offsetsForTimes(Map.of(place, base + 1000L * i - 999)).get(place).offset() == i, "below " + i);
            }
            check(consumer.offsetsForTimes(Map.of(place, base + 20_000)).get(place) == null, "above all");
        }
        try (Admin admin = client()) {
            ListOffsetsResult.ListOffsetsResultInfo largest =
                admin.listOffsets(Map.of(place, OffsetSpec.maxTimestamp())).partitionResult(place).get();
            check(largest.offset() == 19 && largest.timestamp() == base + 19_000, "the largest timestamp");
        }
    }

    void large() throws Exception {
        createTopic(1, Map.of());
        Random random = new Random(1);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            byte[] value = new byte[900 << 10];
            random.nextBytes(value);
            records.add(new ProducerRecord<>(name, 0, null, value));
        }
        produce(records, "none");
        List<ConsumerRecord<byte[], byte[]>> got = consume(3);
        for (int i = 0; i < 3; i++) check(Arrays.equals(got.get(i).value(), records.get(i).value()), "message " + i);
    }

    void thousand() throws Exception {
        createTopic(1000, Map.of());
        produce(IntStream.range(0, 1000), 1000);
        Set<String> got = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> record : consume(1000)) got.add(record.partition() + "/" + text(record.value()));
        check(got.equals(IntStream.range(0, 1000).mapToObj(i -> i + "/" + i).collect(Collectors.toCollection(TreeSet::new))), "all");
        try (Admin admin = client()) { admin.deleteTopics(List.of(name)).all().get(); }
    }

    void admin() throws Exception {
        createTopic(4, Map.of("retention.ms", "12345"));
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try (Admin admin = client()) {
            check(admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size() == 4, "partitions");
            check(admin.describeCluster().nodes().get().size() == 1, "one node");
            check("12345".equals(admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value()), "config");
            AlterConfigOp change = new AlterConfigOp(new ConfigEntry("max.message.bytes", "2000"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
            check("2000".equals(admin.describeConfigs(List.of(topic)).all().get().get(topic).get("max.message.bytes").value()), "altered");
            admin.createPartitions(Map.of(name, NewPartitions.increaseTo(6))).all().get();
            check(admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size() == 6, "more partitions");
            produce(List.of(new ProducerRecord<>(name, 5, (byte[]) null, new byte[1000])), "none");
            try {
                produce(List.of(new ProducerRecord<>(name, 0, (byte[]) null, new byte[3000])), "none");
                check(false, "what is larger than max.message.bytes is taken");
            } catch (ExecutionException error) {
                check(error.getCause() instanceof RecordTooLargeException, "" + error);
            }
            TopicPartition place = new TopicPartition(name, 5);
            check(admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(1))).lowWatermarks().get(place).get().lowWatermark() == 1, "low watermark");
            int node = admin.describeCluster().nodes().get().iterator().next().id();
            check(!admin.describeLogDirs(List.of(node)).allDescriptions().get().get(node).isEmpty(), "directories");
            admin.deleteTopics(List.of(name)).all().get();
            check(!admin.listTopics().names().get().contains(name), "deleted");
        }
    }

    void commits() throws Exception {
        createTopic(1, Map.of());
        produce(IntStream.range(0, 100), 1);
        try (Consumer<byte[], byte[]> consumer = consumer(name)) {
            consumer.subscribe(List.of(name));
            int next = 0;
            for (ConsumerRecord<byte[], byte[]> record : until(100, consumer)) {
                check(text(record.value()).equals("" + next++), "in order");
            }
            consumer.commitSync();
        }
    }

    void resumes() throws Exception {
        try (Admin admin = client()) {
            produce(IntStream.range(100, 150), 1);
            try (Consumer<byte[], byte[]> consumer = consumer(name)) {
                consumer.subscribe(List.of(name));
                int next = 100;
                for (ConsumerRecord<byte[], byte[]> record : until(50, consumer)) {
                    check(text(record.value()).equals("" + next++), "goes on");
                }
            }
            Map<TopicPartition, OffsetAndMetadata> offsets =
                admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get();
            check(offsets.get(new TopicPartition(name, 0)).offset() == 100, "" + offsets);
            admin.deleteConsumerGroups(List.of(name)).all().get();
        }
    }

    void group() throws Exception {
        createTopic(6, Map.of());
        Set<String> seen = new HashSet<>();
        Deque<Member> members = new ArrayDeque<>(List.of(new Member(), new Member()));
        produce(IntStream.range(0, 300), 6);
        gather(members, seen, 300);
        members.add(new Member());
        settle(members, seen);
        produce(IntStream.range(300, 600), 6);
        gather(members, seen, 600);
        members.poll().leave();
        settle(members, seen);
        produce(IntStream.range(600, 900), 6);
        gather(members, seen, 900);
        members.poll().process.destroyForcibly().waitFor();
        produce(IntStream.range(900, 1200), 6);
        gather(members, seen, 1200);
        settle(members, seen);
        try (Admin admin = client()) {
            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(name)).all().get().get(name);
            check(group.members().size() == 1, "" + group);
        }
        members.poll().leave();
    }

    void gather(Collection<Member> members, Set<String> seen, int count) throws Exception {
        for (long end = System.nanoTime() + 60_000_000_000L; seen.size() < count; Thread.sleep(50)) {
            check(System.nanoTime() < end, seen.size() + " of " + count + " records were seen");
            for (Member member : members) member.news(seen);
        }
    }

    void settle(Collection<Member> members, Set<String> seen) throws Exception {
        for (long end = System.nanoTime() + 60_000_000_000L; ; Thread.sleep(50)) {
            List<String> all = new ArrayList<>();
            boolean haveSome = true;
            for (Member member : members) {
                member.news(seen);
                all.addAll(member.partitions);
                haveSome &= !member.partitions.isEmpty();
            }
            Collections.sort(all);
            if (haveSome && all.equals(List.of("0", "1", "2", "3", "4", "5"))) return;
            check(System.nanoTime() < end, "the partitions are shared out so: " + all);
        }
    }

    /** A member in a process of its own, which can crash. */
    class Member {
        final Process process;
        final BufferedReader output;
        List<String> partitions = List.of();

        Member() throws IOException {
            process = new ProcessBuilder(
                "java", "-cp", System.getProperty("java.class.path"),
                System.getProperty("scenarios"), "member", bootstrap, name
            ).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            output = process.inputReader();
        }

        void news(Set<String> seen) throws IOException {
            check(process.isAlive(), "a member has ended");
            while (output.ready()) {
                List<String> words = List.of(output.readLine().split(" "));
                if (words.get(0).equals("values")) seen.addAll(words.subList(1, words.size()));
                else partitions = words.subList(1, words.size());
            }
        }

        void leave() throws Exception {
            process.outputWriter().close();
            check(process.waitFor() == 0, "a member has failed");
        }
    }

    void member(String topic) throws Exception {
        try (Consumer<byte[], byte[]> consumer = consumer(topic)) {
            consumer.subscribe(List.of(topic));
            Set<TopicPartition> shares = Set.of();
            CountDownLatch end = new CountDownLatch(1);
            Thread reader = new Thread(() -> {
                try { while (System.in.read() >= 0) { } } catch (IOException error) { }
                end.countDown();
            });
            reader.setDaemon(true);
            reader.start();
            while (end.getCount() > 0) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) {
                    try { consumer.commitSync(); } catch (CommitFailedException error) { }
                    StringBuilder line = new StringBuilder("values");
                    records.forEach(record -> line.append(' ').append(text(record.value())));
                    System.out.println(line);
                }
                if (!consumer.assignment().equals(shares)) {
                    shares = Set.copyOf(consumer.assignment());
                    System.out.println("partitions" + shares.stream().map(p -> " " + p.partition()).sorted().collect(Collectors.joining()));
                }
            }
        }
    }
}

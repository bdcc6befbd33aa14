import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Prints random messages as the Java client's own classes encode them: for each line of standard input
 * ("Fetch 4 17": an API and the first and last version), several requests and responses of each version, one JSON
 * object a line: api, kind, version, json (in Kafka's own JSON form; a tagged field that is not there
 * has its default), hex (the body, without a header).
 *
 * What a message may contain is taken from the definitions that the client's jar carries. The generator is seeded, so
 * its output is the same each time.
 */
public final class GenerateMessages {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);
    private static final int MESSAGES_PER_VERSION = 3;

    private final Random random;
    private final int version;
    private final Map<String, JsonNode> commonStructs = new HashMap<>();
    /** Of elements in arrays: one message of each version is small, one large. */
    private final int largestArray;

    private GenerateMessages(Random random, int version, int largestArray, JsonNode definition) {
        this.random = random;
        this.version = version;
        this.largestArray = largestArray;
        for (JsonNode struct : definition.path("commonStructs")) {
            commonStructs.put(struct.get("name").asText(), struct.get("fields"));
        }
    }

    public static void main(String[] arguments) throws Exception {
        java.util.Scanner lines = new java.util.Scanner(System.in);
        while (lines.hasNext()) {
            String api = lines.next();
            int first = lines.nextInt();
            int last = lines.nextInt();
            for (String kind : new String[] {"Request", "Response"}) {
                JsonNode definition = definition(api + kind);
                for (int version = first; version <= last; version++) {
                    Random random = new Random((api + kind).hashCode() * 100L + version);
                    for (int count = 0; count < MESSAGES_PER_VERSION; count++) {
                        print(api, kind, version, new GenerateMessages(random, version, count + 1, definition), definition);
                    }
                }
            }
        }
    }

    private static JsonNode definition(String name) throws Exception {
        try (InputStream stream = Message.class.getResourceAsStream("/common/message/" + name + ".json")) {
            return MAPPER.readTree(stream);
        }
    }

    private static void print(String api, String kind, int version, GenerateMessages generator, JsonNode definition)
            throws Exception {
        String name = "org.apache.kafka.common.message." + api + kind + "Data";
        Class<?> converter = Class.forName(name + "JsonConverter");
        ObjectNode json = generator.structure(definition.get("fields"));
        Message message = (Message) converter
            .getMethod("read", JsonNode.class, short.class)
            .invoke(null, json, (short) version);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, (short) version));
        message.write(new ByteBufferAccessor(buffer), cache, (short) version);
        if (buffer.hasRemaining()) throw new AssertionError(name + " is shorter than it said");
        ObjectNode line = NODES.objectNode();
        line.put("api", api);
        line.put("kind", kind);
        line.put("version", version);
        line.set("json", json);
        line.put("hex", HexFormat.of().formatHex(buffer.array()));
        System.out.println(line);
    }

    private boolean has(JsonNode field, String versions) {
        String text = field.path(versions).asText("none");
        if (text.equals("none")) return false;
        if (text.endsWith("+")) return version >= Integer.parseInt(text.substring(0, text.length() - 1));
        String[] bounds = text.split("-");
        return version >= Integer.parseInt(bounds[0]) && version <= Integer.parseInt(bounds[bounds.length - 1]);
    }

    private ObjectNode structure(JsonNode fields) {
        ObjectNode node = NODES.objectNode();
        for (JsonNode field : fields) {
            if (!has(field, "versions")) continue;
            // A tagged field that is not there has its default.
            if (has(field, "taggedVersions") && random.nextInt(3) == 0) continue;
            String name = field.get("name").asText();
            name = name.substring(0, 1).toLowerCase() + name.substring(1);
            boolean isNull = has(field, "nullableVersions") && random.nextInt(4) == 0;
            node.set(name, isNull ? NODES.nullNode() : value(field, field.get("type").asText()));
        }
        return node;
    }

    private JsonNode value(JsonNode field, String type) {
        if (type.startsWith("[]")) {
            ArrayNode array = NODES.arrayNode();
            for (int count = random.nextInt(largestArray + 1); count > 0; count--) {
                array.add(value(field, type.substring(2)));
            }
            return array;
        }
        switch (type) {
            case "bool": return NODES.booleanNode(random.nextBoolean());
            case "int8": return NODES.numberNode((byte) integer(8));
            case "int16": return NODES.numberNode((short) integer(16));
            case "uint16": return NODES.numberNode((int) (integer(17) & 0xffff));
            case "int32": return NODES.numberNode((int) integer(32));
            case "uint32": return NODES.numberNode(integer(33) & 0xffffffffL);
            case "int64": return NODES.numberNode(integer(64));
            case "float64": return NODES.numberNode(random.nextGaussian());
            case "uuid": return NODES.textNode(new Uuid(random.nextLong(), random.nextLong()).toString());
            case "string": return NODES.textNode(string());
            case "bytes": case "records": return NODES.binaryNode(bytes());
            default: return structure(field.has("fields") ? field.get("fields") : commonStructs.get(type));
        }
    }

    /** Small, extreme or anything, in so many bits. */
    private long integer(int bits) {
        switch (random.nextInt(4)) {
            case 0: return random.nextInt(3) - 1;
            case 1: return (random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE) >> (64 - bits);
            default: return random.nextLong() >> (64 - bits);
        }
    }

    /** Some long enough for a compact length of two bytes, some of more than ASCII. */
    private String string() {
        int length = random.nextInt(20) == 0 ? 130 : random.nextInt(8);
        StringBuilder text = new StringBuilder();
        while (length-- > 0) text.appendCodePoint(random.nextInt(10) == 0 ? 0x20ac : 'a' + random.nextInt(26));
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(20) == 0 ? 200 : random.nextInt(12)];
        random.nextBytes(bytes);
        return bytes;
    }
}

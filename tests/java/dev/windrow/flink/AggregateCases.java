package dev.windrow.flink;

import java.io.File;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Objects;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Runs tests/cases/aggregates/*.json, the same files as the Rust side: each case in three orders of arrival and two sizes of chunk, the small one so
 * that trees grow high; then again after events before the window were trimmed. Exit code 1 on a difference.
 */
public final class AggregateCases {
  private static final int[] MANY = {EventTree.CHUNK_EVENTS_MAX};
  private static final int[] CHUNKS = {2, EventTree.CHUNK_EVENTS_MAX};
  private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static final class Memory implements EventTree.Store {
    final Map<Long, byte[]> nodes = new HashMap<>();

    @Override
    public byte[] get(long id) {
      return nodes.get(id);
    }

    @Override
    public void put(long id, byte[] node) {
      nodes.put(id, node);
    }

    @Override
    public void remove(long id) {
      if (nodes.remove(id) == null) throw new IllegalStateException("removed a node that was never written: " + id);
    }
  }

  private AggregateCases() {}

  public static void main(String[] args) throws Exception {
    int cases = 0;
    List<String> failures = new ArrayList<>();
    File[] files = new File(args[0]).listFiles((folder, name) -> name.endsWith(".json"));
    Arrays.sort(files);
    for (File file : files) {
      Aggregate aggregate = Aggregate.valueOf(file.getName().replace(".json", "").toUpperCase());
      for (JsonNode one : JSON.readTree(file)) {
        cases++;
        check(aggregate, one, failures);
      }
    }
    failures.forEach(System.out::println);
    System.out.println(cases + " cases, " + failures.size() + " differences");
    System.exit(failures.isEmpty() && cases > 0 ? 0 : 1);
  }

  private static void check(Aggregate aggregate, JsonNode one, List<String> failures) throws Exception {
    String type = one.get("type").isNull() ? null : one.get("type").asText();
    Type argument = type == null ? null : Type.parse(type);
    Type result = aggregate.result(argument);
    String label = aggregate + ", " + type + ", " + one.get("name").asText() + ": ";
    if (!result.toString().equals(one.get("result").asText())) failures.add(label + "result type is " + result);
    List<JsonNode> events = new ArrayList<>();
    one.get("events").forEach(events::add);
    // `upto`: the ints from 0, one a millisecond.
    int counted = one.path("upto").asInt();
    for (int i = 0; i < counted; i++) events.add(JSON.createObjectNode().put("ts", i).put("id", "").put("v", i));
    Spec spec = spec(aggregate, one, type);
    Object expected = value(result, one.get("expect"));
    // Many values are about what is kept of them, not about trees.
    for (int order = 0; order < (counted > 0 ? 1 : 3); order++) {
      if (order == 1) Collections.reverse(events);
      if (order == 2) Collections.shuffle(events, new Random(1));
      for (int chunk : counted > 0 ? MANY : CHUNKS) {
        for (boolean trim : new boolean[] {false, true}) {
          Object found = run(spec, events, one.get("window"), chunk, trim);
          if (!same(expected, found)) failures.add(label + "expected " + show(result, expected) + ", found " + show(result, found) + " (order " + order + ", chunk " + chunk + ", trim " + trim + ")");
        }
      }
    }
  }

  private static Spec spec(Aggregate aggregate, JsonNode one, String type) {
    Spec spec = Spec.node("case").copies();
    Call call = Call.of(aggregate).parameter(one.has("k") ? one.get("k").asLong() : one.has("p") ? billionths(one.get("p").asText()) : 0);
    if (type != null) {
      spec.column("v", type);
      call.value("v");
    }
    if (one.hasNonNull("order")) {
      spec.column("o", one.get("order").asText());
      call.order("o");
    }
    return spec.feature("f", call, Window.exact(1, 1));
  }

  private static long billionths(String fraction) {
    return new BigDecimal(fraction).movePointRight(9).longValueExact();
  }

  /** One tree per event, as in the operator: all but the bytes in the store is forgotten in between. */
  private static Object run(Spec spec, List<JsonNode> events, JsonNode window, int chunk, boolean trim) throws Exception {
    Memory store = new Memory();
    Cells cells = new Cells(spec);
    long from = window.get(0).asLong();
    EventTree tree = new EventTree(store, cells, 0, new Node(0), chunk);
    int copy = 0;
    for (JsonNode event : events) {
      Object[] values = new Object[spec.columns.size()];
      for (int i = 0; i < values.length; i++) values[i] = value(spec.type(i), event.get(spec.columns.get(i).name()));
      byte[] hash = Arrays.copyOf(Integer.toString(copy++).getBytes(StandardCharsets.UTF_8), 16);
      long ts = event.get("ts").asLong();
      if (tree.holds(ts, hash)) throw new IllegalStateException("holds what it was never given");
      tree.insert(ts, cells.event(hash, event.get("id").asText().getBytes(StandardCharsets.UTF_8), 0, values));
      if (!tree.holds(ts, hash)) throw new IllegalStateException("lost an event");
      tree = reopen(store, cells, tree, chunk);
    }
    if (trim) {
      tree.trim(from);
      tree = reopen(store, cells, tree, chunk);
    }
    cells.clear();
    tree.aggregate(from, window.get(1).asLong(), new boolean[] {true});
    return cells.value(spec.features.get(0));
  }

  private static EventTree reopen(Memory store, Cells cells, EventTree tree, int chunk) throws Exception {
    tree.flush();
    return new EventTree(store, cells, tree.nextId(), Node.read(new In(tree.root().toBytes())), chunk);
  }

  static Object value(Type type, JsonNode json) {
    if (json.isNull()) return null;
    return switch (type.kind) {
      case LIST -> list(type, json);
      case STRUCT -> struct(type, json);
      case MAP -> map(type, json);
      case BOOL -> json.asBoolean();
      case INT -> json.asLong();
      case TIMESTAMP -> type.fromFlink(Instant.ofEpochMilli(json.asLong()));
      case DATE -> type.fromFlink(LocalDate.parse(json.asText()));
      case DOUBLE -> type.fromFlink(Double.parseDouble(json.asText()));
      case DECIMAL -> type.fromFlink(new BigDecimal(json.asText()));
      case STRING, BYTES -> json.asText().getBytes(StandardCharsets.UTF_8);
    };
  }

  private static Object[] list(Type type, JsonNode json) {
    Object[] elements = new Object[json.size()];
    for (int i = 0; i < elements.length; i++) elements[i] = value(type.element, json.get(i));
    return elements;
  }

  private static Object[] struct(Type type, JsonNode json) {
    Object[] values = new Object[json.size()];
    for (int i = 0; i < values.length; i++) values[i] = value(type.fields.get(i).type(), json.get(i));
    return values;
  }

  /** An object, or a list of pairs. */
  private static Object map(Type type, JsonNode json) {
    Map<Object, Object> map = new HashMap<>();
    if (json.isArray()) json.forEach(pair -> map.put(outside(type.key, pair.get(0)), outside(type.element, pair.get(1))));
    else json.fields().forEachRemaining(entry -> map.put(outside(type.key, JSON.getNodeFactory().textNode(entry.getKey())), outside(type.element, entry.getValue())));
    return type.fromFlink(map);
  }

  private static Object outside(Type type, JsonNode json) {
    return type.toFlink(value(type, json));
  }

  private static boolean same(Object a, Object b) {
    return Objects.deepEquals(a, b); // Double.equals compares bits
  }

  static String show(Type type, Object value) {
    return Arrays.deepToString(new Object[] {type.element == null ? type.toFlink(value) : value});
  }
}

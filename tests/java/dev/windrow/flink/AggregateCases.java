package dev.windrow.flink;

import java.io.File;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Runs tests/cases/aggregates/*.json, the same files as the Rust side: each case in three orders of arrival and two sizes of chunk, the small one so
 * that trees grow high; then again after events before the window were trimmed. Exit code 1 on a difference.
 */
public final class AggregateCases {
  /** Aggregates that bundles have no form for yet: only the Rust side runs their cases. */
  private static final Set<String> NOT_YET =
      Set.of("first_k", "last_k", "top_k", "bottom_k", "approx_unique_count", "approx_percentile", "histogram");

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
      if (NOT_YET.contains(file.getName().replace(".json", ""))) continue;
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
    Spec spec = Spec.node("case").copies();
    if (type != null) spec.column("v", type);
    spec.feature("f", aggregate, type == null ? null : "v", null, Window.exact(1, 1));
    Object expected = value(result, one.get("expect"));
    for (int order = 0; order < 3; order++) {
      if (order == 1) Collections.reverse(events);
      if (order == 2) Collections.shuffle(events, new Random(1));
      for (int chunk : CHUNKS) {
        for (boolean trim : new boolean[] {false, true}) {
          Object found = run(spec, argument, events, one.get("window"), chunk, trim);
          if (!same(expected, found)) failures.add(label + "expected " + show(result, expected) + ", found " + show(result, found) + " (order " + order + ", chunk " + chunk + ", trim " + trim + ")");
        }
      }
    }
  }

  /** One tree per event, as in the operator: all but the bytes in the store is forgotten in between. */
  private static Object run(Spec spec, Type argument, List<JsonNode> events, JsonNode window, int chunk, boolean trim) throws Exception {
    Memory store = new Memory();
    Cells cells = new Cells(spec);
    long from = window.get(0).asLong();
    EventTree tree = new EventTree(store, cells, 0, new Node(0), chunk);
    int copy = 0;
    for (JsonNode event : events) {
      Object[] values = argument == null ? new Object[0] : new Object[] {value(argument, event.get("v"))};
      byte[] hash = Arrays.copyOf(Integer.toString(copy++).getBytes(StandardCharsets.UTF_8), 16);
      long ts = event.get("ts").asLong();
      if (tree.holds(ts, hash)) throw new IllegalStateException("holds what it was never given");
      tree.insert(ts, cells.event(hash, event.get("id").asText().getBytes(StandardCharsets.UTF_8), values));
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
    return type.fromFlink(
        switch (type.kind) {
          case BOOL -> (Object) json.asBoolean();
          case INT -> json.longValue();
          case TIMESTAMP -> Instant.ofEpochMilli(json.longValue());
          case DOUBLE -> Double.parseDouble(json.asText());
          case DECIMAL -> new BigDecimal(json.asText());
          case STRING -> json.asText();
        });
  }

  private static boolean same(Object a, Object b) {
    if (a instanceof byte[] x && b instanceof byte[] y) return Arrays.equals(x, y);
    return a == null ? b == null : a.equals(b); // Double.equals compares bits
  }

  private static String show(Type type, Object value) {
    return value == null ? "null" : type.toFlink(value).toString();
  }
}

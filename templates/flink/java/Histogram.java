package dev.windrow.flink;

import java.util.Map;
import java.util.TreeMap;

/** How often each value occurs; serves `histogram`. */
final class Histogram extends Accumulator {
  private final Type type;
  private final TreeMap<Object, Long> counts;

  Histogram(Type type) {
    this.type = type;
    counts = new TreeMap<>(type::compare);
  }

  /** Values and counts in turn, in the order of the values. */
  Object[] values() {
    if (counts.isEmpty()) return null;
    Object[] entries = new Object[2 * counts.size()];
    int at = 0;
    for (Map.Entry<Object, Long> entry : counts.entrySet()) {
      entries[at++] = entry.getKey();
      entries[at++] = entry.getValue();
    }
    return entries;
  }

  @Override
  void clear() {
    counts.clear();
  }

  @Override
  boolean isEmpty() {
    return counts.isEmpty();
  }

  @Override
  void add(Given given) {
    counts.merge(given.value, 1L, Long::sum);
  }

  @Override
  void merge(In in) {
    for (int n = in.size(); n > 0; n--) counts.merge(type.read(in), in.i64(), Long::sum);
  }

  @Override
  void write(Out out) {
    out.size(counts.size());
    counts.forEach(
        (value, count) -> {
          type.write(out, value);
          out.i64(count);
        });
  }
}

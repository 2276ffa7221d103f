package dev.windrow.flink;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** An accumulator per bucket: what `by` and maps as arguments keep. */
final class Buckets extends Accumulator {
  private final Type type;
  private final Supplier<Accumulator> inner;
  private final TreeMap<Object, Accumulator> byValue;

  Buckets(Type type, Supplier<Accumulator> inner) {
    this.type = type;
    this.inner = inner;
    byValue = new TreeMap<>(type::compare);
  }

  /** Buckets and values in turn, in the order of the buckets. */
  Object[] values(Function<Accumulator, Object> value) {
    if (byValue.isEmpty()) return null;
    Object[] entries = new Object[2 * byValue.size()];
    int at = 0;
    for (Map.Entry<Object, Accumulator> entry : byValue.entrySet()) {
      entries[at++] = entry.getKey();
      entries[at++] = value.apply(entry.getValue());
    }
    return entries;
  }

  private Accumulator bucket(Object bucket) {
    return byValue.computeIfAbsent(bucket, key -> inner.get());
  }

  @Override
  void clear() {
    byValue.clear();
  }

  @Override
  boolean isEmpty() {
    return byValue.isEmpty();
  }

  @Override
  void add(Given given) {
    bucket(given.bucket).add(given);
  }

  @Override
  void merge(In in) {
    for (int n = in.size(); n > 0; n--) bucket(type.read(in)).merge(new In(in.bytes()));
  }

  @Override
  void write(Out out) {
    out.size(byValue.size());
    byValue.forEach(
        (bucket, accumulator) -> {
          type.write(out, bucket);
          Out one = new Out();
          accumulator.write(one);
          out.bytes(one.toBytes());
        });
  }
}

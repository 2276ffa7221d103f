package dev.windrow.flink;

import java.util.Arrays;
import java.util.TreeSet;

/** All different values; serves `unique_count`. Equal values of a type have equal bytes. */
final class UniqueValues extends Accumulator {
  private final Type type;
  final TreeSet<byte[]> values = new TreeSet<>(Arrays::compareUnsigned);

  UniqueValues(Type type) {
    this.type = type;
  }

  @Override
  void clear() {
    values.clear();
  }

  @Override
  boolean isEmpty() {
    return values.isEmpty();
  }

  @Override
  void add(Given given) {
    Out out = new Out();
    type.write(out, given.value);
    values.add(out.toBytes());
  }

  @Override
  void merge(In in) {
    for (int n = in.size(); n > 0; n--) values.add(in.bytes());
  }

  @Override
  void write(Out out) {
    out.size(values.size());
    values.forEach(out::bytes);
  }
}

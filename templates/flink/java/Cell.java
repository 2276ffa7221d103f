package dev.windrow.flink;

import java.io.Serializable;

/**
 * One accumulator: shared by all windows, and by aggregates that keep the same thing of the same values. Columns are indices, -1 for none. A list as an
 * argument gives each of its elements, a map each of its values under its key; nulls give nothing.
 */
record Cell(Aggregate aggregate, int argument, int filter, int order, int bucket, long parameter) implements Serializable {
  private static final int NONE = -1;

  /** What is aggregated: of a list its elements' type. Null where rows are counted. */
  static Type plain(Type argument) {
    return argument == null || argument.element == null ? argument : argument.element;
  }

  /** The type of the buckets, null if there are none. */
  static Type buckets(Type argument, Type by) {
    return by != null ? by : argument == null ? null : argument.key;
  }

  Accumulator accumulator(Spec spec) {
    Type type = spec.type(argument);
    Type buckets = buckets(type, spec.type(bucket));
    Type ordered = spec.type(order);
    return buckets == null
        ? aggregate.accumulator(plain(type), ordered, parameter)
        : new Buckets(buckets, () -> aggregate.accumulator(plain(type), ordered, parameter));
  }

  /** Adds what an event with these values gives; time, source and id stand in `given`. */
  void add(Accumulator to, Given given, Object[] values, Type argumentType) {
    if (filter != NONE && !Boolean.TRUE.equals(values[filter])) return;
    given.order = order == NONE ? null : values[order];
    given.bucket = bucket == NONE ? null : values[bucket];
    if (order != NONE && given.order == null || bucket != NONE && given.bucket == null) return;
    given.value = argument == NONE ? null : values[argument];
    if (argument == NONE) to.add(given);
    else if (given.value != null) addParts(to, given, argumentType);
  }

  private static void addParts(Accumulator to, Given given, Type type) {
    if (type.element == null) {
      to.add(given);
      return;
    }
    boolean isMap = type.key != null;
    Object[] parts = (Object[]) given.value;
    for (int i = isMap ? 1 : 0; i < parts.length; i += isMap ? 2 : 1) {
      if (parts[i] == null) continue;
      if (isMap) given.bucket = parts[i - 1];
      given.value = parts[i];
      to.add(given);
    }
  }
}

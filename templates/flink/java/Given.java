package dev.windrow.flink;

import java.util.Arrays;

/** What one event gives to an accumulator: a value, and all that may break ties between it and another. */
final class Given {
  long ts;
  /** Position of the source in a union, else 0. */
  long origin;
  /** The event id in UTF-8, empty if the source declares none. */
  byte[] id = {};
  /** What top_k and bottom_k order by, where that is not the value. */
  Object order;
  /** The bucket of `by`, or the key of a map. */
  Object bucket;
  /** Null only where rows are counted. */
  Object value;

  Given copy() {
    Given copy = new Given();
    copy.ts = ts;
    copy.origin = origin;
    copy.id = id;
    copy.order = order;
    copy.value = value;
    return copy;
  }

  /** Event time, source, event id, value. */
  int compare(Given other, Type type) {
    int byTime = Long.compare(ts, other.ts);
    if (byTime != 0) return byTime;
    int byOrigin = Long.compare(origin, other.origin);
    if (byOrigin != 0) return byOrigin;
    int byId = Arrays.compareUnsigned(id, other.id);
    return byId != 0 ? byId : type.compare(value, other.value);
  }

  void writeTies(Out out) {
    out.i64(ts).i64(origin).bytes(id);
  }

  static Given readTies(In in) {
    Given given = new Given();
    given.ts = in.i64();
    given.origin = in.i64();
    given.id = in.bytes();
    return given;
  }
}

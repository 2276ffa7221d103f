package dev.windrow.flink;

/** The smallest or the largest value; serves `min` and `max`. */
final class Extreme extends Accumulator {
  private final Type type;
  private final int sign;
  Object best;

  /** `sign` is 1 for the largest, -1 for the smallest. */
  Extreme(Type type, int sign) {
    this.type = type;
    this.sign = sign;
  }

  @Override
  void clear() {
    best = null;
  }

  @Override
  boolean isEmpty() {
    return best == null;
  }

  @Override
  void add(Given given) {
    add(given.value);
  }

  private void add(Object value) {
    if (best == null || sign * type.compare(value, best) > 0) best = value;
  }

  @Override
  void merge(In in) {
    if (in.u8() == 1) add(type.read(in));
  }

  @Override
  void write(Out out) {
    out.u8(best == null ? 0 : 1);
    if (best != null) type.write(out, best);
  }
}

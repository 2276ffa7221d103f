package dev.windrow.flink;

/** The value of the newest or the oldest event; ties go to the greater or lesser source, event id, then value; serves `last` and `first`. */
final class Newest extends Accumulator {
  private final Type type;
  private final int sign;
  private Given kept;

  /** `sign` is 1 for the newest, -1 for the oldest. */
  Newest(Type type, int sign) {
    this.type = type;
    this.sign = sign;
  }

  Object value() {
    return kept == null ? null : kept.value;
  }

  @Override
  void clear() {
    kept = null;
  }

  @Override
  boolean isEmpty() {
    return kept == null;
  }

  @Override
  void add(Given given) {
    if (kept == null || sign * given.compare(kept, type) > 0) kept = given.copy();
  }

  @Override
  void merge(In in) {
    if (in.u8() == 0) return;
    Given given = Given.readTies(in);
    given.value = type.read(in);
    add(given);
  }

  @Override
  void write(Out out) {
    out.u8(kept == null ? 0 : 1);
    if (kept == null) return;
    kept.writeTies(out);
    type.write(out, kept.value);
  }
}

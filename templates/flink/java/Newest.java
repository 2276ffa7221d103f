package dev.windrow.flink;

import java.util.Arrays;

/** The value of the newest or the oldest event; ties go to the greater or lesser event id, then value; serves `last` and `first`. */
final class Newest extends Accumulator {
  private final Type type;
  private final int sign;
  private long ts;
  private byte[] id;
  Object value;

  /** `sign` is 1 for the newest, -1 for the oldest. */
  Newest(Type type, int sign) {
    this.type = type;
    this.sign = sign;
  }

  @Override
  void clear() {
    value = null;
  }

  @Override
  void add(long ts, byte[] id, Object value) {
    if (this.value != null && sign * compare(ts, id, value) <= 0) return;
    this.ts = ts;
    this.id = id;
    this.value = value;
  }

  private int compare(long otherTs, byte[] otherId, Object otherValue) {
    int byTime = Long.compare(otherTs, ts);
    if (byTime != 0) return byTime;
    int byId = Arrays.compareUnsigned(otherId, id);
    return byId != 0 ? byId : type.compare(otherValue, value);
  }

  @Override
  void merge(In in) {
    if (in.u8() == 1) add(in.i64(), in.bytes(), type.read(in));
  }

  @Override
  void write(Out out) {
    out.u8(value == null ? 0 : 1);
    if (value == null) return;
    out.i64(ts).bytes(id);
    type.write(out, value);
  }
}

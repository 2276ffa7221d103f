package dev.windrow.flink;

/**
 * The accumulators of a node, the encoding of an event, and the encoding of what many events come to (a partial).
 * Event: [copy hash, 16 bytes; event id] if copies count once, [source] in a union, then a bitmap of the columns that are not null, then their values.
 * Partial: per cell its length and its accumulator.
 */
final class Cells {
  private static final int COPY_BYTES = 16;
  static final byte[] NO_ID = {};
  static final byte[] NO_COPY = new byte[COPY_BYTES];

  private final Spec spec;
  private final Accumulator[] accumulators;
  private final Given given = new Given();

  Cells(Spec spec) {
    this.spec = spec;
    accumulators = spec.cells.stream().map(cell -> cell.accumulator(spec)).toArray(Accumulator[]::new);
  }

  int count() {
    return accumulators.length;
  }

  /** `values` are in Type's inner form, one per column. */
  byte[] event(byte[] copy, byte[] id, long origin, Object[] values) {
    Out out = new Out();
    if (spec.copies) out.raw(copy).bytes(id);
    if (spec.origins) out.i64(origin);
    for (int i = 0; i < values.length; i += 8) {
      int present = 0;
      for (int j = i; j < Math.min(i + 8, values.length); j++) if (values[j] != null) present |= 1 << j - i;
      out.u8(present);
    }
    for (int i = 0; i < values.length; i++) if (values[i] != null) spec.type(i).write(out, values[i]);
    return out.toBytes();
  }

  static boolean isCopy(byte[] event, byte[] copy) {
    return java.util.Arrays.equals(event, 0, COPY_BYTES, copy, 0, COPY_BYTES);
  }

  void clear() {
    for (Accumulator a : accumulators) a.clear();
  }

  /** Adds an event to the cells that `active` names. */
  void addEvent(boolean[] active, long ts, byte[] event) {
    In in = new In(event);
    if (spec.copies) in.skip(COPY_BYTES);
    given.ts = ts;
    given.id = spec.copies ? in.bytes() : NO_ID;
    given.origin = spec.origins ? in.i64() : 0;
    Object[] values = values(in);
    for (int i = 0; i < accumulators.length; i++) {
      Cell cell = spec.cells.get(i);
      if (active[i]) cell.add(accumulators[i], given, values, spec.type(cell.argument()));
    }
  }

  private Object[] values(In in) {
    int n = spec.columns.size();
    byte[] present = in.raw((n + 7) / 8);
    Object[] values = new Object[n];
    for (int i = 0; i < n; i++) if ((present[i / 8] >> i % 8 & 1) == 1) values[i] = spec.type(i).read(in);
    return values;
  }

  void addPartial(boolean[] active, byte[] partial) {
    In in = new In(partial);
    for (int i = 0; i < accumulators.length; i++) {
      int length = in.size();
      if (active[i]) accumulators[i].merge(in);
      else in.skip(length);
    }
  }

  byte[] partial() {
    Out out = new Out();
    for (Accumulator a : accumulators) {
      Out one = new Out();
      a.write(one);
      out.bytes(one.toBytes());
    }
    return out.toBytes();
  }

  /** A feature's value from what its cell holds now, in Type's inner form. */
  Object value(Spec.Feature f) {
    return f.value(accumulators[f.cell()]);
  }
}

package dev.windrow.flink;

import java.util.ArrayList;
import java.util.List;

/**
 * The accumulators of a node, the encoding of an event, and the encoding of what many events come to (a partial).
 * Event: [copy hash, 16 bytes; event id] if copies count once, then a bitmap of the columns that are not null, then their values.
 * Partial: per cell its length and its accumulator.
 */
final class Cells {
  private static final int COPY_BYTES = 16;
  private static final byte[] NO_ID = {};

  private final Spec spec;
  private final Accumulator[] accumulators;

  Cells(Spec spec) {
    this.spec = spec;
    List<Accumulator> all = new ArrayList<>();
    for (Spec.Cell c : spec.cells) all.add(c.aggregate().accumulator(spec.type(c.argument())));
    accumulators = all.toArray(Accumulator[]::new);
  }

  int count() {
    return accumulators.length;
  }

  /** `values` are in Type's inner form, one per column. */
  byte[] event(byte[] copy, byte[] id, Object[] values) {
    Out out = new Out();
    if (spec.copies) out.raw(copy).bytes(id);
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
    byte[] id = spec.copies ? in.bytes() : NO_ID;
    Object[] values = values(in);
    for (int i = 0; i < accumulators.length; i++) {
      Spec.Cell c = spec.cells.get(i);
      if (!active[i] || c.filter() >= 0 && !Boolean.TRUE.equals(values[c.filter()])) continue;
      if (c.argument() < 0) accumulators[i].add(ts, id, null);
      else if (values[c.argument()] != null) accumulators[i].add(ts, id, values[c.argument()]);
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
    return f.aggregate().value(accumulators[f.cell()], spec.type(f.argument()));
  }
}

package dev.windrow.flink;

import java.util.List;
import org.apache.flink.types.Row;

/** Columns of a row as bytes: a bitmap of those that are not null, then their values. */
final class RowCodec {
  private final List<Type> types;

  RowCodec(List<Type> types) {
    this.types = types;
  }

  int size() {
    return types.size();
  }

  /** The columns of `row` from `at` on. */
  byte[] write(Row row, int at) {
    Out out = new Out();
    Object[] values = new Object[types.size()];
    for (int i = 0; i < values.length; i++) values[i] = types.get(i).fromFlink(row.getField(at + i));
    for (int i = 0; i < values.length; i += 8) {
      int present = 0;
      for (int j = i; j < Math.min(i + 8, values.length); j++) if (values[j] != null) present |= 1 << j - i;
      out.u8(present);
    }
    for (int i = 0; i < values.length; i++) if (values[i] != null) types.get(i).write(out, values[i]);
    return out.toBytes();
  }

  /** Sets the columns of `row` from `at` on. */
  void read(byte[] bytes, Row row, int at) {
    In in = new In(bytes);
    byte[] present = in.raw((types.size() + 7) / 8);
    for (int i = 0; i < types.size(); i++) {
      boolean here = (present[i / 8] >> i % 8 & 1) == 1;
      row.setField(at + i, here ? types.get(i).toFlink(types.get(i).read(in)) : null);
    }
  }
}

package dev.windrow.flink;

import java.util.Arrays;
import org.apache.flink.types.Row;

/** A row of a table as one value: the record's bytes, by which ties go, a zero, which no JSON has, and the columns. */
final class TableRow {
  private final Spec spec;
  private final RowCodec codec;

  TableRow(Spec spec) {
    this.spec = spec;
    codec = new RowCodec(spec.rows);
  }

  /** The record stands at `at`, then the columns. */
  byte[] pack(Row row, int at) {
    byte[] record = row.getFieldAs(at);
    return new Out().raw(record).u8(0).raw(codec.write(row, at + 1)).toBytes();
  }

  /** The columns that are put out; all null where there is no row. */
  Object[] unpack(Object packed) {
    Object[] taken = new Object[spec.takes.size()];
    if (packed == null) return taken;
    byte[] bytes = (byte[]) packed;
    int end = 0;
    while (bytes[end] != 0) end++;
    Row row = new Row(codec.size());
    codec.read(Arrays.copyOfRange(bytes, end + 1, bytes.length), row, 0);
    for (int i = 0; i < taken.length; i++) taken[i] = row.getField(spec.takes.get(i));
    return taken;
  }
}

package dev.windrow.flink;

import java.util.Arrays;
import org.apache.flink.types.Row;

/**
 * A row of a table as one value: the record's bytes, by which ties go, with a zero as 0 1 and the end as 0 0, and the columns. Nothing at all is a deletion,
 * which so comes before any row of its instant.
 */
final class TableRow {
  private final Spec spec;
  private final RowCodec codec;

  TableRow(Spec spec) {
    this.spec = spec;
    codec = new RowCodec(spec.rows);
  }

  /** The record stands at `at`, null if the row is deleted; then the columns. */
  byte[] pack(Row row, int at) {
    byte[] record = row.getFieldAs(at);
    if (record == null) return new byte[0];
    Out out = new Out();
    for (byte b : record) {
      out.u8(b);
      if (b == 0) out.u8(1);
    }
    return out.u8(0).u8(0).raw(codec.write(row, at + 1)).toBytes();
  }

  static boolean isDeletion(Object packed) {
    return ((byte[]) packed).length == 0;
  }

  /** The columns that are put out; all null where there is no row. */
  Object[] unpack(Object packed) {
    Object[] taken = new Object[spec.takes.size()];
    if (packed == null || isDeletion(packed)) return taken;
    byte[] bytes = (byte[]) packed;
    int end = 0;
    while (bytes[end] != 0 || bytes[++end] != 0) end++;
    Row row = new Row(codec.size());
    codec.read(Arrays.copyOfRange(bytes, end + 1, bytes.length), row, 0);
    for (int i = 0; i < taken.length; i++) taken[i] = row.getField(spec.takes.get(i));
    return taken;
  }
}

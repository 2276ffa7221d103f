package dev.windrow.flink.kafka;

import dev.windrow.flink.WireText;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/** Rows of a publication's table as keys and values on the wire. The last column, `wr_as_of`, says as of when a row holds and is not part of it. */
final class RowWriter implements Serializable {
  private static final long serialVersionUID = 1;

  private final ArrayList<String> names;
  private final ArrayList<LogicalType> types;
  private final int[] keys;
  private transient RowData.FieldGetter[] getters;

  private RowWriter(List<String> names, List<LogicalType> types, int[] keys) {
    this.names = new ArrayList<>(names);
    this.types = new ArrayList<>(types);
    this.keys = keys;
  }

  static RowWriter of(RowType row, List<Integer> keys) {
    int columns = row.getFieldCount() - 1;
    return new RowWriter(
        row.getFieldNames().subList(0, columns), row.getChildren().subList(0, columns), keys.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The row without a version, which whoever sends it gives. */
  Outgoing write(RowData row, String version) {
    if (getters == null) {
      getters = new RowData.FieldGetter[types.size()];
      for (int i = 0; i < getters.length; i++) getters[i] = RowData.createFieldGetter(types.get(i), i);
    }
    Object[] values = new Object[getters.length];
    for (int i = 0; i < values.length; i++) values[i] = plain(getters[i].getFieldOrNull(row));
    Object[] key = new Object[keys.length];
    for (int i = 0; i < key.length; i++) key[i] = values[keys[i]];
    return new Outgoing(keys.length == 0 ? null : WireText.key(key), WireText.row(names, values), version, row.getLong(values.length));
  }

  private static Object plain(Object value) {
    if (value instanceof DecimalData decimal) return decimal.toBigDecimal();
    if (value instanceof TimestampData instant) return instant.getMillisecond();
    if (value == null || value instanceof Long || value instanceof Double || value instanceof Boolean) return value;
    if (value instanceof byte[] json) return new WireText.Raw(new String(json, StandardCharsets.UTF_8));
    return value.toString(); // StringData
  }
}

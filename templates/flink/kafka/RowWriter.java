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

/**
 * Rows of a publication's table as keys and values on the wire. Behind their columns, and no part of them, `wr_as_of` says as of when a row holds, and where
 * keys may leave `wr_gone` says that this one has: its record has no value. The last column is of {@link Epochs}.
 */
final class RowWriter implements Serializable {
  private static final long serialVersionUID = 1;

  private final ArrayList<String> names;
  private final ArrayList<LogicalType> types;
  private final int[] keys;
  private final boolean canBeGone;
  private transient RowData.FieldGetter[] getters;

  private RowWriter(List<String> names, List<LogicalType> types, int[] keys, boolean canBeGone) {
    this.names = new ArrayList<>(names);
    this.types = new ArrayList<>(types);
    this.keys = keys;
    this.canBeGone = canBeGone;
  }

  static RowWriter of(RowType row, List<Integer> keys) {
    int columns = row.getFieldNames().indexOf("wr_as_of");
    int[] places = keys.stream().mapToInt(Integer::intValue).toArray();
    return new RowWriter(row.getFieldNames().subList(0, columns), row.getChildren().subList(0, columns), places, row.getFieldNames().contains("wr_gone"));
  }

  Outgoing write(RowData row, long lease, long seq) {
    if (getters == null) {
      getters = new RowData.FieldGetter[types.size()];
      for (int i = 0; i < getters.length; i++) getters[i] = RowData.createFieldGetter(types.get(i), i);
    }
    Object[] values = new Object[getters.length];
    for (int i = 0; i < values.length; i++) values[i] = plain(getters[i].getFieldOrNull(row));
    Object[] key = new Object[keys.length];
    for (int i = 0; i < key.length; i++) key[i] = values[keys[i]];
    boolean isGone = canBeGone && row.getBoolean(values.length + 1);
    long epoch = row.getLong(values.length + (canBeGone ? 2 : 1));
    String version = lease + "." + epoch + "." + seq;
    return new Outgoing(keys.length == 0 ? null : WireText.key(key), isGone ? null : WireText.row(names, values), version, row.getLong(values.length));
  }

  private static Object plain(Object value) {
    if (value instanceof DecimalData decimal) return decimal.toBigDecimal();
    if (value instanceof TimestampData instant) return instant.getMillisecond();
    if (value == null || value instanceof Long || value instanceof Double || value instanceof Boolean) return value;
    if (value instanceof byte[] json) return new WireText.Raw(new String(json, StandardCharsets.UTF_8));
    return value.toString(); // StringData
  }
}

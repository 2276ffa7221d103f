package dev.windrow.flink;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.types.Row;

/** `wr_record_of(record)`: the parts that {@link RecordBytes} put together. */
@FunctionHint(
    output =
        @DataTypeHint(
            "ROW<`wr_source` STRING, `wr_value` BYTES, `wr_cluster` STRING, `wr_partition` INT, `wr_offset` BIGINT, `wr_headers` MAP<STRING, BYTES>>"))
public final class RecordParts extends TableFunction<Row> {
  private static final long serialVersionUID = 1;

  public void eval(byte[] record) {
    if (record == null) return;
    In in = new In(record);
    String source = in.text();
    byte[] value = bytes(in);
    String cluster = in.u8() == 1 ? in.text() : null;
    Integer partition = in.u8() == 1 ? in.i32() : null;
    Long offset = in.u8() == 1 ? in.i64() : null;
    collect(Row.of(source, value, cluster, partition, offset, headers(in)));
  }

  private static byte[] bytes(In in) {
    return in.u8() == 1 ? in.bytes() : null;
  }

  private static Map<String, byte[]> headers(In in) {
    int size = in.size();
    if (size == 0) return null;
    Map<String, byte[]> headers = new HashMap<>();
    for (int i = 1; i < size; i++) headers.put(in.text(), bytes(in));
    return headers;
  }
}

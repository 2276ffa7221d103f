package dev.windrow.flink;

import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_record(source, value, cluster, partition, offset, headers)`: a record and its place in one column, as rows carry them to a model. */
public final class RecordBytes extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public byte[] eval(
      String source, byte[] value, String cluster, Integer partition, Long offset, @DataTypeHint("MAP<STRING, BYTES>") Map<String, byte[]> headers) {
    Out out = new Out().text(source);
    bytes(out, value);
    out.u8(cluster == null ? 0 : 1);
    if (cluster != null) out.text(cluster);
    out.u8(partition == null ? 0 : 1);
    if (partition != null) out.i32(partition);
    out.u8(offset == null ? 0 : 1);
    if (offset != null) out.i64(offset);
    out.size(headers == null ? 0 : 1 + headers.size());
    if (headers != null) new TreeMap<>(headers).forEach((name, header) -> bytes(out.text(name), header));
    return out.toBytes();
  }

  private static void bytes(Out out, byte[] bytes) {
    out.u8(bytes == null ? 0 : 1);
    if (bytes != null) out.bytes(bytes);
  }
}

package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_stamp(line)`: the record's own timestamp, of a line that is one in ms, a tab, and the record. */
public final class LineStamp extends ScalarFunction {
  private static final long serialVersionUID = 1;

  @DataTypeHint("TIMESTAMP_LTZ(3)")
  public Instant eval(byte[] line) {
    return Instant.ofEpochMilli(Long.parseLong(new String(line, 0, tab(line), StandardCharsets.US_ASCII)));
  }

  static int tab(byte[] line) {
    for (int i = 0; i < line.length; i++) if (line[i] == '\t') return i;
    throw new IllegalArgumentException("a line without a timestamp and a tab; --stamped says that all have them");
  }
}

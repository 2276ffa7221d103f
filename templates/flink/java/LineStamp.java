package dev.windrow.flink;

import java.time.Instant;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_stamp(line)`: the record's own timestamp, of a {@link StampedLine}. */
public final class LineStamp extends ScalarFunction {
  private static final long serialVersionUID = 1;

  @DataTypeHint("TIMESTAMP_LTZ(3)")
  public Instant eval(byte[] line) {
    return Instant.ofEpochMilli(StampedLine.read(line).stampMs());
  }
}

package dev.windrow.flink;

import java.time.Instant;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_millis(t)`: an instant as windrow writes it, in ms since 1970. Flink SQL has no exact form of its own (UNIX_TIMESTAMP counts seconds). */
public final class Millis extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public Long eval(@DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    return at == null ? null : (Long) at.toEpochMilli();
  }
}

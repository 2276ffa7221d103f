package dev.windrow.flink;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_local:<zone>(time)`: when clocks in UTC show what those of a time zone show then. */
public abstract class ZonedLocal extends ScalarFunction {
  private static final long serialVersionUID = 1;

  private final Zone zone;

  protected ZonedLocal(Zone zone) {
    this.zone = zone;
  }

  @DataTypeHint("TIMESTAMP_LTZ(3)")
  public Instant eval(@DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    LocalDateTime civil = zone.civil(at);
    return civil == null ? null : civil.toInstant(ZoneOffset.UTC);
  }
}

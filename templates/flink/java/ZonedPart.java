package dev.windrow.flink;

import java.time.Instant;
import java.time.LocalDateTime;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_part:<zone>(name, time)`: as {@link TimePart}, in a time zone. */
public abstract class ZonedPart extends ScalarFunction {
  private static final long serialVersionUID = 1;

  private final Zone zone;

  protected ZonedPart(Zone zone) {
    this.zone = zone;
  }

  public Long eval(String name, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    LocalDateTime civil = zone.civil(at);
    return civil == null ? null : (Long) TimePart.part(name, civil);
  }
}

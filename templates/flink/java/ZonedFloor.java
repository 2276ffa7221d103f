package dev.windrow.flink;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_floor:<zone>(unit, time)`: as {@link TimeFloor}, in a time zone. */
public abstract class ZonedFloor extends ScalarFunction {
  private static final long serialVersionUID = 1;

  private final Zone zone;

  protected ZonedFloor(Zone zone) {
    this.zone = zone;
  }

  @DataTypeHint("TIMESTAMP_LTZ(3)")
  public Instant eval(String unit, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    LocalDateTime civil = zone.civil(at);
    if (civil == null) return null;
    LocalDateTime floor = TimeFloor.floor(unit, civil);
    // The clock's own parts are taken off, so that an hour that comes twice stays itself.
    if (TimeFloor.isOfClock(unit)) return at.minus(Duration.between(floor, civil));
    Instant begin = zone.begin(floor);
    return TimePart.isInside(begin) ? begin : null;
  }
}

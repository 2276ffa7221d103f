package dev.windrow.flink;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_floor(unit, time)`: the beginning of the unit in UTC, null outside of windrow's calendar. Flink's FLOOR goes up before 1970, and its weeks begin on Sundays. */
public final class TimeFloor extends ScalarFunction {
  private static final long serialVersionUID = 1;
  private static final int YEAR_MIN = -9_999;

  @DataTypeHint("TIMESTAMP_LTZ(3)")
  public Instant eval(String unit, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    LocalDateTime civil = TimePart.civil(at);
    if (civil == null) return null;
    Instant floor = floor(unit, civil).toInstant(ZoneOffset.UTC);
    return TimePart.isInside(floor) ? floor : null;
  }

  public LocalDate eval(String unit, LocalDate day) {
    if (day == null) return null;
    LocalDate floor = floor(unit, day.atStartOfDay()).toLocalDate();
    return floor.getYear() < YEAR_MIN ? null : floor;
  }

  /** Whether it is less than a day. */
  static boolean isOfClock(String unit) {
    return unit.equals("second") || unit.equals("minute") || unit.equals("hour");
  }

  static LocalDateTime floor(String unit, LocalDateTime at) {
    LocalDateTime day = at.truncatedTo(ChronoUnit.DAYS);
    return switch (unit) {
      case "second" -> at.truncatedTo(ChronoUnit.SECONDS);
      case "minute" -> at.truncatedTo(ChronoUnit.MINUTES);
      case "hour" -> at.truncatedTo(ChronoUnit.HOURS);
      case "day" -> day;
      case "week" -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case "month" -> day.withDayOfMonth(1);
      case "quarter" -> day.with(IsoFields.DAY_OF_QUARTER, 1);
      case "year" -> day.withDayOfYear(1);
      default -> throw new IllegalArgumentException("no unit of time: " + unit);
    };
  }
}

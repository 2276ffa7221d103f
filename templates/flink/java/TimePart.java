package dev.windrow.flink;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_part(name, time)`: a field of the calendar or the clock in UTC, null outside of windrow's calendar. Flink's EXTRACT goes wrong before 1970. */
public final class TimePart extends ScalarFunction {
  private static final long serialVersionUID = 1;
  private static final long CALENDAR_MIN_MS = -377_705_023_201_000L;
  private static final long CALENDAR_MAX_MS = 253_402_207_200_000L;

  public Long eval(String name, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant at) {
    LocalDateTime civil = civil(at);
    return civil == null ? null : (Long) part(name, civil);
  }

  public Long eval(String name, LocalDate day) {
    return day == null ? null : (Long) part(name, day.atStartOfDay());
  }

  /** Calendar and clock in UTC; null for null and outside of the calendar. */
  static LocalDateTime civil(Instant at) {
    return at == null || !isInside(at) ? null : LocalDateTime.ofInstant(at, ZoneOffset.UTC);
  }

  static boolean isInside(Instant at) {
    return at.toEpochMilli() >= CALENDAR_MIN_MS && at.toEpochMilli() <= CALENDAR_MAX_MS;
  }

  static long part(String name, LocalDateTime at) {
    return switch (name) {
      case "year" -> at.getYear();
      case "quarter" -> at.get(IsoFields.QUARTER_OF_YEAR);
      case "month" -> at.getMonthValue();
      case "week" -> at.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
      case "day" -> at.getDayOfMonth();
      case "day_of_week" -> at.getDayOfWeek().getValue();
      case "day_of_year" -> at.getDayOfYear();
      case "hour" -> at.getHour();
      case "minute" -> at.getMinute();
      case "second" -> at.getSecond();
      case "millisecond" -> at.get(ChronoField.MILLI_OF_SECOND);
      default -> throw new IllegalArgumentException("no part of a time: " + name);
    };
  }
}

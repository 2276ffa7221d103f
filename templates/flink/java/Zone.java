package dev.windrow.flink;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneOffsetTransitionRule;
import java.time.zone.ZoneOffsetTransitionRule.TimeDefinition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time zone by the table that windrow itself reads (TZif, RFC 9636), not by the JVM's: that one is of another version of the time zone database, and has
 * other times before 1970.
 */
public final class Zone implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int HEADER_BYTES = 44;
  private static final int COUNTS_AT = 20;
  private static final int DAY_S = 86_400;

  /** What follows the last transition: `CET-1CEST,M3.5.0,M10.5.0/3`. */
  private static final String NAME = "(?:[A-Za-z]+|<[^>]*>)";
  private static final String CLOCK = "([-+]?\\d+(?::\\d+){0,2})";
  private static final String CHANGE = "M(\\d+)\\.(\\d)\\.(\\d)(?:/" + CLOCK + ")?";
  private static final Pattern RULE = Pattern.compile(NAME + CLOCK + "(?:" + NAME + CLOCK + "?," + CHANGE + "," + CHANGE + ")?");

  private final ZoneRules rules;

  private Zone(ZoneRules rules) {
    this.rules = rules;
  }

  /** `table`: in base64. */
  public static Zone of(String table) {
    ByteBuffer in = ByteBuffer.wrap(Base64.getDecoder().decode(table));
    // All of it stands there twice, first with times of 32 bits.
    in.position(HEADER_BYTES + dataBytes(in, 0, Integer.BYTES));
    int header = in.position();
    int times = in.getInt(header + COUNTS_AT + 12);
    int data = header + HEADER_BYTES;
    int numbers = data + times * Long.BYTES;
    int offsets = numbers + times;
    ZoneOffset first = offset(in, offsets, 0);
    ZoneOffset before = first;
    List<ZoneOffsetTransition> changes = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      ZoneOffset after = offset(in, offsets, Byte.toUnsignedInt(in.get(numbers + i)));
      LocalDateTime local = LocalDateTime.ofEpochSecond(in.getLong(data + i * Long.BYTES), 0, before);
      if (!after.equals(before)) changes.add(ZoneOffsetTransition.of(local, before, after));
      before = after;
    }
    byte[] rule = new byte[in.capacity() - header - HEADER_BYTES - dataBytes(in, header, Long.BYTES)];
    in.get(in.capacity() - rule.length, rule);
    List<ZoneOffsetTransitionRule> rules = rules(new String(rule, StandardCharsets.US_ASCII).trim());
    if (!rules.isEmpty()) addFirst(changes, rules, in.getLong(data + (times - 1) * Long.BYTES));
    return new Zone(ZoneRules.of(first, first, List.of(), changes, rules));
  }

  /**
   * The changes by rule of two years. Java asks its rules from the last listed change on, but the last one of a table may be none of the offset, and not be
   * listed: the rules would hold too early, or, where no change is listed, never.
   */
  private static void addFirst(List<ZoneOffsetTransition> changes, List<ZoneOffsetTransitionRule> rules, long last) {
    int year = LocalDateTime.ofEpochSecond(last, 0, ZoneOffset.UTC).getYear();
    for (int i = 0; i < 2; i++) {
      for (ZoneOffsetTransitionRule rule : rules) {
        ZoneOffsetTransition change = rule.createTransition(year + i);
        if (change.toEpochSecond() > last) changes.add(change);
      }
    }
  }

  /** How long the data behind a header are, without the rule. */
  private static int dataBytes(ByteBuffer in, int header, int timeBytes) {
    int at = header + COUNTS_AT;
    int isUtc = in.getInt(at);
    int isStandard = in.getInt(at + 4);
    int leaps = in.getInt(at + 8);
    int times = in.getInt(at + 12);
    int types = in.getInt(at + 16);
    int letters = in.getInt(at + 20);
    return times * (timeBytes + 1) + types * 6 + letters + leaps * (timeBytes + 4) + isStandard + isUtc;
  }

  private static ZoneOffset offset(ByteBuffer in, int offsets, int type) {
    return ZoneOffset.ofTotalSeconds(in.getInt(offsets + type * 6));
  }

  /** The two changes of each year, none where the clocks are left alone. */
  private static List<ZoneOffsetTransitionRule> rules(String text) {
    Matcher found = RULE.matcher(text);
    if (!text.isEmpty() && !found.matches()) throw new IllegalArgumentException("no rule of a time zone: " + text);
    if (text.isEmpty() || found.group(3) == null) return List.of();
    int standard = -seconds(found.group(1));
    int summer = found.group(2) == null ? standard + 3_600 : -seconds(found.group(2));
    List<ZoneOffsetTransitionRule> both = new ArrayList<>();
    both.add(change(found, 3, standard, standard, summer));
    both.add(change(found, 7, standard, summer, standard));
    both.sort(Comparator.comparing(ZoneOffsetTransitionRule::getMonth));
    return both;
  }

  /** `M3.5.0/3`: the last Sunday of March, at 3 o'clock; hours may be those of the days before and after. */
  private static ZoneOffsetTransitionRule change(Matcher rule, int group, int standard, int before, int after) {
    int week = Integer.parseInt(rule.group(group + 1));
    int weekday = Integer.parseInt(rule.group(group + 2));
    int clock = rule.group(group + 3) == null ? 7_200 : seconds(rule.group(group + 3));
    boolean isEndOfDay = clock == DAY_S;
    int days = isEndOfDay ? 0 : Math.floorDiv(clock, DAY_S);
    int day = week == 5 ? days - 1 : 1 + 7 * (week - 1) + days;
    if (week == 5 && days > 0 || week < 5 && day < 1) throw new IllegalArgumentException("a change of clocks in another month: " + rule.group());
    return ZoneOffsetTransitionRule.of(
        Month.of(Integer.parseInt(rule.group(group))),
        day,
        DayOfWeek.of(Math.floorMod(weekday + days - 1, 7) + 1),
        isEndOfDay ? LocalTime.MIDNIGHT : LocalTime.ofSecondOfDay(Math.floorMod(clock, DAY_S)),
        isEndOfDay,
        TimeDefinition.WALL,
        ZoneOffset.ofTotalSeconds(standard),
        ZoneOffset.ofTotalSeconds(before),
        ZoneOffset.ofTotalSeconds(after));
  }

  private static int seconds(String clock) {
    String[] parts = clock.replaceFirst("^[-+]", "").split(":");
    int seconds = 0;
    for (int i = 0; i < 3; i++) seconds = 60 * seconds + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
    return clock.startsWith("-") ? -seconds : seconds;
  }

  /** Calendar and clock; null for null and outside of the calendar. */
  LocalDateTime civil(Instant at) {
    return at == null || !TimePart.isInside(at) ? null : LocalDateTime.ofInstant(at, rules.getOffset(at));
  }

  /** When clocks began to show that time or, had they jumped over it, what followed. */
  Instant begin(LocalDateTime civil) {
    ZoneOffsetTransition jump = rules.getTransition(civil);
    if (jump != null && jump.isGap()) return jump.getInstant();
    return civil.toInstant(rules.getValidOffsets(civil).get(0));
  }
}

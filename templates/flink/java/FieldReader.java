package dev.windrow.flink;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** A scalar of JSON as Flink's form of a field's type, or a reason why not. Nothing is coerced: a number in quotes is no int, 1.0 is no int either. */
final class FieldReader {
  /** Beyond these a decimal text cannot fit any type; checked first, for 1e999999999 would fill the memory. */
  private static final int EXPONENT_MAX = 1_000;

  /** BigDecimal alone would also take digits of other scripts. */
  private static final Pattern DECIMAL_TEXT = Pattern.compile("[-+0-9.eE]+");
  private static final Pattern DATE_TEXT = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern ISO_TEXT =
      Pattern.compile(
          "(\\d{4}-\\d{2}-\\d{2})(?:[Tt ](\\d{2}:\\d{2})(:\\d{2})?(?:[.,](\\d{1,9}))?([Zz]|[-+]\\d{2}(?::?\\d{2})?)?)?", Pattern.DOTALL);

  private FieldReader() {}

  static Object read(Type type, JsonValue json) throws BadRecord {
    return switch (type.kind) {
      case STRING -> string(type, json);
      case BOOL -> bool(type, json);
      case INT -> integer(type, json);
      case DOUBLE -> number(type, json);
      case DECIMAL -> decimal(type, json);
      case TIMESTAMP -> timestamp(type, json);
      case DATE -> date(type, json);
      case BYTES -> bytes(type, json);
      case LIST -> NestedReader.list(type, json);
      case MAP -> NestedReader.map(type, json);
      case STRUCT -> NestedReader.struct(type, json);
    };
  }

  static BadRecord mistyped(Type type, JsonValue json) {
    return new BadRecord(BadRecord.WRONG_TYPE, "expected " + type + ", found " + kind(json.token()));
  }

  static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "the end";
    };
  }

  private static String string(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.VALUE_STRING) throw mistyped(type, json);
    return json.text();
  }

  private static Boolean bool(Type type, JsonValue json) throws BadRecord {
    if (json.token() == JsonToken.VALUE_TRUE) return true;
    if (json.token() == JsonToken.VALUE_FALSE) return false;
    throw mistyped(type, json);
  }

  private static Long integer(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.VALUE_NUMBER_INT) throw mistyped(type, json);
    try {
      return Long.parseLong(json.text());
    } catch (NumberFormatException e) {
      throw new BadRecord(BadRecord.OUT_OF_RANGE, "beyond 64 bits");
    }
  }

  private static Double number(Type type, JsonValue json) throws BadRecord {
    if (!json.token().isNumeric()) throw mistyped(type, json);
    double v = Double.parseDouble(json.text());
    if (!Double.isFinite(v)) throw new BadRecord(BadRecord.OUT_OF_RANGE, "beyond the largest double");
    return v + 0.0;
  }

  /** A string or a number that the type holds exactly; rounding is for expressions, not for input. */
  private static BigDecimal decimal(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.VALUE_STRING && !json.token().isNumeric()) throw mistyped(type, json);
    BigDecimal v;
    try {
      if (!DECIMAL_TEXT.matcher(json.text()).matches()) throw new NumberFormatException();
      v = new BigDecimal(json.text());
    } catch (NumberFormatException e) {
      throw new BadRecord(BadRecord.WRONG_TYPE, "no decimal number");
    }
    if (v.signum() != 0 && Math.abs((long) v.scale()) > EXPONENT_MAX) throw new BadRecord(BadRecord.OUT_OF_RANGE, "does not fit " + type);
    return exact(type, v);
  }

  /** The same number at the type's scale, if no digit is lost. */
  static BigDecimal exact(Type type, BigDecimal number) throws BadRecord {
    if (number.signum() == 0) return BigDecimal.ZERO.setScale(type.scale);
    BigDecimal v = number.stripTrailingZeros();
    if (v.scale() > type.scale || v.precision() - v.scale() > type.precision - type.scale) {
      throw new BadRecord(BadRecord.OUT_OF_RANGE, "does not fit " + type);
    }
    return v.setScale(type.scale);
  }

  /** Milliseconds; finer stamps are floored. */
  private static Instant timestamp(Type type, JsonValue json) throws BadRecord {
    if (type.stamp == Type.Stamp.ISO) return Instant.ofEpochMilli(iso(string(type, json)));
    return instant(type.stamp, integer(type, json));
  }

  static Instant instant(Type.Stamp unit, long v) throws BadRecord {
    return Instant.ofEpochMilli(
        switch (unit) {
          case S -> seconds(v);
          case US -> Math.floorDiv(v, 1_000L);
          case NS -> Math.floorDiv(v, 1_000_000L);
          default -> v;
        });
  }

  private static Long seconds(long v) throws BadRecord {
    try {
      return Math.multiplyExact(v, 1_000L);
    } catch (ArithmeticException e) {
      throw new BadRecord(BadRecord.OUT_OF_RANGE, "beyond 64 bits");
    }
  }

  private static Long iso(String text) throws BadRecord {
    Matcher m = ISO_TEXT.matcher(text);
    try {
      if (!m.matches()) throw new DateTimeException("no match");
      if (m.group(2) == null) return LocalDate.parse(m.group(1)).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
      String fraction = m.group(4) == null ? "" : "." + m.group(4);
      LocalDateTime at = LocalDateTime.parse(m.group(1) + "T" + m.group(2) + (m.group(3) == null ? ":00" : m.group(3)) + fraction);
      return at.toInstant(m.group(5) == null ? ZoneOffset.UTC : ZoneOffset.of(m.group(5).toUpperCase())).toEpochMilli(); // floors
    } catch (DateTimeException e) {
      throw new BadRecord(BadRecord.WRONG_TYPE, "no ISO 8601 time");
    }
  }

  private static LocalDate date(Type type, JsonValue json) throws BadRecord {
    String text = string(type, json);
    try {
      if (!DATE_TEXT.matcher(text).matches() || text.startsWith("0000")) throw new DateTimeException("no match");
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new BadRecord(BadRecord.WRONG_TYPE, "no date");
    }
  }

  /** With padding and without stray bits, so that there is one text for each. */
  private static byte[] bytes(Type type, JsonValue json) throws BadRecord {
    String text = string(type, json);
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (!Base64.getEncoder().encodeToString(bytes).equals(text)) throw new IllegalArgumentException();
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new BadRecord(BadRecord.WRONG_TYPE, "the text is not base64");
    }
  }
}

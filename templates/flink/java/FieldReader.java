package dev.windrow.flink;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** One JSON scalar as Flink's form of a field's type, or a reason why not. Nothing is coerced: a number in quotes is no int, 1.0 is no int either. */
final class FieldReader {
  /** Beyond these a decimal text cannot fit any type; checked first, for 1e999999999 would fill the memory. */
  private static final int EXPONENT_MAX = 1_000;

  /** BigDecimal alone would also take digits of other scripts. */
  private static final Pattern DECIMAL_TEXT = Pattern.compile("[-+0-9.eE]+");
  private static final Pattern ISO_TEXT =
      Pattern.compile(
          "(\\d{4}-\\d{2}-\\d{2})(?:[Tt ](\\d{2}:\\d{2})(:\\d{2})?(?:[.,](\\d{1,9}))?([Zz]|[-+]\\d{2}(?::?\\d{2})?)?)?", Pattern.DOTALL);

  private FieldReader() {}

  static Object read(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    return switch (field.type().kind) {
      case STRING -> string(field, json);
      case BOOL -> bool(field, json);
      case INT -> integer(field, json);
      case DOUBLE -> number(field, json);
      case DECIMAL -> decimal(field, json);
      case TIMESTAMP -> timestamp(field, json);
    };
  }

  static BadRecord bad(SourceSpec.Field field, String reason, String why) {
    return new BadRecord(reason, "field `" + field.wireName() + "`: " + why);
  }

  private static BadRecord mistyped(SourceSpec.Field field, JsonToken token) {
    return bad(field, BadRecord.WRONG_TYPE, "expected " + field.type() + ", found " + kind(token));
  }

  private static String kind(JsonToken token) {
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

  private static String string(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    if (json.currentToken() != JsonToken.VALUE_STRING) throw mistyped(field, json.currentToken());
    return json.getText();
  }

  private static Boolean bool(SourceSpec.Field field, JsonParser json) throws BadRecord {
    if (json.currentToken() == JsonToken.VALUE_TRUE) return true;
    if (json.currentToken() == JsonToken.VALUE_FALSE) return false;
    throw mistyped(field, json.currentToken());
  }

  private static Long integer(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) throw mistyped(field, json.currentToken());
    try {
      return Long.parseLong(json.getText());
    } catch (NumberFormatException e) {
      throw bad(field, BadRecord.OUT_OF_RANGE, "beyond 64 bits");
    }
  }

  private static Double number(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    if (!json.currentToken().isNumeric()) throw mistyped(field, json.currentToken());
    double v = Double.parseDouble(json.getText());
    if (!Double.isFinite(v)) throw bad(field, BadRecord.OUT_OF_RANGE, "beyond the largest double");
    return v + 0.0;
  }

  /** A string or a number that the type holds exactly; rounding is for expressions, not for input. */
  private static BigDecimal decimal(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_STRING && !token.isNumeric()) throw mistyped(field, token);
    BigDecimal v;
    try {
      if (!DECIMAL_TEXT.matcher(json.getText()).matches()) throw new NumberFormatException();
      v = new BigDecimal(json.getText());
    } catch (NumberFormatException e) {
      throw bad(field, BadRecord.WRONG_TYPE, "no decimal number");
    }
    if (v.signum() == 0) return BigDecimal.ZERO.setScale(field.type().scale);
    if (Math.abs((long) v.scale()) > EXPONENT_MAX) throw bad(field, BadRecord.OUT_OF_RANGE, "does not fit " + field.type());
    v = v.stripTrailingZeros();
    if (v.scale() > field.type().scale || v.precision() - v.scale() > field.type().precision - field.type().scale) {
      throw bad(field, BadRecord.OUT_OF_RANGE, "does not fit " + field.type());
    }
    return v.setScale(field.type().scale);
  }

  /** Milliseconds; finer stamps are floored. */
  private static Instant timestamp(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    if (field.type().stamp == Type.Stamp.ISO) return Instant.ofEpochMilli(iso(field, json));
    long v = integer(field, json);
    return Instant.ofEpochMilli(
        switch (field.type().stamp) {
          case S -> seconds(field, v);
          case US -> Math.floorDiv(v, 1_000L);
          case NS -> Math.floorDiv(v, 1_000_000L);
          default -> v;
        });
  }

  private static Long seconds(SourceSpec.Field field, long v) throws BadRecord {
    try {
      return Math.multiplyExact(v, 1_000L);
    } catch (ArithmeticException e) {
      throw bad(field, BadRecord.OUT_OF_RANGE, "beyond 64 bits");
    }
  }

  private static Long iso(SourceSpec.Field field, JsonParser json) throws IOException, BadRecord {
    Matcher m = ISO_TEXT.matcher(string(field, json));
    try {
      if (!m.matches()) throw new DateTimeException("no match");
      if (m.group(2) == null) return LocalDate.parse(m.group(1)).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
      String fraction = m.group(4) == null ? "" : "." + m.group(4);
      LocalDateTime at = LocalDateTime.parse(m.group(1) + "T" + m.group(2) + (m.group(3) == null ? ":00" : m.group(3)) + fraction);
      return at.toInstant(m.group(5) == null ? ZoneOffset.UTC : ZoneOffset.of(m.group(5).toUpperCase())).toEpochMilli(); // floors
    } catch (DateTimeException e) {
      throw bad(field, BadRecord.WRONG_TYPE, "no ISO 8601 time");
    }
  }
}

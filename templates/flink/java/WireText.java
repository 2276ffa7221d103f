package dev.windrow.flink;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.types.Row;

/**
 * Keys and values of published rows, byte by byte as windrow's own executor writes them. A value is null, Boolean, Long (ints, instants in ms), Instant, a
 * Double that is finite, a BigDecimal with its column's scale, a String, a LocalDate, bytes, an array, a Map or a Row of such, or {@link Raw}.
 */
public final class WireText {
  private static final int DIGITS_MAX = 17;
  /** Where Rust begins to write exponents. */
  private static final int PLAIN_EXPONENT_MIN = -4;
  private static final int PLAIN_EXPONENT_MAX = 15;

  /** JSON as it is. */
  public record Raw(String json) {}

  private WireText() {}

  static String json(Object value) {
    StringBuilder out = new StringBuilder();
    value(out, value);
    return out.toString();
  }

  /** The row as a JSON object, in the order of its columns. */
  public static byte[] row(List<String> names, Object[] values) {
    StringBuilder out = new StringBuilder("{");
    for (int i = 0; i < values.length; i++) {
      if (i > 0) out.append(',');
      text(out, names.get(i));
      out.append(':');
      value(out, values[i]);
    }
    return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The text of the one key column, or a JSON array of several; no bytes for none. */
  public static byte[] key(Object[] values) {
    StringBuilder out = new StringBuilder();
    if (values.length == 1) {
      out.append(keyText(values[0]));
    } else if (values.length > 1) {
      for (int i = 0; i < values.length; i++) {
        out.append(i == 0 ? '[' : ',');
        value(out, values[i]);
      }
      out.append(']');
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void value(StringBuilder out, Object value) {
    if (value instanceof String s) text(out, s);
    else if (value instanceof BigDecimal d) text(out, d.toPlainString());
    else if (value instanceof Double d) out.append(shortest(d + 0.0));
    else if (value instanceof Instant i) out.append(i.toEpochMilli());
    else if (value instanceof LocalDate d) text(out, d.toString());
    else if (value instanceof byte[] b) text(out, Base64.getEncoder().encodeToString(b));
    else if (value instanceof Raw r) out.append(r.json);
    else if (value instanceof Object[] list) list(out, list);
    else if (value instanceof Map<?, ?> map) map(out, map);
    else if (value instanceof Row row) struct(out, row);
    else if (value == null || value instanceof Long || value instanceof Boolean) out.append(value);
    else throw new IllegalArgumentException(value.getClass() + " is no column's");
  }

  private static String keyText(Object value) {
    if (value instanceof String s) return s;
    if (value instanceof BigDecimal d) return d.toPlainString();
    if (value instanceof LocalDate d) return d.toString();
    if (value instanceof byte[] b) return Base64.getEncoder().encodeToString(b);
    return json(value);
  }

  private static void list(StringBuilder out, Object[] elements) {
    out.append('[');
    for (int i = 0; i < elements.length; i++) {
      if (i > 0) out.append(',');
      value(out, elements[i]);
    }
    out.append(']');
  }

  /** By the names of its type, which Flink gives a row that goes into a function. */
  private static void struct(StringBuilder out, Row row) {
    Set<String> names = row.getFieldNames(true);
    if (names == null) throw new IllegalArgumentException("a struct without names");
    out.append('{');
    for (String name : names) {
      if (out.charAt(out.length() - 1) != '{') out.append(',');
      text(out, name);
      out.append(':');
      value(out, row.getField(name));
    }
    out.append('}');
  }

  private static void map(StringBuilder out, Map<?, ?> map) {
    TreeMap<Object, Object> sorted = new TreeMap<>(WireText::compare);
    sorted.putAll(map);
    out.append('{');
    sorted.forEach(
        (key, value) -> {
          if (out.charAt(out.length() - 1) != '{') out.append(',');
          text(out, keyText(key));
          out.append(':');
          value(out, value);
        });
    out.append('}');
  }

  /** Keys of one map: texts by their UTF-8 bytes, all others by what they are. */
  @SuppressWarnings("unchecked")
  private static int compare(Object a, Object b) {
    if (a instanceof String s) return Arrays.compareUnsigned(s.getBytes(StandardCharsets.UTF_8), ((String) b).getBytes(StandardCharsets.UTF_8));
    if (a instanceof byte[] bytes) return Arrays.compareUnsigned(bytes, (byte[]) b);
    return ((Comparable<Object>) a).compareTo(b);
  }

  private static void text(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
          else out.append(c);
        }
      }
    }
    out.append('"');
  }

  /**
   * The shortest digits that read back as the double, of those the nearest; with a point or an exponent. Not Double.toString: before JDK 19 it is at times
   * longer, and it has exponents where Rust has none.
   */
  static String shortest(double value) {
    if (value == 0) return "0.0";
    BigDecimal exact = new BigDecimal(value);
    BigDecimal best = nearest(exact, value, DIGITS_MAX);
    for (int digits = best.stripTrailingZeros().precision() - 1; digits > 0; digits--) {
      BigDecimal shorter = nearest(exact, value, digits);
      if (shorter == null) break;
      best = shorter;
    }
    best = best.stripTrailingZeros();
    // The decimal exponent of the first digit.
    int exponent = best.precision() - best.scale() - 1;
    if (exponent >= PLAIN_EXPONENT_MIN && exponent <= PLAIN_EXPONENT_MAX) {
      String plain = best.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = best.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (value < 0 ? "-" : "") + mantissa + "e" + exponent;
  }

  /** The nearest number of so many digits that reads back as the double; null if there is none. At powers of two it may be on the farther side. */
  private static BigDecimal nearest(BigDecimal exact, double value, int digits) {
    BigDecimal best = null;
    for (RoundingMode side : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.UP}) {
      BigDecimal rounded = exact.round(new MathContext(digits, side));
      if (rounded.doubleValue() != value) continue;
      if (best == null || rounded.subtract(exact).abs().compareTo(best.subtract(exact).abs()) < 0) best = rounded;
    }
    return best;
  }
}

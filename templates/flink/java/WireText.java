package dev.windrow.flink;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Keys and values of published rows, byte by byte as windrow's own executor writes them. A value is null, Boolean, Long (ints, instants in ms), a Double that
 * is finite, a BigDecimal with its column's scale, or a String.
 */
public final class WireText {
  private static final int DIGITS_MAX = 17;
  /** Where Rust begins to write exponents. */
  private static final int PLAIN_EXPONENT_MIN = -4;
  private static final int PLAIN_EXPONENT_MAX = 15;

  private WireText() {}

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
      if (values[0] instanceof String s) out.append(s);
      else if (values[0] instanceof BigDecimal d) out.append(d.toPlainString());
      else value(out, values[0]);
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
    else if (value instanceof Double d) out.append(shortest(d));
    else out.append(value);
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

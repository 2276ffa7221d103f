package dev.windrow.flink;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * A windrow type as state and aggregates see it. Inside, a value is a Boolean, a Long (int, timestamp in ms, decimals of at most 18 digits unscaled),
 * a BigInteger (wider decimals, unscaled), a Double that is finite and never -0.0, or a byte[] (string, in UTF-8). At the border to Flink it is what
 * Flink's default conversion class is.
 */
public final class Type implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int LONG_DIGITS = 18;
  private static final int MAX_DIGITS = 38;

  enum Kind { BOOL, INT, DOUBLE, DECIMAL, STRING, TIMESTAMP }

  /** How a timestamp is written on the wire. */
  enum Stamp { S, MS, US, NS, ISO }

  final Kind kind;
  final int precision;
  final int scale;
  final Stamp stamp;

  private Type(Kind kind, int precision, int scale, Stamp stamp) {
    this.kind = kind;
    this.precision = precision;
    this.scale = scale;
    this.stamp = stamp;
  }

  static Type of(Kind kind) {
    return new Type(kind, 0, 0, null);
  }

  static Type decimal(int precision, int scale) {
    return new Type(Kind.DECIMAL, precision, scale, null);
  }

  /** Reads windrow's own spelling: `decimal(12,2)`, `timestamp_ms`. A trailing `?` is the caller's business. */
  public static Type parse(String text) {
    if (text.startsWith("decimal(")) {
      String[] parts = text.substring(8, text.length() - 1).split(",");
      return decimal(Integer.parseInt(parts[0].trim()), Integer.parseInt(parts[1].trim()));
    }
    return switch (text) {
      case "bool" -> of(Kind.BOOL);
      case "int" -> of(Kind.INT);
      case "double" -> of(Kind.DOUBLE);
      case "string" -> of(Kind.STRING);
      case "timestamp" -> new Type(Kind.TIMESTAMP, 0, 0, Stamp.ISO);
      case "timestamp_s" -> new Type(Kind.TIMESTAMP, 0, 0, Stamp.S);
      case "timestamp_ms" -> new Type(Kind.TIMESTAMP, 0, 0, Stamp.MS);
      case "timestamp_us" -> new Type(Kind.TIMESTAMP, 0, 0, Stamp.US);
      case "timestamp_ns" -> new Type(Kind.TIMESTAMP, 0, 0, Stamp.NS);
      default -> throw new IllegalArgumentException("no such type: " + text);
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case DECIMAL -> "decimal(" + precision + "," + scale + ")";
      case TIMESTAMP -> stamp == Stamp.ISO ? "timestamp" : "timestamp_" + stamp.name().toLowerCase();
      default -> kind.name().toLowerCase();
    };
  }

  private boolean isLong() {
    return kind == Kind.INT || kind == Kind.TIMESTAMP || kind == Kind.DECIMAL && precision <= LONG_DIGITS;
  }

  /** Null for null, and for a double that is not finite: windrow's doubles are finite or null. */
  Object fromFlink(Object v) {
    if (v == null) return null;
    return switch (kind) {
      case BOOL, INT -> v;
      case TIMESTAMP -> ((Instant) v).toEpochMilli();
      case DOUBLE -> Double.isFinite((Double) v) ? (Object) ((Double) v + 0.0) : null; // -0.0 + 0.0 = 0.0
      case STRING -> ((String) v).getBytes(StandardCharsets.UTF_8);
      case DECIMAL -> unscaled(((BigDecimal) v).setScale(scale, RoundingMode.UNNECESSARY).unscaledValue());
    };
  }

  Object toFlink(Object v) {
    if (v == null) return null;
    return switch (kind) {
      case BOOL, INT, DOUBLE -> v;
      case TIMESTAMP -> Instant.ofEpochMilli((Long) v);
      case STRING -> new String((byte[]) v, StandardCharsets.UTF_8);
      case DECIMAL -> new BigDecimal(wide(v), scale);
    };
  }

  private Object unscaled(BigInteger v) {
    return isLong() ? (Object) v.longValueExact() : v;
  }

  private static BigInteger wide(Object v) {
    return v instanceof Long l ? BigInteger.valueOf(l) : (BigInteger) v;
  }

  /** The total as a value of this type, or null if it does not fit. */
  Object fit(BigInteger total) {
    if (kind == Kind.INT) return total.bitLength() < 64 ? (Object) total.longValue() : null;
    return new BigDecimal(total).precision() <= Math.min(precision, MAX_DIGITS) ? unscaled(total) : null;
  }

  void write(Out out, Object v) {
    if (isLong()) {
      out.i64((Long) v);
      return;
    }
    switch (kind) {
      case BOOL -> out.u8((Boolean) v ? 1 : 0);
      case DOUBLE -> out.i64(Double.doubleToLongBits((Double) v));
      case STRING -> out.bytes((byte[]) v);
      default -> out.bytes(((BigInteger) v).toByteArray());
    }
  }

  Object read(In in) {
    if (isLong()) return in.i64();
    return switch (kind) {
      case BOOL -> in.u8() == 1;
      case DOUBLE -> Double.longBitsToDouble(in.i64());
      case STRING -> in.bytes();
      default -> new BigInteger(in.bytes());
    };
  }

  /** Strings compare by their UTF-8 bytes; Java's own order, by UTF-16 units, puts U+FF61 after U+1F600. */
  int compare(Object a, Object b) {
    if (isLong()) return Long.compare((Long) a, (Long) b);
    return switch (kind) {
      case BOOL -> Boolean.compare((Boolean) a, (Boolean) b);
      case DOUBLE -> Double.compare((Double) a, (Double) b);
      case STRING -> Arrays.compareUnsigned((byte[]) a, (byte[]) b);
      default -> ((BigInteger) a).compareTo((BigInteger) b);
    };
  }
}

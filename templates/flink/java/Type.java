package dev.windrow.flink;

import java.io.Serializable;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.types.Row;

/**
 * A windrow type as state and aggregates see it. Inside, a value is a Boolean, a Long (int, timestamp in ms, date in days, decimals of at most 18 digits
 * unscaled), a BigInteger (wider decimals, unscaled), a Double that is finite and never -0.0, a byte[] (bytes, or a string in UTF-8), or an Object[] (the
 * elements of a list; keys and values of a map in turn, in the order of the keys; the
 * fields of a struct). At the border to Flink it is what Flink's default conversion class is.
 */
public final class Type implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int LONG_DIGITS = 18;
  private static final int MAX_DIGITS = 38;

  enum Kind { BOOL, INT, DOUBLE, DECIMAL, STRING, TIMESTAMP, DATE, BYTES, LIST, MAP, STRUCT }

  /** A field of a struct, under the name that it has in records; `optional` if it may be null. */
  record Field(String name, Type type, boolean optional) implements Serializable {}

  /** How a timestamp is written on the wire. */
  enum Stamp { S, MS, US, NS, ISO }

  final Kind kind;
  final int precision;
  final int scale;
  final Stamp stamp;
  /** Of a map. */
  final Type key;
  /** Of a list its elements', of a map its values'. */
  final Type element;
  /** Whether these may be null. */
  final boolean optional;
  /** Of a struct. */
  final ArrayList<Field> fields = new ArrayList<>();

  private Type(Kind kind, int precision, int scale, Stamp stamp, Type key, Type element, boolean optional) {
    this.kind = kind;
    this.precision = precision;
    this.scale = scale;
    this.stamp = stamp;
    this.key = key;
    this.element = element;
    this.optional = optional;
  }

  static Type of(Kind kind) {
    return new Type(kind, 0, 0, null, null, null, false);
  }

  static Type decimal(int precision, int scale) {
    return new Type(Kind.DECIMAL, precision, scale, null, null, null, false);
  }

  static Type timestamp(Stamp stamp) {
    return new Type(Kind.TIMESTAMP, 0, 0, stamp, null, null, false);
  }

  static Type list(Type element, boolean optional) {
    return new Type(Kind.LIST, 0, 0, null, null, element, optional);
  }

  static Type map(Type key, Type value, boolean optional) {
    return new Type(Kind.MAP, 0, 0, null, key, value, optional);
  }

  static Type struct(List<Field> fields) {
    Type type = of(Kind.STRUCT);
    type.fields.addAll(fields);
    return type;
  }

  /** Reads windrow's own spelling: `decimal(12,2)`, `list<timestamp_ms?>`, `struct{a int, b string?}`. A trailing `?` is the caller's business. */
  public static Type parse(String text) {
    return TypeText.parse(text);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case DECIMAL -> "decimal(" + precision + "," + scale + ")";
      case TIMESTAMP -> stamp == Stamp.ISO ? "timestamp" : "timestamp_" + stamp.name().toLowerCase();
      case LIST -> "list<" + element + (optional ? "?>" : ">");
      case MAP -> "map<" + key + ", " + element + (optional ? "?>" : ">");
      case STRUCT -> "struct{" + fields.stream().map(f -> f.name + " " + f.type + (f.optional ? "?" : "")).collect(Collectors.joining(", ")) + "}";
      default -> kind.name().toLowerCase();
    };
  }

  private boolean isLong() {
    return kind == Kind.INT || kind == Kind.TIMESTAMP || kind == Kind.DATE || kind == Kind.DECIMAL && precision <= LONG_DIGITS;
  }

  /** Null for null, and for a double that is not finite: windrow's doubles are finite or null. */
  Object fromFlink(Object v) {
    if (v == null) return null;
    return switch (kind) {
      case BOOL, INT, BYTES -> v;
      case TIMESTAMP -> ((Instant) v).toEpochMilli();
      case DATE -> ((LocalDate) v).toEpochDay();
      case DOUBLE -> Double.isFinite((Double) v) ? (Object) ((Double) v + 0.0) : null; // -0.0 + 0.0 = 0.0
      case STRING -> ((String) v).getBytes(StandardCharsets.UTF_8);
      case DECIMAL -> unscaled(((BigDecimal) v).setScale(scale, RoundingMode.UNNECESSARY).unscaledValue());
      case LIST -> Arrays.stream((Object[]) v).map(element::fromFlink).toArray();
      case MAP -> entries((Map<?, ?>) v);
      case STRUCT -> fields((Row) v);
    };
  }

  private Object[] fields(Row row) {
    Object[] values = new Object[fields.size()];
    for (int i = 0; i < values.length; i++) values[i] = fields.get(i).type.fromFlink(row.getField(i));
    return values;
  }

  private Row row(Object[] values) {
    Row row = new Row(values.length);
    for (int i = 0; i < values.length; i++) row.setField(i, fields.get(i).type.toFlink(values[i]));
    return row;
  }

  private Object[] entries(Map<?, ?> map) {
    TreeMap<Object, Object> sorted = new TreeMap<>(key::compare);
    map.forEach((k, v) -> sorted.put(key.fromFlink(k), element.fromFlink(v)));
    Object[] entries = new Object[2 * sorted.size()];
    int at = 0;
    for (Map.Entry<Object, Object> entry : sorted.entrySet()) {
      entries[at++] = entry.getKey();
      entries[at++] = entry.getValue();
    }
    return entries;
  }

  Object toFlink(Object v) {
    if (v == null) return null;
    return switch (kind) {
      case BOOL, INT, DOUBLE, BYTES -> v;
      case TIMESTAMP -> Instant.ofEpochMilli((Long) v);
      case DATE -> LocalDate.ofEpochDay((Long) v);
      case STRING -> new String((byte[]) v, StandardCharsets.UTF_8);
      case DECIMAL -> new BigDecimal(wide(v), scale);
      case LIST -> array((Object[]) v);
      case MAP -> map((Object[]) v);
      case STRUCT -> row((Object[]) v);
    };
  }

  private Object array(Object[] elements) {
    Object[] array = (Object[]) Array.newInstance(element.flinkClass(), elements.length);
    for (int i = 0; i < array.length; i++) array[i] = element.toFlink(elements[i]);
    return array;
  }

  private Map<Object, Object> map(Object[] entries) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) map.put(key.toFlink(entries[i]), element.toFlink(entries[i + 1]));
    return map;
  }

  /** Flink's default conversion class. */
  Class<?> flinkClass() {
    return switch (kind) {
      case BOOL -> Boolean.class;
      case INT -> Long.class;
      case DOUBLE -> Double.class;
      case BYTES -> byte[].class;
      case TIMESTAMP -> Instant.class;
      case DATE -> LocalDate.class;
      case STRING -> String.class;
      case DECIMAL -> BigDecimal.class;
      case LIST -> element.flinkClass().arrayType();
      case MAP -> Map.class;
      case STRUCT -> Row.class;
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

  /** The number as a value of this type, the nearest where it does not fit. */
  Object clamp(BigInteger number) {
    BigInteger most = kind == Kind.DECIMAL ? BigInteger.TEN.pow(precision).subtract(BigInteger.ONE) : BigInteger.valueOf(Long.MAX_VALUE);
    BigInteger least = kind == Kind.DECIMAL ? most.negate() : BigInteger.valueOf(Long.MIN_VALUE);
    return unscaled(number.min(most).max(least));
  }

  void write(Out out, Object v) {
    if (isLong()) {
      out.i64((Long) v);
      return;
    }
    switch (kind) {
      case BOOL -> out.u8((Boolean) v ? 1 : 0);
      case DOUBLE -> out.i64(Double.doubleToLongBits((Double) v));
      case STRING, BYTES -> out.bytes((byte[]) v);
      case LIST, MAP, STRUCT -> writeParts(out, (Object[]) v);
      default -> out.bytes(((BigInteger) v).toByteArray());
    }
  }

  private void writeParts(Out out, Object[] parts) {
    out.size(parts.length);
    for (int i = 0; i < parts.length; i++) {
      out.u8(parts[i] == null ? 0 : 1);
      if (parts[i] != null) part(i).write(out, parts[i]);
    }
  }

  private Type part(int position) {
    if (kind == Kind.STRUCT) return fields.get(position).type;
    return kind == Kind.MAP && position % 2 == 0 ? key : element;
  }

  Object read(In in) {
    if (isLong()) return in.i64();
    return switch (kind) {
      case BOOL -> in.u8() == 1;
      case DOUBLE -> Double.longBitsToDouble(in.i64());
      case STRING, BYTES -> in.bytes();
      case LIST, MAP, STRUCT -> readParts(in);
      default -> new BigInteger(in.bytes());
    };
  }

  private Object[] readParts(In in) {
    Object[] parts = new Object[in.size()];
    for (int i = 0; i < parts.length; i++) if (in.u8() == 1) parts[i] = part(i).read(in);
    return parts;
  }

  /** Strings compare by their UTF-8 bytes; Java's own order, by UTF-16 units, puts U+FF61 after U+1F600. Lists and maps have no order. */
  int compare(Object a, Object b) {
    if (isLong()) return Long.compare((Long) a, (Long) b);
    return switch (kind) {
      case BOOL -> Boolean.compare((Boolean) a, (Boolean) b);
      case DOUBLE -> Double.compare((Double) a, (Double) b);
      case STRING, BYTES -> Arrays.compareUnsigned((byte[]) a, (byte[]) b);
      default -> ((BigInteger) a).compareTo((BigInteger) b);
    };
  }
}

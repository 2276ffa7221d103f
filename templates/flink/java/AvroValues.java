package dev.windrow.flink;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.types.Row;

/** What was written in Avro as Flink's form of a field's type, or a reason why not. What has no type of its own in Avro stands as in JSON. */
final class AvroValues {
  /** The years of windrow's calendar. */
  private static final int YEAR_MAX = 9_999;

  private AvroValues() {}

  /** `datum` is null if the record has no such field. */
  static Object optional(Type type, boolean optional, AvroType.Datum datum) throws BadRecord {
    if (datum != null && datum.value() != null) return read(type, datum);
    if (optional) return null;
    throw new BadRecord(BadRecord.MISSING_FIELD, "required, and absent or null");
  }

  private static Object read(Type type, AvroType.Datum datum) throws BadRecord {
    Object value = datum.value();
    return switch (type.kind) {
      case STRING -> value instanceof String ? value : mistyped(type, datum);
      case BOOL -> value instanceof Boolean ? value : mistyped(type, datum);
      case INT -> isWhole(datum) ? value : mistyped(type, datum);
      case DOUBLE -> number(type, datum);
      case BYTES -> isPlain(datum) && value instanceof byte[] ? value : mistyped(type, datum);
      case DECIMAL -> decimal(type, datum);
      case DATE -> date(type, datum);
      case TIMESTAMP -> timestamp(type, datum);
      case LIST -> value instanceof List<?> elements ? list(type, elements) : mistyped(type, datum);
      case MAP -> value instanceof Map<?, ?> entries ? map(type, entries) : mistyped(type, datum);
      case STRUCT -> value instanceof AvroType.Datum[] fields ? struct(type, datum.type(), fields) : mistyped(type, datum);
    };
  }

  private static Object mistyped(Type type, AvroType.Datum datum) throws BadRecord {
    AvroType found = datum.type();
    String logical = isPlain(datum) ? "" : " (" + found.logical.name().toLowerCase() + ")";
    throw new BadRecord(BadRecord.WRONG_TYPE, "expected " + type + ", found " + found.kind.name().toLowerCase() + logical);
  }

  private static boolean isPlain(AvroType.Datum datum) {
    return datum.type().logical == AvroType.Logical.NONE;
  }

  private static boolean isWhole(AvroType.Datum datum) {
    return isPlain(datum) && datum.value() instanceof Long;
  }

  private static Object number(Type type, AvroType.Datum datum) throws BadRecord {
    if (datum.type().kind == AvroType.Kind.INT && isPlain(datum)) return ((Long) datum.value()).doubleValue();
    if (!(datum.value() instanceof Double number)) return mistyped(type, datum);
    if (!Double.isFinite(number)) throw new BadRecord(BadRecord.OUT_OF_RANGE, "no finite number");
    return number + 0.0;
  }

  /** Written as a big-endian number with its sign, as many bytes as it takes. */
  private static Object decimal(Type type, AvroType.Datum datum) throws BadRecord {
    if (datum.type().logical == AvroType.Logical.DECIMAL && datum.value() instanceof byte[] units) {
      if (units.length == 0) throw new BadRecord(BadRecord.OUT_OF_RANGE, "a number without digits");
      return FieldReader.exact(type, new BigDecimal(new BigInteger(units), datum.type().scale));
    }
    if (isWhole(datum)) return FieldReader.read(type, new JsonValue(JsonToken.VALUE_NUMBER_INT, datum.value().toString(), null, null));
    return asText(type, datum);
  }

  private static Object date(Type type, AvroType.Datum datum) throws BadRecord {
    if (datum.type().logical != AvroType.Logical.DATE) return asText(type, datum);
    LocalDate day = LocalDate.ofEpochDay((Long) datum.value());
    if (Math.abs(day.getYear()) > YEAR_MAX) throw new BadRecord(BadRecord.OUT_OF_RANGE, "outside of the calendar");
    return day;
  }

  /** An instant is in the unit that its schema says; what it does not say was declared. */
  private static Object timestamp(Type type, AvroType.Datum datum) throws BadRecord {
    Type.Stamp unit =
        switch (datum.type().logical) {
          case MILLIS -> Type.Stamp.MS;
          case MICROS -> Type.Stamp.US;
          case NANOS -> Type.Stamp.NS;
          case NONE, DECIMAL, DATE -> isWhole(datum) && type.stamp != Type.Stamp.ISO ? type.stamp : null;
        };
    if (unit != null) return FieldReader.instant(unit, (Long) datum.value());
    return type.stamp == Type.Stamp.ISO ? asText(type, datum) : mistyped(type, datum);
  }

  private static Object asText(Type type, AvroType.Datum datum) throws BadRecord {
    return datum.value() instanceof String text ? FieldReader.read(type, JsonValue.text(text)) : mistyped(type, datum);
  }

  private static Object list(Type type, List<?> elements) throws BadRecord {
    Object[] array = (Object[]) Array.newInstance(type.element.flinkClass(), elements.size());
    for (int i = 0; i < array.length; i++) {
      try {
        array[i] = optional(type.element, type.optional, (AvroType.Datum) elements.get(i));
      } catch (BadRecord bad) {
        throw bad.below("[" + (i + 1) + "]"); // counted from 1, as expressions do
      }
    }
    return array;
  }

  private static Object map(Type type, Map<?, ?> entries) throws BadRecord {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      String key = (String) entry.getKey();
      try {
        map.put(NestedReader.key(type.key, key), optional(type.element, type.optional, (AvroType.Datum) entry.getValue()));
      } catch (BadRecord bad) {
        throw bad.below("['" + key + "']");
      }
    }
    return map;
  }

  /** Fields that are not declared do not matter. */
  private static Object struct(Type type, AvroType written, AvroType.Datum[] values) throws BadRecord {
    Row row = new Row(type.fields.size());
    for (int i = 0; i < type.fields.size(); i++) {
      Type.Field field = type.fields.get(i);
      int place = written.place(field.name());
      try {
        row.setField(i, optional(field.type(), field.optional(), place < 0 ? null : values[place]));
      } catch (BadRecord bad) {
        throw bad.below("." + field.name());
      }
    }
    return row;
  }
}

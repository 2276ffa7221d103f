package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** A type of the schema that records are written by, and how its values are read. Of logical types only those are known that windrow reads. */
final class AvroType {
  enum Kind { NULL, BOOLEAN, INT, LONG, FLOAT, DOUBLE, BYTES, STRING, FIXED, ENUM, ARRAY, MAP, RECORD, UNION }

  enum Logical { NONE, DECIMAL, DATE, MILLIS, MICROS, NANOS }

  /**
   * What was written, and as what: of a union the type that was chosen. The value is null, a Boolean, a Long, a Double, a String, a byte[], a list or a map
   * of these, or the fields of a record.
   */
  record Datum(AvroType type, Object value) {}

  /** As many as windrow's other engines take: items without bytes, like nulls, cost the writer nothing. */
  private static final long ELEMENTS_MAX = 9_586_980;
  private static final long ENTRIES_MAX = 6_710_886;

  /** As UTF-8 bytes order, so that of several wrong entries every engine tells the same. */
  private static final Comparator<String> BY_BYTES =
      (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  final Kind kind;
  final Logical logical;
  /** Of a decimal. */
  final int scale;
  /** Of a fixed. */
  private final int size;
  private final List<String> symbols = new ArrayList<>();
  /** Names of a record's fields, in the order of `parts`. */
  private final List<String> names = new ArrayList<>();
  /** A record's fields, a union's variants, or the one type that an array or a map holds. */
  private final List<AvroType> parts = new ArrayList<>();

  private AvroType(Kind kind, Logical logical, int scale, int size) {
    this.kind = kind;
    this.logical = logical;
    this.scale = scale;
    this.size = size;
  }

  /** Of all fields that are written, used or not. */
  static AvroType record(List<SourceSpec.Written> fields) throws BadRecord {
    AvroType record = new AvroType(Kind.RECORD, Logical.NONE, 0, 0);
    Map<String, AvroType> named = new TreeMap<>();
    for (SourceSpec.Written field : fields) record.add(field.name(), parse(JsonFields.value(field.schema()), named));
    return record;
  }

  private void add(String name, AvroType part) {
    names.add(name);
    parts.add(part);
  }

  /** A type with a name stands where it is used first. */
  private static AvroType parse(JsonValue json, Map<String, AvroType> named) throws BadRecord {
    if (json.token() == JsonToken.VALUE_STRING) {
      AvroType known = named.get(json.text());
      return known != null ? known : new AvroType(kind(json), Logical.NONE, 0, 0);
    }
    if (json.token() == JsonToken.START_ARRAY) {
      AvroType union = new AvroType(Kind.UNION, Logical.NONE, 0, 0);
      for (JsonValue variant : json.elements()) union.parts.add(parse(variant, named));
      return union;
    }
    Map<String, JsonValue> object = json.fields();
    AvroType type = new AvroType(kind(object.get("type")), logical(object), number(object, "scale"), number(object, "size"));
    type.addParts(object, named);
    if (object.containsKey("name")) named.put(object.get("name").text(), type);
    return type;
  }

  private void addParts(Map<String, JsonValue> object, Map<String, AvroType> named) throws BadRecord {
    switch (kind) {
      case ARRAY -> parts.add(parse(object.get("items"), named));
      case MAP -> parts.add(parse(object.get("values"), named));
      case ENUM -> object.get("symbols").elements().forEach(symbol -> symbols.add(symbol.text()));
      case RECORD -> {
        for (JsonValue field : object.get("fields").elements()) add(field.fields().get("name").text(), parse(field.fields().get("type"), named));
      }
      default -> {}
    }
  }

  private static Kind kind(JsonValue name) {
    return Kind.valueOf(name.text().toUpperCase());
  }

  private static Logical logical(Map<String, JsonValue> object) {
    return switch (object.containsKey("logicalType") ? object.get("logicalType").text() : "") {
      case "decimal" -> Logical.DECIMAL;
      case "date" -> Logical.DATE;
      case "timestamp-millis", "local-timestamp-millis" -> Logical.MILLIS;
      case "timestamp-micros", "local-timestamp-micros" -> Logical.MICROS;
      case "timestamp-nanos", "local-timestamp-nanos" -> Logical.NANOS;
      default -> Logical.NONE;
    };
  }

  private static int number(Map<String, JsonValue> object, String name) {
    return object.containsKey(name) ? Integer.parseInt(object.get(name).text()) : 0;
  }

  /** The place of a field, -1 if the record has none of that name. */
  int place(String name) {
    return names.indexOf(name);
  }

  Datum read(AvroInput in) throws BadRecord {
    if (kind == Kind.UNION) return parts.get(in.choice(in.whole(), parts.size())).read(in);
    return new Datum(
        this,
        switch (kind) {
          case BOOLEAN -> in.truth();
          case INT -> (long) in.narrow();
          case LONG -> in.whole();
          case FLOAT -> (double) in.real32();
          case DOUBLE -> in.real64();
          case BYTES -> in.raw(in.whole());
          case FIXED -> in.raw(size);
          case STRING -> in.text();
          case ENUM -> symbols.get(in.choice(in.narrow(), symbols.size()));
          case ARRAY -> array(in);
          case MAP -> map(in);
          case RECORD -> fields(in);
          case NULL, UNION -> null;
        });
  }

  private List<Datum> array(AvroInput in) throws BadRecord {
    List<Datum> elements = new ArrayList<>();
    for (long count = in.block(); count > 0; count = in.block()) {
      if (count > ELEMENTS_MAX - elements.size()) throw AvroInput.bad("an array of more than " + ELEMENTS_MAX);
      for (long i = 0; i < count; i++) elements.add(parts.get(0).read(in));
    }
    return elements;
  }

  /** Of a key that is written twice the last value counts. */
  private Map<String, Datum> map(AvroInput in) throws BadRecord {
    Map<String, Datum> entries = new TreeMap<>(BY_BYTES);
    for (long count = in.block(); count > 0; count = in.block()) {
      if (count > ENTRIES_MAX - entries.size()) throw AvroInput.bad("a map of more than " + ENTRIES_MAX);
      for (long i = 0; i < count; i++) {
        String key = in.text();
        entries.put(key, parts.get(0).read(in));
      }
    }
    return entries;
  }

  private Datum[] fields(AvroInput in) throws BadRecord {
    Datum[] fields = new Datum[parts.size()];
    for (int i = 0; i < fields.length; i++) fields[i] = parts.get(i).read(in);
    return fields;
  }
}

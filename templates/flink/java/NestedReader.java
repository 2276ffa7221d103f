package dev.windrow.flink;

import java.lang.reflect.Array;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.types.Row;

/** Arrays and objects of JSON as Flink's form of lists, maps and structs, or a reason why not and where. */
final class NestedReader {
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private NestedReader() {}

  static Object list(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.START_ARRAY) throw FieldReader.mistyped(type, json);
    List<JsonValue> elements = json.elements();
    Object[] array = (Object[]) Array.newInstance(type.element.flinkClass(), elements.size());
    for (int i = 0; i < array.length; i++) {
      try {
        array[i] = part(type, elements.get(i));
      } catch (BadRecord bad) {
        throw bad.below("[" + (i + 1) + "]"); // counted from 1, as expressions do
      }
    }
    return array;
  }

  static Object map(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.START_OBJECT) throw FieldReader.mistyped(type, json);
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> entry : json.fields().entrySet()) {
      try {
        map.put(key(type.key, entry.getKey()), part(type, entry.getValue()));
      } catch (BadRecord bad) {
        throw bad.below("['" + entry.getKey() + "']");
      }
    }
    return map;
  }

  /** Fields that are not declared do not matter. */
  static Row struct(Type type, JsonValue json) throws BadRecord {
    if (json.token() != JsonToken.START_OBJECT) throw new BadRecord(BadRecord.WRONG_TYPE, "expected an object, found " + FieldReader.kind(json.token()));
    Row row = new Row(type.fields.size());
    for (int i = 0; i < type.fields.size(); i++) {
      Type.Field field = type.fields.get(i);
      JsonValue value = json.fields().get(field.name());
      try {
        if (value != null && !value.isNull()) row.setField(i, FieldReader.read(field.type(), value));
        else if (!field.optional()) throw new BadRecord(BadRecord.MISSING_FIELD, "required, and absent or null");
      } catch (BadRecord bad) {
        throw bad.below("." + field.name());
      }
    }
    return row;
  }

  private static Object part(Type type, JsonValue json) throws BadRecord {
    if (!json.isNull()) return FieldReader.read(type.element, json);
    if (type.optional) return null;
    throw new BadRecord(BadRecord.MISSING_FIELD, "null in a required field");
  }

  /** A key stands as text: of what is no text in JSON, the text of that. */
  static Object key(Type type, String text) throws BadRecord {
    boolean isStamp = type.kind == Type.Kind.TIMESTAMP && type.stamp != Type.Stamp.ISO;
    JsonToken token = JsonToken.VALUE_STRING;
    if (type.kind == Type.Kind.BOOL) {
      if (text.equals("true")) token = JsonToken.VALUE_TRUE;
      if (text.equals("false")) token = JsonToken.VALUE_FALSE;
    } else if ((type.kind == Type.Kind.INT || type.kind == Type.Kind.DOUBLE || isStamp) && NUMBER.matcher(text).matches()) {
      boolean isWhole = text.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E');
      token = isWhole ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_NUMBER_FLOAT;
    }
    return FieldReader.read(type, new JsonValue(token, text, null, null));
  }
}

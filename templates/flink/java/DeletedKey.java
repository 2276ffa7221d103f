package dev.windrow.flink;

import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** The key of a record without value, as windrow writes keys: the text of the one column, or a JSON array of several. */
final class DeletedKey {
  private DeletedKey() {}

  /** In Flink's form, in the order of the table's key. */
  static Object[] read(SourceSpec spec, byte[] key) throws BadRecord {
    String text = key == null ? null : JsonFields.text(key);
    if (text == null) throw bad("no text");
    Object[] parts = new Object[spec.keys.size()];
    try {
      if (parts.length == 1) {
        Type type = type(spec, 0);
        parts[0] = part(type, isText(type) ? JsonValue.text(text) : JsonFields.value(text));
        return parts;
      }
      JsonValue all = JsonFields.value(text);
      List<JsonValue> elements = all.token() == JsonToken.START_ARRAY ? all.elements() : List.of();
      if (elements.size() != parts.length) throw bad("another number of columns");
      for (int i = 0; i < parts.length; i++) parts[i] = part(type(spec, i), elements.get(i));
      return parts;
    } catch (BadRecord e) {
      throw bad(e.getMessage());
    }
  }

  private static Object part(Type type, JsonValue json) throws BadRecord {
    if (json.isNull()) return null;
    if (isText(type) && json.token() != JsonToken.VALUE_STRING) throw FieldReader.mistyped(type, json);
    return FieldReader.read(type, json);
  }

  /** Of the column; keys have instants in ms, however the table's records have them. */
  private static Type type(SourceSpec spec, int part) {
    Type type = spec.fields.get(spec.keys.get(part)).type();
    return type.kind == Type.Kind.TIMESTAMP ? Type.timestamp(Type.Stamp.MS) : type;
  }

  private static boolean isText(Type type) {
    return type.kind == Type.Kind.STRING || type.kind == Type.Kind.DECIMAL || type.kind == Type.Kind.DATE;
  }

  private static BadRecord bad(String detail) {
    return new BadRecord(BadRecord.BAD_KEY, detail);
  }
}

package dev.windrow.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** A JSON value, read whole: what it is, the text of a scalar, the elements of an array, the fields of an object (of two with one name the last). */
record JsonValue(JsonToken token, String text, List<JsonValue> elements, Map<String, JsonValue> fields) {
  /** No deeper than windrow's other engines read. */
  static final int DEPTH_MAX = 127;

  static JsonValue text(String text) {
    return new JsonValue(JsonToken.VALUE_STRING, text, null, null);
  }

  /** The value at the parser's token, which is then at the value's last. `depth`: how many objects and arrays it stands in. */
  static JsonValue read(JsonParser json, int depth) throws IOException, BadRecord {
    JsonToken token = json.currentToken();
    if (token.isStructStart() && depth == DEPTH_MAX) throw new BadRecord(BadRecord.NOT_JSON, "nested deeper than " + DEPTH_MAX);
    if (token == JsonToken.START_ARRAY) {
      List<JsonValue> elements = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) elements.add(read(json, depth + 1));
      return new JsonValue(token, null, elements, null);
    }
    if (token == JsonToken.START_OBJECT) {
      Map<String, JsonValue> fields = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = checked(json.currentName());
        json.nextToken();
        fields.put(name, read(json, depth + 1));
      }
      return new JsonValue(token, null, null, fields);
    }
    return new JsonValue(token, token == JsonToken.VALUE_STRING ? checked(json.getText()) : json.getText(), null, null);
  }

  boolean isNull() {
    return token == JsonToken.VALUE_NULL;
  }

  /** Half a surrogate pair, as "\\ud800" gives, is no text: it has no UTF-8 form. */
  static String checked(String text) throws BadRecord {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) continue;
      if (!Character.isHighSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
        throw new BadRecord(BadRecord.NOT_JSON, "half a surrogate pair");
      }
      i++;
    }
    return text;
  }
}

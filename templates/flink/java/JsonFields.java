package dev.windrow.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;

/** The declared fields of a record that is a JSON object, or the reason why it has them not. */
final class JsonFields implements RecordFields {
  /** Jackson's own limits would make dead letters of records that other engines read. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(2 * JsonValue.DEPTH_MAX)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final List<SourceSpec.Field> fields;
  private final Map<String, Integer> byWireName = new HashMap<>();

  JsonFields(SourceSpec spec) {
    fields = spec.fields;
    for (int i = 0; i < fields.size(); i++) byWireName.put(fields.get(i).wireName(), i);
  }

  @Override
  public Object[] read(byte[] value) throws BadRecord {
    String text = text(value);
    if (text == null) throw new BadRecord(BadRecord.NOT_JSON, "not UTF-8");
    if (text.startsWith("\ufeff")) throw new BadRecord(BadRecord.NOT_JSON, "begins with a byte order mark");
    try (JsonParser json = JSON.createParser(text)) {
      return object(json);
    } catch (IOException e) {
      throw new BadRecord(BadRecord.NOT_JSON, "malformed");
    }
  }

  /** Null if the bytes are no UTF-8. Not left to Jackson, which guesses UTF-16 and UTF-32 and lets some ill-formed UTF-8 pass. */
  static String text(byte[] value) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The one value that a text is. */
  static JsonValue value(String text) throws BadRecord {
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() == null) throw new BadRecord(BadRecord.NOT_JSON, "nothing");
      JsonValue value = JsonValue.read(json, 0);
      if (json.nextToken() != null) throw new BadRecord(BadRecord.NOT_JSON, "more than one value");
      return value;
    } catch (IOException e) {
      throw new BadRecord(BadRecord.NOT_JSON, "malformed");
    }
  }

  /** Bytes that are no JSON outrank a bad field, wherever they stand; of a name given twice the last one counts. */
  private Object[] object(JsonParser json) throws IOException, BadRecord {
    if (json.nextToken() != JsonToken.START_OBJECT) throw new BadRecord(BadRecord.NOT_JSON, "not an object");
    Object[] found = new Object[fields.size()]; // a value, a BadRecord, or null
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      Integer i = byWireName.get(JsonValue.checked(json.currentName()));
      json.nextToken();
      if (i != null) found[i] = read(fields.get(i), JsonValue.read(json, 1));
      else skip(json);
    }
    if (json.nextToken() != null) throw new BadRecord(BadRecord.NOT_JSON, "more than one value");
    for (int i = 0; i < found.length; i++) {
      if (found[i] instanceof BadRecord bad) throw bad;
      if (found[i] == null && !fields.get(i).optional()) {
        throw new BadRecord(BadRecord.MISSING_FIELD, "required, and absent or null").below(fields.get(i).wireName());
      }
    }
    return found;
  }

  private static Object read(SourceSpec.Field field, JsonValue json) {
    try {
      return json.isNull() ? null : FieldReader.read(field.type(), json);
    } catch (BadRecord bad) {
      return bad.below(field.wireName());
    }
  }

  /** Walks to the end of the value: what is not used must still be JSON, no deeper than windrow's other engines read. */
  private static void skip(JsonParser json) throws IOException, BadRecord {
    int depth = 1;
    for (JsonToken token = json.currentToken(); ; token = json.nextToken()) {
      if (token.isStructStart() && ++depth > JsonValue.DEPTH_MAX) throw new BadRecord(BadRecord.NOT_JSON, "nested deeper than " + JsonValue.DEPTH_MAX);
      if (token.isStructEnd()) depth--;
      if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) JsonValue.checked(json.getText());
      if (depth == 1) return;
    }
  }
}

package dev.windrow.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;

/**
 * Raw bytes to a checked row of a source, or to a reason. A record's verdict depends on its bytes and its arrival stamp alone. A task thread has one
 * decoder per source, and it remembers its last record: the event time (for the watermark) and the row are asked for one after the other.
 */
final class JsonDecoder {
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
  private static final int COPY_BYTES = 16;

  /** `bad` is null, or `values` is. `copy` is null if the source has no event id. */
  record Decoded(Object[] values, long ts, byte[] copy, BadRecord bad) {}

  private static final ThreadLocal<Map<String, JsonDecoder>> OF_THREAD = ThreadLocal.withInitial(HashMap::new);

  private final SourceSpec spec;
  private final Map<String, Integer> byWireName = new HashMap<>();
  private final MessageDigest digest;
  private byte[] lastValue;
  private Instant lastArrival;
  private Decoded last;

  static JsonDecoder of(SourceSpec spec) {
    return OF_THREAD.get().computeIfAbsent(spec.name, name -> new JsonDecoder(spec));
  }

  private JsonDecoder(SourceSpec spec) {
    this.spec = spec;
    for (int i = 0; i < spec.fields.size(); i++) byWireName.put(spec.fields.get(i).wireName(), i);
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Decoded decode(byte[] value, Instant arrival) {
    if (last == null || !Arrays.equals(value, lastValue) || !Objects.equals(arrival, lastArrival)) {
      last = check(value, arrival);
      lastValue = value == null ? null : value.clone(); // a reader may use its buffer again
      lastArrival = arrival;
    }
    return last;
  }

  private Decoded check(byte[] value, Instant arrival) {
    try {
      if (value == null) throw new BadRecord(BadRecord.NOT_JSON, "no value");
      Object[] values = parse(value);
      long ts = spec.eventTime < 0 ? 0 : ((Instant) values[spec.eventTime]).toEpochMilli();
      // Measured against the record's own stamp, never against a clock, so that live and replay agree.
      if (arrival != null && ts > arrival.plusMillis(spec.aheadMs).toEpochMilli()) {
        throw new BadRecord(BadRecord.FUTURE, "event time leads the record's own by more than " + spec.aheadMs + " ms");
      }
      return new Decoded(values, ts, spec.eventId < 0 ? null : copyHash(values, value), null);
    } catch (BadRecord e) {
      return new Decoded(null, 0, null, e);
    }
  }

  private byte[] copyHash(Object[] values, byte[] value) {
    byte[] id = String.valueOf(values[spec.eventId]).getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(id.length).array());
    digest.update(id);
    return Arrays.copyOf(digest.digest(value), COPY_BYTES);
  }

  private Object[] parse(byte[] value) throws BadRecord {
    String text;
    try {
      // Not left to Jackson, which guesses UTF-16 and UTF-32 and lets some ill-formed UTF-8 pass.
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw new BadRecord(BadRecord.NOT_JSON, "not UTF-8");
    }
    if (text.startsWith("\ufeff")) throw new BadRecord(BadRecord.NOT_JSON, "begins with a byte order mark");
    try (JsonParser json = JSON.createParser(text)) {
      return object(json);
    } catch (IOException e) {
      throw new BadRecord(BadRecord.NOT_JSON, "malformed");
    }
  }

  /** Bytes that are no JSON outrank a bad field, wherever they stand; of a name given twice the last one counts. */
  private Object[] object(JsonParser json) throws IOException, BadRecord {
    if (json.nextToken() != JsonToken.START_OBJECT) throw new BadRecord(BadRecord.NOT_JSON, "not an object");
    Object[] found = new Object[spec.fields.size()]; // a value, a BadRecord, or null
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      Integer i = byWireName.get(JsonValue.checked(json.currentName()));
      json.nextToken();
      if (i != null) found[i] = read(spec.fields.get(i), JsonValue.read(json, 1));
      else skip(json);
    }
    if (json.nextToken() != null) throw new BadRecord(BadRecord.NOT_JSON, "more than one value");
    for (int i = 0; i < found.length; i++) {
      if (found[i] instanceof BadRecord bad) throw bad;
      if (found[i] == null && !spec.fields.get(i).optional()) {
        throw new BadRecord(BadRecord.MISSING_FIELD, "required, and absent or null").below(spec.fields.get(i).wireName());
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

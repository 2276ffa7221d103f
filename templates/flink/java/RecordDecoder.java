package dev.windrow.flink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Raw bytes to a checked row of a source, or to a reason. A record's verdict depends on its bytes, its key and its arrival stamp alone. A task thread has
 * one decoder per source, and it remembers its last record: the event time (for the watermark) and the row are asked for one after the other.
 */
final class RecordDecoder {
  private static final int COPY_BYTES = 16;

  /** `bad` is null, or `values` is. `copy` is null if the source has no event id, and of a deletion, which has all but its key null. */
  record Decoded(Object[] values, long ts, byte[] copy, BadRecord bad) {}

  private static final ThreadLocal<Map<String, RecordDecoder>> OF_THREAD = ThreadLocal.withInitial(HashMap::new);

  private final SourceSpec spec;
  private final RecordFields fields;
  private final MessageDigest digest;
  private byte[] lastValue;
  private byte[] lastKey;
  private Instant lastArrival;
  private Decoded last;

  static RecordDecoder of(SourceSpec spec) {
    return OF_THREAD.get().computeIfAbsent(spec.name, name -> new RecordDecoder(spec));
  }

  private RecordDecoder(SourceSpec spec) {
    this.spec = spec;
    fields = spec.isAvro() ? new AvroFields(spec) : new JsonFields(spec);
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** `key`: the record's own, which only a deletion is asked for. */
  Decoded decode(byte[] value, byte[] key, Instant arrival) {
    if (last == null || !Arrays.equals(value, lastValue) || !Arrays.equals(key, lastKey) || !Objects.equals(arrival, lastArrival)) {
      last = check(value, key, arrival);
      lastValue = value == null ? null : value.clone(); // a reader may use its buffer again
      lastKey = key == null ? null : key.clone();
      lastArrival = arrival;
    }
    return last;
  }

  private Decoded check(byte[] value, byte[] key, Instant arrival) {
    try {
      return value == null ? deletion(key, arrival) : row(value, arrival);
    } catch (BadRecord e) {
      return new Decoded(null, 0, null, e);
    }
  }

  private Decoded row(byte[] value, Instant arrival) throws BadRecord {
    Object[] values = fields.read(value);
    byte[] copy = spec.eventId < 0 ? null : copyHash(values, value);
    if (spec.isStatic()) return new Decoded(values, Long.MIN_VALUE, copy, null);
    long ts = ((Instant) values[spec.eventTime]).toEpochMilli();
    // Measured against the record's own stamp, never against a clock, so that live and replay agree.
    if (arrival != null && ts > arrival.plusMillis(spec.aheadMs).toEpochMilli()) {
      throw new BadRecord(BadRecord.FUTURE, "event time leads the record's own by more than " + spec.aheadMs + " ms");
    }
    return new Decoded(values, ts, copy, null);
  }

  /** A record without value: of a table it deletes its key, as of the record's own time. */
  private Decoded deletion(byte[] key, Instant arrival) throws BadRecord {
    if (spec.keys.isEmpty() || arrival == null) throw new BadRecord(spec.isAvro() ? BadRecord.NOT_AVRO : BadRecord.NOT_JSON, "no value");
    Object[] values = new Object[spec.fields.size()];
    Object[] parts = DeletedKey.read(spec, key);
    for (int i = 0; i < parts.length; i++) values[spec.keys.get(i)] = parts[i];
    return new Decoded(values, spec.isStatic() ? Long.MIN_VALUE : arrival.toEpochMilli(), null, null);
  }

  private byte[] copyHash(Object[] values, byte[] value) {
    byte[] id = String.valueOf(values[spec.eventId]).getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(id.length).array());
    digest.update(id);
    return Arrays.copyOf(digest.digest(value), COPY_BYTES);
  }
}

package dev.windrow.flink;

import java.util.List;

/** The declared fields of a record in Avro's binary form, by the schema that it was written by, or the reason why it has them not. */
final class AvroFields implements RecordFields {
  /** 0x00 and four bytes of the schema's id, as clients of a schema registry write them. */
  private static final int REGISTRY_HEADER_BYTES = 5;

  private final List<SourceSpec.Field> fields;
  private final AvroType record;
  /** Where each declared field stands in the record. */
  private final int[] places;

  AvroFields(SourceSpec spec) {
    fields = spec.fields;
    try {
      record = AvroType.record(spec.written);
    } catch (BadRecord e) {
      throw new IllegalStateException("the schema of " + spec.name + " was written by windrow", e);
    }
    places = fields.stream().mapToInt(field -> record.place(field.wireName())).toArray();
  }

  @Override
  public Object[] read(byte[] value) throws BadRecord {
    AvroType.Datum[] written = written(value);
    Object[] found = new Object[fields.size()];
    for (int i = 0; i < found.length; i++) {
      SourceSpec.Field field = fields.get(i);
      try {
        found[i] = AvroValues.optional(field.type(), field.optional(), places[i] < 0 ? null : written[places[i]]);
      } catch (BadRecord bad) {
        throw bad.below(field.wireName());
      }
    }
    return found;
  }

  /**
   * The whole record. It may begin with a zero byte of its own, so it is read without a header first: one with a header begins with zeros, the least values
   * there are, and has bytes left then.
   */
  private AvroType.Datum[] written(byte[] value) throws BadRecord {
    try {
      return whole(value, 0);
    } catch (BadRecord bad) {
      if (value.length < REGISTRY_HEADER_BYTES || value[0] != 0) throw bad;
      return whole(value, REGISTRY_HEADER_BYTES);
    }
  }

  private AvroType.Datum[] whole(byte[] value, int from) throws BadRecord {
    AvroInput in = new AvroInput(value, from);
    AvroType.Datum[] written = (AvroType.Datum[]) record.read(in).value();
    if (in.left() > 0) throw AvroInput.bad(in.left() + " bytes too many");
    return written;
  }
}

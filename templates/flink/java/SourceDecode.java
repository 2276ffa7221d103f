package dev.windrow.flink;

import java.time.Instant;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.types.Row;

/**
 * A record to one row: `wr_dead` (the reason, null if the record is good) and `wr_detail`, the fields, `wr_ts` (the event time in ms), and `wr_copy` if
 * the source has an event id. Good records at or after the cut give no row.
 */
public abstract class SourceDecode extends TableFunction<Row> {
  private static final long serialVersionUID = 1;

  private final SourceSpec spec;
  private transient Job job;

  protected SourceDecode(SourceSpec spec) {
    this.spec = spec;
  }

  @Override
  public void open(FunctionContext context) {
    job = Job.of(context);
  }

  public void eval(byte[] value, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant arrival) {
    eval(value, arrival, null);
  }

  /** Of a table, whose records without value delete their key. */
  public void eval(byte[] value, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant arrival, byte[] key) {
    RecordDecoder.Decoded decoded = RecordDecoder.of(spec).decode(value, key, arrival);
    if (decoded.bad() == null && !job.isBeforeCut(decoded.ts())) return;
    int n = spec.fields.size();
    Row row = new Row(n + (spec.eventId < 0 ? 3 : 4));
    collect(decoded.bad() == null ? good(row, decoded, n) : dead(row, decoded.bad()));
  }

  private Row good(Row row, RecordDecoder.Decoded decoded, int n) {
    for (int i = 0; i < n; i++) row.setField(i + 2, decoded.values()[i]);
    row.setField(n + 2, decoded.ts());
    if (spec.eventId >= 0) row.setField(n + 3, decoded.copy());
    return row;
  }

  private static Row dead(Row row, BadRecord bad) {
    row.setField(0, bad.reason);
    row.setField(1, bad.getMessage());
    return row;
  }
}

package dev.windrow.flink;

import java.time.Instant;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * The event time of a record in ms, for the watermark only. Records that are dead letters or at or after the cut must not move it, else a bad stamp would
 * expire good events. They give the year 1 and not null: Flink's watermark assigner fails the job on a null time ("RowTime field should not be null"), and
 * an old time never moves a watermark back. Stamps outside of what TO_TIMESTAMP_LTZ takes (it gives null beyond the year 9999) are clamped.
 *
 * <p>The cut is an argument: a watermark that is pushed into a source is computed where Flink offers no job parameters and no metrics ("Calls to
 * FunctionContext.getJobParameter are not available at the current location"), so this function must not open anything.
 */
public abstract class SourceTime extends ScalarFunction {
  private static final long serialVersionUID = 1;
  private static final long YEAR_1_MS = -62_135_596_800_000L;
  private static final long YEAR_9999_MS = 253_370_764_800_000L;

  private final SourceSpec spec;

  protected SourceTime(SourceSpec spec) {
    this.spec = spec;
  }

  public long eval(byte[] value, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant arrival, long cut) {
    return eval(value, arrival, null, cut);
  }

  /** Of a table, whose records without value delete their key. */
  public long eval(byte[] value, @DataTypeHint("TIMESTAMP_LTZ(3)") Instant arrival, byte[] key, long cut) {
    RecordDecoder.Decoded decoded = RecordDecoder.of(spec).decode(value, key, arrival);
    if (decoded.bad() != null || decoded.ts() >= cut) return YEAR_1_MS;
    return Math.max(YEAR_1_MS, Math.min(decoded.ts(), YEAR_9999_MS));
  }
}

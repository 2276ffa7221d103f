package dev.windrow.flink;

import java.io.Serializable;
import org.apache.flink.table.functions.FunctionContext;

/** The job's parameters. The cut Q (`until`): events at or after it do not count, and time stops at it. */
final class Job implements Serializable {
  private static final long serialVersionUID = 1;
  private static final long NO_CUT = Long.MAX_VALUE;

  private final long cut;

  private Job(long cut) {
    this.cut = cut;
  }

  static Job of(FunctionContext context) {
    String until = context.getJobParameter("windrow.until", "");
    return new Job(until.isEmpty() ? NO_CUT : Long.parseLong(until));
  }

  boolean hasCut() {
    return cut != NO_CUT;
  }

  long cut() {
    return cut;
  }

  boolean isBeforeCut(long ts) {
    return ts < cut;
  }

  /** Flink's watermark, stopped at the cut. It is null before the first one. */
  long watermark(Long watermark) {
    return watermark == null ? Long.MIN_VALUE : Math.min(watermark, cut - 1);
  }

  /** All events before the cut are here. */
  boolean isCut(long watermark) {
    return hasCut() && watermark == cut - 1;
  }
}

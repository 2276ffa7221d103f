package dev.windrow.job;

import dev.windrow.flink.SourceDecode;
import dev.windrow.flink.SourceSpec;
import dev.windrow.flink.SourceTime;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;

/** source purchases */
public final class Purchases {
  private static final SourceSpec SPEC =
      SourceSpec.source("purchases")
          .field("purchase_id", "string")
          .field("user_id", "string")
          .field("merchant", "string")
          .field("amount", "decimal(12,2)")
          .field("currency", "string?")
          .field("status", "string")
          .field("ts", "timestamp_ms")
          .eventTime("ts")
          .eventId("purchase_id")
          .ahead(10_000L);

  private Purchases() {}

  @FunctionHint(
      output =
          @DataTypeHint(
              "ROW<`wr_dead` STRING, `wr_detail` STRING, `purchase_id` STRING, `user_id` STRING, `merchant` STRING, `amount` DECIMAL(12, 2), `currency` STRING,"
                  + " `status` STRING, `ts` TIMESTAMP_LTZ(3), `wr_ts` BIGINT, `wr_copy` BYTES>"))
  public static final class Decode extends SourceDecode {
    private static final long serialVersionUID = 1;

    public Decode() {
      super(SPEC);
    }
  }

  public static final class Time extends SourceTime {
    private static final long serialVersionUID = 1;

    public Time() {
      super(SPEC);
    }
  }
}

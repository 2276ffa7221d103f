package dev.windrow.job;

import dev.windrow.flink.Aggregate;
import dev.windrow.flink.Call;
import dev.windrow.flink.KeyedAggregation;
import dev.windrow.flink.Spec;
import dev.windrow.flink.Window;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;

/** group_by user_spend */
@FunctionHint(
    output =
        @DataTypeHint(
            "ROW<`wr_as_of` BIGINT, `wr_gone` BOOLEAN, `spend_1h` DECIMAL(38, 2), `spend_24h` DECIMAL(38, 2), `spend_7d` DECIMAL(38, 2), `txns_1h` BIGINT,"
                + " `txns_7d` BIGINT, `big_txns_7d` BIGINT, `avg_amount_7d` DECIMAL(38, 6), `biggest_24h` DECIMAL(12, 2),"
                + " `smallest_24h` DECIMAL(12, 2), `last_merchant_7d` STRING>"))
public final class UserSpend extends KeyedAggregation {
  private static final long serialVersionUID = 1;

  public UserSpend() {
    super(
        Spec.node("user_spend")
            .keys(1)
            .copies()
            .column("a0", "decimal(12,2)")
            .column("a1", "bool")
            .column("a2", "string")
            .feature("spend_1h", Call.of(Aggregate.SUM).value("a0"), Window.exact(3_600_000L, 60_000L))
            .feature("spend_24h", Call.of(Aggregate.SUM).value("a0"), Window.exact(86_400_000L, 1_440_000L))
            .feature("spend_7d", Call.of(Aggregate.SUM).value("a0"), Window.exact(604_800_000L, 10_080_000L))
            .feature("txns_1h", Call.of(Aggregate.COUNT), Window.exact(3_600_000L, 60_000L))
            .feature("txns_7d", Call.of(Aggregate.COUNT), Window.exact(604_800_000L, 10_080_000L))
            .feature("big_txns_7d", Call.of(Aggregate.COUNT).where("a1"), Window.exact(604_800_000L, 10_080_000L))
            .feature("avg_amount_7d", Call.of(Aggregate.AVG).value("a0"), Window.exact(604_800_000L, 10_080_000L))
            .feature("biggest_24h", Call.of(Aggregate.MAX).value("a0"), Window.exact(86_400_000L, 1_440_000L))
            .feature("smallest_24h", Call.of(Aggregate.MIN).value("a0"), Window.exact(86_400_000L, 1_440_000L))
            .feature("last_merchant_7d", Call.of(Aggregate.LAST).value("a2"), Window.exact(604_800_000L, 10_080_000L)));
  }
}

package dev.windrow.flink.kafka;

import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkAlignmentParams;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.operators.source.SourceOutputWithWatermarks;
import org.apache.flink.table.data.RowData;

/**
 * The watermark of one partition: how far the events that were read go is computed as the table says, what follows from it for others is its {@link Voucher}'s
 * to say. Flink makes a generator per partition and does not tell it which; {@link #bind} does. One that is not bound says nothing, and so holds the others.
 */
final class PartitionWatermarks implements WatermarkGenerator<RowData> {
  /** Set while an output is bound; Flink calls generators in the thread that calls them to. */
  private static final ThreadLocal<Voucher> BINDING = new ThreadLocal<>();

  /** Says up to where everything of a partition is here. */
  interface Voucher {
    /** A row was handed on. */
    default void saw(RowData row) {}

    /** `read`: up to where the events that were read go, less the disorder; the least time if there are none. */
    void emit(WatermarkOutput output, long read);
  }

  private final WatermarkGenerator<RowData> events;
  private final Newest read = new Newest();
  private Voucher voucher;

  private PartitionWatermarks(WatermarkGenerator<RowData> events) {
    this.events = events;
  }

  /** Nothing if the output makes no watermarks: Flink in batch mode. */
  static void bind(Object output, Voucher voucher) {
    if (!(output instanceof SourceOutputWithWatermarks<?> watermarks)) return;
    BINDING.set(voucher);
    try {
      watermarks.emitPeriodicWatermark();
    } finally {
      BINDING.remove();
    }
  }

  @Override
  public void onEvent(RowData row, long timestamp, WatermarkOutput output) {
    events.onEvent(row, timestamp, read);
    if (voucher != null) voucher.saw(row);
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    if (BINDING.get() != null) voucher = BINDING.get();
    if (voucher == null) return;
    events.onPeriodicEmit(read);
    voucher.emit(output, read.ms);
  }

  private static final class Newest implements WatermarkOutput {
    long ms = Long.MIN_VALUE;

    @Override
    public void emitWatermark(Watermark watermark) {
      ms = Math.max(ms, watermark.getTimestamp());
    }

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}
  }

  /** The table's strategy, with these generators around its own. */
  static final class Strategy implements WatermarkStrategy<RowData> {
    private static final long serialVersionUID = 1;

    private final WatermarkStrategy<RowData> table;

    Strategy(WatermarkStrategy<RowData> table) {
      this.table = table;
    }

    @Override
    public WatermarkGenerator<RowData> createWatermarkGenerator(WatermarkGeneratorSupplier.Context context) {
      return new PartitionWatermarks(table.createWatermarkGenerator(context));
    }

    @Override
    public TimestampAssigner<RowData> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
      return table.createTimestampAssigner(context);
    }

    @Override
    public WatermarkAlignmentParams getAlignmentParameters() {
      return table.getAlignmentParameters();
    }
  }
}

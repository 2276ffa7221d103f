package dev.windrow.flink.kafka;

import java.util.List;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;

/**
 * Gives each row the epoch of its version, as a last column. It is above those of all tasks before a failure, of however many: which of them had a row's key
 * nobody knows. That is why this is no part of the writer, which is given a share of the state that writers had. And it is not below the wall clock at the
 * start, so that a job without a state is above the one before it, too.
 */
final class Epochs extends RichMapFunction<RowData, RowData> implements CheckpointedFunction {
  private static final long serialVersionUID = 1;

  private transient ListState<Long> state;
  private transient long epoch;
  private transient GenericRowData column;
  private transient JoinedRowData row;

  static long after(Iterable<Long> before, long nowMs) {
    long epoch = nowMs;
    for (long one : before) epoch = Math.max(epoch, one + 1);
    return epoch;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    // Each task is given all of it.
    state = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("epochs", Types.LONG));
    epoch = after(state.get(), System.currentTimeMillis());
    column = GenericRowData.of(epoch);
    row = new JoinedRowData();
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    state.update(List.of(epoch));
  }

  @Override
  public RowData map(RowData given) {
    row.replace(given, column);
    row.setRowKind(given.getRowKind());
    return row;
  }
}

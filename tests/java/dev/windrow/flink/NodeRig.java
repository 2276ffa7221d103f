package dev.windrow.flink;

import java.util.Map;
import java.util.TreeSet;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/** A keyed node, its rows told as `value@asOf`, `gone@asOf`. */
final class NodeRig extends Rig {
  /** What a checkpoint has. */
  record Checkpoint(Map<Long, byte[]> state, TreeSet<Long> timers) {}

  private static final class OfSpec extends KeyedAggregation {
    private static final long serialVersionUID = 1;

    OfSpec(Spec spec) {
      super(spec);
    }
  }

  private final KeyedAggregation node;
  private final MapView<Long, byte[]> state = new MapView<>();

  /** `until` is a text, as job parameters are; empty: for good. */
  NodeRig(Spec spec, String until) {
    node = new OfSpec(spec);
    node.setCollector(collector(row -> (row.<Boolean>getFieldAs(1) ? "gone" : row.getField(2)) + "@" + row.getField(0)));
    node.open(opening(until));
  }

  static NodeRig restored(Spec spec, Checkpoint checkpoint) throws Exception {
    NodeRig rig = new NodeRig(spec, "");
    rig.state.putAll(checkpoint.state);
    rig.timers.addAll(checkpoint.timers);
    return rig;
  }

  Checkpoint checkpoint() {
    return new Checkpoint(Map.copyOf(state.getMap()), new TreeSet<>(timers));
  }

  boolean keepsNothing() {
    return state.getMap().isEmpty() && timers.isEmpty();
  }

  void event(Object... fields) throws Exception {
    node.eval(context(), state, Row.of(fields));
  }

  @Override
  void fire(ProcessTableFunction.OnTimerContext context) throws Exception {
    node.onTimer(context, state);
  }
}

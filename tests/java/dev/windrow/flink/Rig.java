package dev.windrow.flink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/** A keyed node and one key of it, with the state, timers and watermark that Flink would keep. What it puts out is told as `value@asOf`, `gone@asOf`. */
final class Rig {
  /** What a checkpoint has. */
  record Checkpoint(Map<Long, byte[]> state, TreeSet<Long> timers) {}

  private static final class OfSpec extends KeyedAggregation {
    private static final long serialVersionUID = 1;

    OfSpec(Spec spec) {
      super(spec);
    }
  }

  final List<String> said = new ArrayList<>();
  final Map<String, Counter> counts = new HashMap<>();
  private final KeyedAggregation node;
  private final MapView<Long, byte[]> state = new MapView<>();
  private final TreeSet<Long> timers = new TreeSet<>();
  private final Time time = new Time();

  /** `until` is a text, as job parameters are; empty: for good. */
  Rig(Spec spec, String until) {
    node = new OfSpec(spec);
    node.setCollector(new Collector<Row>() {
      @Override
      public void collect(Row row) {
        said.add((row.<Boolean>getFieldAs(1) ? "gone" : row.getField(2)) + "@" + row.getField(0));
      }

      @Override
      public void close() {}
    });
    MetricGroup metrics = new UnregisteredMetricsGroup() {
      @Override
      public Counter counter(String name) {
        return counts.computeIfAbsent(name, fresh -> new SimpleCounter());
      }
    };
    node.open(new FunctionContext(null) {
      @Override
      public MetricGroup getMetricGroup() {
        return metrics;
      }

      @Override
      public String getJobParameter(String key, String otherwise) {
        return until;
      }
    });
  }

  static Rig restored(Spec spec, Checkpoint checkpoint) throws Exception {
    Rig rig = new Rig(spec, "");
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
    node.eval(new OfTimer(), state, Row.of(fields));
  }

  /** All timers up to it fire in their order, with the new watermark already there. */
  void advance(long watermark) throws Exception {
    time.watermark = watermark;
    while (!timers.isEmpty() && timers.first() <= watermark) {
      time.now = timers.pollFirst();
      node.onTimer(new OfTimer(), state);
    }
  }

  private final class Time implements ProcessTableFunction.TimeContext<Long> {
    private Long watermark;
    private Long now;

    @Override
    public Long time() {
      return now;
    }

    // Of Flink 2.3 alone.
    public Long tableWatermark() {
      return watermark;
    }

    @Override
    public Long currentWatermark() {
      return watermark;
    }

    @Override
    public void registerOnTime(Long at) {
      timers.add(at);
    }

    @Override
    public void clearTimer(Long at) {
      timers.remove(at);
    }

    @Override
    public void registerOnTime(String name, Long at) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearTimer(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearAllTimers() {
      throw new UnsupportedOperationException();
    }
  }

  private final class OfTimer implements ProcessTableFunction.OnTimerContext {
    @Override
    @SuppressWarnings("unchecked")
    public <T> ProcessTableFunction.TimeContext<T> timeContext(Class<T> type) {
      return (ProcessTableFunction.TimeContext<T>) time;
    }

    @Override
    public String currentTimer() {
      return null;
    }

    @Override
    public TableSemantics tableSemanticsFor(String argument) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChangelogMode getChangelogMode() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearState(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearAllState() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearAllTimers() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clearAll() {
      throw new UnsupportedOperationException();
    }
  }
}

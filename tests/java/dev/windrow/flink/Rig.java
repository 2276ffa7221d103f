package dev.windrow.flink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/** An operator and one key of it, with the timers, the watermark and the counters that Flink would keep; and what it has put out. */
abstract class Rig {
  final List<String> said = new ArrayList<>();
  final TreeSet<Long> timers = new TreeSet<>();
  private final Map<String, Counter> counts = new HashMap<>();
  private final Time time = new Time();

  /** Calls the operator. */
  abstract void fire(ProcessTableFunction.OnTimerContext context) throws Exception;

  /** All timers up to it fire in their order, with the new watermark already there. */
  final void advance(long watermark) throws Exception {
    time.watermark = watermark;
    while (!timers.isEmpty() && timers.first() <= watermark) {
      time.now = timers.pollFirst();
      fire(context());
    }
  }

  final long count(String of) {
    return counts.get(of).getCount();
  }

  final ProcessTableFunction.OnTimerContext context() {
    return new Called();
  }

  final Collector<Row> collector(Function<Row, String> text) {
    return new Collector<>() {
      @Override
      public void collect(Row row) {
        said.add(text.apply(row));
      }

      @Override
      public void close() {}
    };
  }

  /** `until` is a text, as job parameters are; empty: for good. */
  final FunctionContext opening(String until) {
    MetricGroup metrics = new UnregisteredMetricsGroup() {
      @Override
      public Counter counter(String name) {
        return counts.computeIfAbsent(name, fresh -> new SimpleCounter());
      }
    };
    return new FunctionContext(null) {
      @Override
      public MetricGroup getMetricGroup() {
        return metrics;
      }

      @Override
      public String getJobParameter(String key, String otherwise) {
        return until;
      }
    };
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

  private final class Called implements ProcessTableFunction.OnTimerContext {
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

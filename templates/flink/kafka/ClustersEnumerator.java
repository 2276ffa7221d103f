package dev.windrow.flink.kafka;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.dynamic.source.enumerator.DynamicKafkaSourceEnumState;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;

/** Flink's enumerator, and tells every reader which clusters have not been found yet: those hold the watermark although nobody reads them. */
final class ClustersEnumerator implements SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> {
  /** No checkpoint's: a state that is only looked at. */
  private static final long NO_CHECKPOINT = -1;

  private final SplitEnumeratorContext<DynamicKafkaSourceSplit> context;
  private final SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> enumerator;
  private Set<String> told;

  ClustersEnumerator(
      SplitEnumeratorContext<DynamicKafkaSourceSplit> context,
      Function<SplitEnumeratorContext<DynamicKafkaSourceSplit>, SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState>> make) {
    this.context = context;
    enumerator = make.apply(new Watched());
  }

  /** The clusters that are listed and whose partitions have not been found; null before any list was read. */
  private Set<String> awaited() {
    DynamicKafkaSourceEnumState state;
    try {
      state = enumerator.snapshotState(NO_CHECKPOINT);
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
    Set<String> awaited = new TreeSet<>();
    state.getKafkaStreams().forEach(stream -> awaited.addAll(stream.getClusterMetadataMap().keySet()));
    if (awaited.isEmpty()) return null;
    state.getClusterEnumeratorStates().forEach((cluster, found) -> {
      if (found.initialDiscoveryFinished()) awaited.remove(cluster);
    });
    return awaited;
  }

  /** After whatever may have found a cluster: partitions are on their way to their readers before this is. */
  private void tell() {
    Set<String> awaited = awaited();
    if (awaited == null || awaited.equals(told)) return;
    told = awaited;
    context.registeredReaders().keySet().forEach(this::tell);
  }

  private void tell(int reader) {
    context.sendEventToSourceReader(reader, new AwaitedClusters(told));
  }

  @Override
  public void start() {
    enumerator.start();
  }

  @Override
  public void addReader(int reader) {
    enumerator.addReader(reader);
    tell();
    if (told != null) tell(reader);
  }

  @Override
  public void handleSplitRequest(int reader, String host) {
    enumerator.handleSplitRequest(reader, host);
  }

  @Override
  public void addSplitsBack(List<DynamicKafkaSourceSplit> splits, int reader) {
    enumerator.addSplitsBack(splits, reader);
  }

  @Override
  public void handleSourceEvent(int reader, SourceEvent event) {
    enumerator.handleSourceEvent(reader, event);
  }

  @Override
  public DynamicKafkaSourceEnumState snapshotState(long checkpoint) throws Exception {
    return enumerator.snapshotState(checkpoint);
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    enumerator.notifyCheckpointComplete(checkpoint);
  }

  @Override
  public void close() throws IOException {
    enumerator.close();
  }

  /** The context that Flink's enumerator works in: what has come back from a cluster has been dealt with when it is looked at. */
  private final class Watched implements SplitEnumeratorContext<DynamicKafkaSourceSplit> {
    private <T> BiConsumer<T, Throwable> thenTell(BiConsumer<T, Throwable> handler) {
      return (result, error) -> {
        handler.accept(result, error);
        tell();
      };
    }

    @Override
    public <T> void callAsync(Callable<T> call, BiConsumer<T, Throwable> handler) {
      context.callAsync(call, thenTell(handler));
    }

    @Override
    public <T> void callAsync(Callable<T> call, BiConsumer<T, Throwable> handler, long initialDelayMs, long periodMs) {
      context.callAsync(call, thenTell(handler), initialDelayMs, periodMs);
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
      return context.metricGroup();
    }

    @Override
    public void sendEventToSourceReader(int reader, SourceEvent event) {
      context.sendEventToSourceReader(reader, event);
    }

    @Override
    public int currentParallelism() {
      return context.currentParallelism();
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
      return context.registeredReaders();
    }

    @Override
    public void assignSplits(SplitsAssignment<DynamicKafkaSourceSplit> splits) {
      context.assignSplits(splits);
    }

    @Override
    public void signalNoMoreSplits(int reader) {
      context.signalNoMoreSplits(reader);
    }

    @Override
    public void runInCoordinatorThread(Runnable work) {
      context.runInCoordinatorThread(work);
    }

    @Override
    public void setIsProcessingBacklog(boolean isBacklog) {
      context.setIsProcessingBacklog(isBacklog);
    }
  }
}

package dev.windrow.flink.kafka;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.dynamic.metadata.KafkaStream;
import org.apache.flink.connector.kafka.dynamic.source.enumerator.DynamicKafkaSourceEnumState;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's enumerator, which is given another list than the file's: without clusters that are retired and of which nothing can be missed, and so that it makes
 * clients of other brokers. Tells every reader which clusters have not been found yet, for those hold the watermark although nobody reads them.
 */
final class ClustersEnumerator implements SplitEnumerator<DynamicKafkaSourceSplit, ClustersState> {
  private static final Logger LOG = LoggerFactory.getLogger(ClustersEnumerator.class);
  /** No checkpoint's: a state that is only looked at. */
  private static final long NO_CHECKPOINT = -1;

  private final SplitEnumeratorContext<DynamicKafkaSourceSplit> context;
  private final SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> enumerator;
  private final Retirement retirement = new Retirement();
  /** Where clusters were left that are read no more. */
  private final Map<String, Map<TopicPartition, Long>> left;
  /** By checkpoint, where those were that nothing could be missed of. */
  private final TreeMap<Long, Map<String, Map<TopicPartition, Long>>> proofs = new TreeMap<>();
  /** What the file said when it was last looked at. */
  private Set<KafkaStream> listed = Set.of();
  /** How Flink's enumerator is given a list. */
  private BiConsumer<Set<KafkaStream>, Throwable> take;
  private ClustersNews told;

  ClustersEnumerator(
      SplitEnumeratorContext<DynamicKafkaSourceSplit> context,
      Map<String, Map<TopicPartition, Long>> left,
      Function<SplitEnumeratorContext<DynamicKafkaSourceSplit>, SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState>> make) {
    this.context = context;
    this.left = new HashMap<>(left);
    enumerator = make.apply(new Watched());
  }

  private DynamicKafkaSourceEnumState state() {
    try {
      return enumerator.snapshotState(NO_CHECKPOINT);
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  /** The file was looked at. */
  private void looked(Set<KafkaStream> now) {
    Set<String> retired = Listed.retired(now);
    retired.removeAll(Listed.retired(listed));
    retired.removeAll(left.keySet());
    retired.forEach(cluster -> LOG.info("{} is to be retired: it is read until nothing of it can be missed", cluster));
    listed = now;
    Set<KafkaStream> wanted = Listed.read(listed, left);
    Set<String> moved = Listed.moved(state().getKafkaStreams(), wanted);
    if (!moved.isEmpty()) {
      LOG.info("{} have other brokers or client properties", moved);
      take.accept(Listed.marked(wanted, moved), null);
    }
    take.accept(wanted, null);
  }

  /** After whatever may have found a cluster: partitions are on their way to their readers before this is. */
  private void tell() {
    DynamicKafkaSourceEnumState state = state();
    Set<String> awaited = Listed.names(state.getKafkaStreams());
    if (awaited.isEmpty()) return;
    state.getClusterEnumeratorStates().forEach((cluster, of) -> {
      if (of.initialDiscoveryFinished()) awaited.remove(cluster);
    });
    Set<String> leaving = Listed.retired(listed);
    // What has come back and was found is read on from where it was left.
    Set<String> found = Listed.names(state.getKafkaStreams());
    found.removeAll(awaited);
    found.removeAll(leaving);
    left.keySet().removeAll(found);
    leaving.removeAll(left.keySet());
    ClustersNews news = new ClustersNews(awaited, leaving);
    if (news.equals(told)) return;
    told = news;
    context.registeredReaders().keySet().forEach(this::tell);
  }

  private void tell(int reader) {
    context.sendEventToSourceReader(reader, told);
  }

  /** Those that are leaving and of which nothing can be missed as readers stand now, and where they are. */
  private Map<String, Map<TopicPartition, Long>> proven() {
    Map<String, Map<TopicPartition, Long>> proven = new HashMap<>();
    if (told == null) return proven;
    Map<String, KafkaSourceEnumState> known = state().getClusterEnumeratorStates();
    for (String cluster : told.leaving()) {
      var ends = partitions(known.get(cluster)).flatMap(all -> retirement.proven(cluster, all, context.currentParallelism()));
      ends.ifPresent(left -> proven.put(cluster, left));
    }
    return proven;
  }

  /** All of a cluster's that are read; empty as long as not all of them are. */
  private static Optional<Set<TopicPartition>> partitions(KafkaSourceEnumState cluster) {
    if (cluster == null || !cluster.initialDiscoveryFinished() || !cluster.unassignedSplits().isEmpty()) return Optional.empty();
    return Optional.of(cluster.assignedSplits().stream().map(split -> split.getTopicPartition()).collect(Collectors.toSet()));
  }

  /**
   * A cluster is left once a checkpoint is complete that has all of it: readers that fail go on from a checkpoint while this does not, and would go on without
   * what they had not read there.
   */
  private void leave(long checkpoint) {
    Map<String, Map<TopicPartition, Long>> then = proofs.remove(checkpoint);
    proofs.headMap(checkpoint).clear();
    Map<String, Map<TopicPartition, Long>> now = proven();
    if (then == null || now.isEmpty()) return;
    now.entrySet().retainAll(then.entrySet());
    if (now.isEmpty()) return;
    now.keySet().forEach(cluster -> LOG.info("{} is retired: all of it has been read, and the watermark has passed it", cluster));
    left.putAll(now);
    take.accept(Listed.read(listed, left), null);
    tell();
  }

  @Override
  public void start() {
    enumerator.start();
  }

  @Override
  public void addReader(int reader) {
    retirement.forget(reader);
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
    retirement.forget(reader);
    enumerator.addSplitsBack(splits, reader);
  }

  @Override
  public void handleSourceEvent(int reader, SourceEvent event) {
    if (event instanceof ReaderStanding says) retirement.heard(reader, says.standing());
    else enumerator.handleSourceEvent(reader, event);
  }

  @Override
  public ClustersState snapshotState(long checkpoint) throws Exception {
    proofs.put(checkpoint, proven());
    DynamicKafkaSourceEnumState flinks = enumerator.snapshotState(checkpoint);
    return new ClustersState(new DynamicKafkaSourceEnumState(Listed.kept(flinks.getKafkaStreams()), flinks.getClusterEnumeratorStates()), Map.copyOf(left));
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    enumerator.notifyCheckpointComplete(checkpoint);
    leave(checkpoint);
  }

  @Override
  public void notifyCheckpointAborted(long checkpoint) throws Exception {
    proofs.remove(checkpoint);
    enumerator.notifyCheckpointAborted(checkpoint);
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

    /** The list of clusters is all that Flink's enumerator has asked for again and again here: those of single clusters have threads of their own. */
    @Override
    @SuppressWarnings("unchecked")
    public <T> void callAsync(Callable<T> call, BiConsumer<T, Throwable> handler, long initialDelayMs, long periodMs) {
      take = (BiConsumer<Set<KafkaStream>, Throwable>) handler;
      BiConsumer<T, Throwable> look = (result, error) -> {
        if (error == null) looked((Set<KafkaStream>) result);
        else handler.accept(null, error);
      };
      context.callAsync(call, thenTell(look), initialDelayMs, periodMs);
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

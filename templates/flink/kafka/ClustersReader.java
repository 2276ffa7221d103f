package dev.windrow.flink.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.kafka.dynamic.metadata.ClusterMetadata;
import org.apache.flink.connector.kafka.dynamic.source.MetadataUpdateEvent;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.streaming.runtime.io.MultipleFuturesAvailabilityHelper;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's reader, with a {@link Partition} for each of its partitions, which says what of the watermark. As long as a cluster has not been found, nobody's moves:
 * those that answer first must not leave the others' rows behind. That, too, ends with the patience.
 */
final class ClustersReader implements SourceReader<RowData, DynamicKafkaSourceSplit> {
  private static final Logger LOG = LoggerFactory.getLogger(ClustersReader.class);

  /** `offsetAt`: where in a row its record's offset is. */
  record Terms(Patience patience, boolean isBounded, int offsetAt) {}

  private final SourceReader<RowData, DynamicKafkaSourceSplit> reader;
  private final SourceReaderContext context;
  private final Terms terms;
  private final ClusterWatch watch;
  /** By split. The metric is read in a thread of its own. */
  private final Map<String, Voice> voices = new ConcurrentHashMap<>();
  /** Splits that were given and have no voice in the watermark yet, for there was no output. */
  private final Map<String, Partition> unbound = new HashMap<>();
  /** Since when a cluster has not been found; null while nothing is known. */
  private volatile Map<String, Long> awaited;
  private final Map<String, Long> givenUp = new TreeMap<>();
  /** Clusters that are retired: the enumerator asks how this stands with them. */
  private Set<String> leaving = Set.of();
  private final MultipleFuturesAvailabilityHelper available = new MultipleFuturesAvailabilityHelper(2);
  private volatile CompletableFuture<Void> news = new CompletableFuture<>();
  private Outputs outputs;

  ClustersReader(SourceReader<RowData, DynamicKafkaSourceSplit> reader, SourceReaderContext context, Terms terms) {
    this.reader = reader;
    this.context = context;
    this.terms = terms;
    watch = new ClusterWatch("windrow-watch-" + context.getIndexOfSubtask(), () -> news.complete(null));
    context.metricGroup().gauge("missing", () -> voices.values().stream().filter(voice -> voice.isMissing).count());
  }

  @Override
  public void start() {
    reader.start();
    watch.start();
  }

  @Override
  public void addSplits(List<DynamicKafkaSourceSplit> splits) {
    List<DynamicKafkaSourceSplit> added = splits.stream().filter(split -> !isRead(split.splitId())).toList();
    for (DynamicKafkaSourceSplit split : added) {
      Partition partition = new Partition(split.getKafkaClusterId(), split.getTopicPartition(), split.getStartingOffset(), terms.patience);
      unbound.put(split.splitId(), partition);
    }
    if (!added.isEmpty()) reader.addSplits(added);
    news.complete(null);
  }

  /** A cluster that comes back answers all who have asked for it meanwhile, and Flink's enumerator then gives its partitions out as often, from their beginning. */
  private boolean isRead(String split) {
    return voices.containsKey(split) || unbound.containsKey(split);
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof ClustersNews said) {
      long nowMs = System.currentTimeMillis();
      Map<String, Long> before = awaited == null ? Map.of() : awaited;
      Map<String, Long> now = new TreeMap<>();
      said.awaited().forEach(name -> now.put(name, before.getOrDefault(name, nowMs)));
      awaited = now;
      leaving = said.leaving();
      return;
    }
    if (event instanceof MetadataUpdateEvent update) {
      update.getKafkaStreams().forEach(stream -> stream.getClusterMetadataMap().forEach(this::reach));
    }
    reader.handleSourceEvents(event);
  }

  private void reach(String cluster, ClusterMetadata metadata) {
    Properties properties = new Properties();
    properties.putAll(metadata.getProperties());
    watch.reach(cluster, properties);
  }

  @Override
  public InputStatus pollNext(ReaderOutput<RowData> output) throws Exception {
    boolean isNews = news.isDone();
    if (isNews) news = new CompletableFuture<>();
    if (outputs == null) {
      outputs = new Outputs(output);
      PartitionWatermarks.bind(output, this::nobody);
    }
    unbound.forEach((id, partition) -> {
      Voice voice = new Voice(partition);
      PartitionWatermarks.bind(output.createOutputForSplit(id), voice);
      voices.put(id, voice);
      watch.add(partition);
    });
    unbound.clear();
    if (terms.isBounded) refuseToWait();
    else if (isNews && !leaving.isEmpty()) context.sendSourceEventToCoordinator(new ReaderStanding(standing()));
    try {
      return reader.pollNext(outputs);
    } catch (Exception error) {
      throw explained(error);
    }
  }

  private Retirement.Standing standing() {
    long vouchedMs = Long.MAX_VALUE;
    Map<String, Map<TopicPartition, Retirement.End>> ends = new HashMap<>();
    for (Voice voice : voices.values()) {
      if (voice.isMissing) continue;
      vouchedMs = Math.min(vouchedMs, voice.vouchedMs);
      long next = voice.end();
      if (next < 0 || !leaving.contains(voice.partition.cluster)) continue;
      ends.computeIfAbsent(voice.partition.cluster, cluster -> new HashMap<>()).put(voice.partition.at, new Retirement.End(next, voice.newestMs()));
    }
    return new Retirement.Standing(vouchedMs, ends);
  }

  /** Of a reader without partitions that answer: nobody waits for it. */
  private void nobody(WatermarkOutput output, long read) {
    if (!isComplete(System.currentTimeMillis()) || !unbound.isEmpty()) return;
    if (voices.values().stream().allMatch(voice -> voice.isMissing)) output.markIdle();
  }

  /** Whether every cluster has been found, or has been waited for long enough. */
  private boolean isComplete(long nowMs) {
    Map<String, Long> of = awaited;
    if (of == null) return false;
    givenUp.keySet().retainAll(of.keySet());
    boolean isComplete = true;
    for (Map.Entry<String, Long> cluster : of.entrySet()) {
      boolean isGivenUp = !terms.isBounded && nowMs - cluster.getValue() > terms.patience.holdForMs();
      isComplete &= isGivenUp;
      if (isGivenUp && givenUp.put(cluster.getKey(), nowMs) == null) LOG.warn("{} is not waited for any longer: it has not been found", cluster.getKey());
    }
    return isComplete;
  }

  /** A run to a cut needs all clusters: it ends in a failure instead of without one of them. */
  private void refuseToWait() {
    long nowMs = System.currentTimeMillis();
    Map<String, Long> of = awaited == null ? Map.of() : awaited;
    for (Map.Entry<String, Long> cluster : of.entrySet()) {
      if (nowMs - cluster.getValue() > terms.patience.holdForMs()) throw new IllegalStateException(unanswered(cluster.getKey()));
    }
    for (Voice voice : voices.values()) {
      if (voice.partition.isGivenUp(nowMs)) throw new IllegalStateException(unanswered(voice.partition.cluster + " (" + voice.partition.at + ")"));
    }
  }

  private String unanswered(String who) {
    return who + " has not answered for " + terms.patience.holdForMs() + " ms, and a run to a cut needs all clusters: run it again when it does, or take it out of the file of clusters";
  }

  /** What a log has lost is no accident to be tried again: the message says what to do. */
  private Exception explained(Exception error) {
    var lost = ExceptionUtils.findThrowable(error, OffsetOutOfRangeException.class);
    if (lost.isEmpty()) return error;
    StringBuilder where = new StringBuilder();
    lost.get().offsetOutOfRangePartitions().forEach((at, offset) -> {
      var owner = voices.values().stream().map(voice -> voice.partition).filter(partition -> partition.at.equals(at) && partition.isNext(offset)).findAny();
      where.append(where.isEmpty() ? "" : ", ").append(owner.map(partition -> partition.cluster + " ").orElse("")).append(at).append(" from offset ").append(offset);
    });
    LOG.error("a log has lost records", error);
    return new IllegalStateException(
        "records were deleted before this job has read them: " + where + ". They are missing from whatever it would compute now. Start it without its state, so that"
            + " it reads what the logs still have, and let the topic keep its records for longer than a job may stand still");
  }

  @Override
  public List<DynamicKafkaSourceSplit> snapshotState(long checkpoint) {
    return reader.snapshotState(checkpoint);
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    CompletableFuture<Void> records = reader.isAvailable();
    if (records.isDone()) return records;
    available.resetToUnAvailable();
    available.anyOf(0, records);
    available.anyOf(1, news);
    @SuppressWarnings("unchecked")
    CompletableFuture<Void> either = (CompletableFuture<Void>) available.getAvailableFuture();
    return either;
  }

  @Override
  public void notifyNoMoreSplits() {
    reader.notifyNoMoreSplits();
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    reader.notifyCheckpointComplete(checkpoint);
  }

  @Override
  public void notifyCheckpointAborted(long checkpoint) throws Exception {
    reader.notifyCheckpointAborted(checkpoint);
  }

  @Override
  public void pauseOrResumeSplits(Collection<String> pause, Collection<String> resume) {
    reader.pauseOrResumeSplits(pause, resume);
  }

  @Override
  public void close() throws Exception {
    watch.close();
    reader.close();
  }

  /** A partition's say in the watermark. */
  private final class Voice implements PartitionWatermarks.Voucher {
    final Partition partition;
    volatile boolean isMissing;
    /** Up to where it has told that everything is here. */
    long vouchedMs = Long.MIN_VALUE;
    private long read = Long.MIN_VALUE;
    /** A row has come that `read` does not know of. */
    private boolean isAhead;

    Voice(Partition partition) {
      this.partition = partition;
    }

    @Override
    public void saw(RowData row) {
      partition.reached(row.getLong(terms.offsetAt) + 1);
      isAhead = true;
    }

    /** Where its partition's proven end is, if it is there and all of it is in what was told; else below zero. */
    long end() {
      return isAhead ? -1 : partition.end();
    }

    long newestMs() {
      return read == Long.MIN_VALUE ? read : read + terms.patience.disorderMs();
    }

    @Override
    public void emit(WatermarkOutput output, long read) {
      long nowMs = System.currentTimeMillis();
      if (!isComplete(nowMs)) return;
      this.read = read;
      isAhead = false;
      if (terms.isBounded) {
        // A table that holds at all times is complete at its end, which is no watermark of its own.
        if (!terms.patience.isStatic()) output.emitWatermark(new Watermark(read));
        return;
      }
      OptionalLong vouched = partition.vouches(read, nowMs);
      if (vouched.isEmpty() != isMissing) {
        isMissing = vouched.isEmpty();
        LOG.warn("{} {} {}", partition.cluster, partition.at, isMissing ? "is not waited for any longer: it does not answer" : "is back");
      }
      if (isMissing) {
        output.markIdle();
        return;
      }
      vouchedMs = vouched.getAsLong();
      output.emitWatermark(new Watermark(vouchedMs));
    }
  }

  /** Flink's outputs; what is released of them is not watched any more. */
  private final class Outputs implements ReaderOutput<RowData> {
    private final ReaderOutput<RowData> of;

    Outputs(ReaderOutput<RowData> of) {
      this.of = of;
    }

    @Override
    public void collect(RowData row) {
      of.collect(row);
    }

    @Override
    public void collect(RowData row, long timestamp) {
      of.collect(row, timestamp);
    }

    @Override
    public void emitWatermark(Watermark watermark) {
      of.emitWatermark(watermark);
    }

    @Override
    public void markIdle() {
      of.markIdle();
    }

    @Override
    public void markActive() {
      of.markActive();
    }

    @Override
    public SourceOutput<RowData> createOutputForSplit(String split) {
      return of.createOutputForSplit(split);
    }

    @Override
    public void releaseOutputForSplit(String split) {
      of.releaseOutputForSplit(split);
      unbound.remove(split);
      Voice voice = voices.remove(split);
      if (voice != null) watch.remove(voice.partition);
    }
  }
}

package dev.windrow.flink.kafka;

import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.dynamic.metadata.KafkaStream;
import org.apache.flink.connector.kafka.dynamic.source.DynamicKafkaSource;
import org.apache.flink.connector.kafka.dynamic.source.enumerator.DynamicKafkaSourceEnumState;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/**
 * Flink's dynamic source, which knows many clusters, and nothing of what is to be waited for: its watermark would run ahead with the clusters that answer first,
 * stand still for ever with a partition that has no events, and wait for ever for a cluster that is frozen. Its state is that of Flink's source.
 */
final class ClustersSource implements Source<RowData, DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> {
  private static final long serialVersionUID = 1;

  private final DynamicKafkaSource<RowData> source;
  private final Patience patience;
  private final ClusterFile file;
  private final int offsetAt;

  ClustersSource(DynamicKafkaSource<RowData> source, Patience patience, ClusterFile file, int offsetAt) {
    this.source = source;
    this.patience = patience;
    this.file = file;
    this.offsetAt = offsetAt;
  }

  @Override
  public Boundedness getBoundedness() {
    return source.getBoundedness();
  }

  @Override
  public SourceReader<RowData, DynamicKafkaSourceSplit> createReader(SourceReaderContext context) {
    boolean isBounded = source.getBoundedness() == Boundedness.BOUNDED;
    return new ClustersReader(source.createReader(context), context, new ClustersReader.Terms(patience, isBounded, offsetAt));
  }

  @Override
  public SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> createEnumerator(SplitEnumeratorContext<DynamicKafkaSourceSplit> context) {
    return new ClustersEnumerator(context, source::createEnumerator);
  }

  @Override
  public SplitEnumerator<DynamicKafkaSourceSplit, DynamicKafkaSourceEnumState> restoreEnumerator(
      SplitEnumeratorContext<DynamicKafkaSourceSplit> context, DynamicKafkaSourceEnumState state) {
    Set<KafkaStream> streams = state.getKafkaStreams().stream().map(file::again).collect(Collectors.toSet());
    DynamicKafkaSourceEnumState again = new DynamicKafkaSourceEnumState(streams, state.getClusterEnumeratorStates());
    return new ClustersEnumerator(context, watched -> source.restoreEnumerator(watched, again));
  }

  @Override
  public SimpleVersionedSerializer<DynamicKafkaSourceSplit> getSplitSerializer() {
    return source.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<DynamicKafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
    return source.getEnumeratorCheckpointSerializer();
  }
}

package dev.windrow.flink.kafka;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.dynamic.source.DynamicKafkaSource;
import org.apache.flink.connector.kafka.dynamic.source.enumerator.DynamicKafkaSourceEnumState;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/**
 * Flink's dynamic source, which knows many clusters, and nothing of what is to be waited for: its watermark would run ahead with the clusters that answer first,
 * stand still for ever with a partition that has no events, and wait for ever for a cluster that is frozen. It would drop a cluster that is retired, read or not.
 */
final class ClustersSource implements Source<RowData, DynamicKafkaSourceSplit, ClustersState> {
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
  public SplitEnumerator<DynamicKafkaSourceSplit, ClustersState> createEnumerator(SplitEnumeratorContext<DynamicKafkaSourceSplit> context) {
    return new ClustersEnumerator(context, Map.of(), source::createEnumerator);
  }

  @Override
  public SplitEnumerator<DynamicKafkaSourceSplit, ClustersState> restoreEnumerator(SplitEnumeratorContext<DynamicKafkaSourceSplit> context, ClustersState state) {
    var streams = state.flink().getKafkaStreams().stream().map(file::again).collect(Collectors.toSet());
    var again = new DynamicKafkaSourceEnumState(Listed.read(streams, state.left()), state.flink().getClusterEnumeratorStates());
    return new ClustersEnumerator(context, state.left(), watched -> source.restoreEnumerator(watched, again));
  }

  @Override
  public SimpleVersionedSerializer<DynamicKafkaSourceSplit> getSplitSerializer() {
    return source.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<ClustersState> getEnumeratorCheckpointSerializer() {
    return new ClustersState.Serializer(source.getEnumeratorCheckpointSerializer());
  }
}

package dev.windrow.flink.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/** Where a cluster that comes back is read on: where it was left, and what is new to it from its beginning. */
record KeptOffsets(Map<TopicPartition, Long> left) implements OffsetsInitializer {
  private static final long serialVersionUID = 1;

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(Collection<TopicPartition> partitions, PartitionOffsetsRetriever clusters) {
    List<TopicPartition> more = partitions.stream().filter(partition -> !left.containsKey(partition)).toList();
    Map<TopicPartition, Long> from = more.isEmpty() ? new HashMap<>() : new HashMap<>(clusters.beginningOffsets(more));
    partitions.stream().filter(left::containsKey).forEach(partition -> from.put(partition, left.get(partition)));
    return from;
  }

  /** None: what the log has lost is not passed over. */
  @Override
  @SuppressWarnings("deprecation")
  public OffsetResetStrategy getAutoOffsetResetStrategy() {
    return OffsetResetStrategy.NONE;
  }
}

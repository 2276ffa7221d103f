package dev.windrow.flink.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.dynamic.metadata.ClusterMetadata;
import org.apache.flink.connector.kafka.dynamic.metadata.KafkaStream;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/** Lists of clusters, as the file has them and as Flink is given them. */
final class Listed {
  /** A property that no client knows: what the topology calls the cluster. */
  private static final String STATE = "windrow.state";

  private static final String RETIRED = "retired";

  /** No topic has this name, and no broker is asked for it. */
  private static final String NO_TOPIC = "";

  private Listed() {}

  static void retire(Properties properties) {
    properties.setProperty(STATE, RETIRED);
  }

  static Set<String> names(Collection<KafkaStream> streams) {
    return streams.stream().flatMap(stream -> stream.getClusterMetadataMap().keySet().stream()).collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isRetired(ClusterMetadata cluster) {
    return RETIRED.equals(cluster.getProperties().getProperty(STATE));
  }

  static Set<String> retired(Collection<KafkaStream> streams) {
    return names(each(streams, (name, cluster) -> isRetired(cluster) ? cluster : null));
  }

  /** Those that are to be read: without those that were left and are still retired. What was left and is not any more goes on where that was. */
  static Set<KafkaStream> read(Collection<KafkaStream> listed, Map<String, Map<TopicPartition, Long>> left) {
    return each(listed, (name, cluster) -> {
      if (!left.containsKey(name)) return cluster;
      return isRetired(cluster) ? null : new ClusterMetadata(cluster.getTopics(), cluster.getProperties(), new KeptOffsets(left.get(name)), null);
    });
  }

  /** For a checkpoint, without what the next start sees to. */
  static Set<KafkaStream> kept(Collection<KafkaStream> streams) {
    return each(streams, (name, cluster) -> new ClusterMetadata(cluster.getTopics(), cluster.getProperties()));
  }

  /** Those that are reached in another way than before. */
  static Set<String> moved(Collection<KafkaStream> before, Collection<KafkaStream> now) {
    Map<String, Properties> known = new HashMap<>();
    each(before, (name, cluster) -> {
      known.put(name, client(cluster));
      return null;
    });
    return names(each(now, (name, cluster) -> known.containsKey(name) && !known.get(name).equals(client(cluster)) ? cluster : null));
  }

  private static Properties client(ClusterMetadata cluster) {
    Properties properties = new Properties();
    properties.putAll(cluster.getProperties());
    properties.remove(STATE);
    return properties;
  }

  /** Flink makes clients anew where topics have changed, and goes by those alone: a list in which they have. */
  static Set<KafkaStream> marked(Collection<KafkaStream> streams, Set<String> clusters) {
    return each(streams, (name, cluster) -> {
      if (!clusters.contains(name)) return cluster;
      Set<String> topics = new HashSet<>(cluster.getTopics());
      topics.add(NO_TOPIC);
      return new ClusterMetadata(topics, cluster.getProperties(), cluster.getStartingOffsetsInitializer(), null);
    });
  }

  /** Each cluster as `change` makes it; null: without it. */
  private static Set<KafkaStream> each(Collection<KafkaStream> streams, BiFunction<String, ClusterMetadata, ClusterMetadata> change) {
    return streams.stream().map(stream -> {
      Map<String, ClusterMetadata> clusters = new HashMap<>();
      stream.getClusterMetadataMap().forEach((name, cluster) -> {
        ClusterMetadata changed = change.apply(name, cluster);
        if (changed != null) clusters.put(name, changed);
      });
      return new KafkaStream(stream.getStreamId(), clusters);
    }).collect(Collectors.toSet());
  }
}

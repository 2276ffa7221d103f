package dev.windrow.flink.kafka;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.dynamic.metadata.ClusterMetadata;
import org.apache.flink.connector.kafka.dynamic.metadata.KafkaMetadataService;
import org.apache.flink.connector.kafka.dynamic.metadata.KafkaStream;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clusters that dynamic sources read, from a file `{group: {cluster: "host:port,…"}}` that is read at each look; of one that is retired, and read to its
 * end, `{"bootstrap": "host:port,…", "state": "retired"}`. A stream is `group/topic`. What is missing or broken in a later look changes nothing: a file that is
 * half written must not take clusters away.
 */
public final class ClusterFile implements KafkaMetadataService {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(ClusterFile.class);

  private final String file;
  private final String clientProperties;
  private final HashMap<String, KafkaStream> last = new HashMap<>();

  /** Called by name, with the table's `properties.*`. */
  public ClusterFile(Properties properties) {
    this(properties.getProperty("windrow.clusters"), properties.getProperty("windrow.client-properties", ""));
  }

  ClusterFile(String file, String clientProperties) {
    this.file = file;
    this.clientProperties = clientProperties;
  }

  @Override
  public synchronized Map<String, KafkaStream> describeStreams(Collection<String> streams) {
    try {
      JsonNode groups = new ObjectMapper().readTree(Files.readAllBytes(Path.of(file)));
      for (String stream : streams) last.put(stream, describe(stream, groups));
    } catch (IOException | RuntimeException error) {
      if (!last.keySet().containsAll(streams)) throw new IllegalStateException(file + ": " + error.getMessage(), error);
      LOG.warn("{} cannot be used, the clusters stay as they were: {}", file, error.getMessage());
    }
    return streams.stream().collect(Collectors.toMap(stream -> stream, last::get));
  }

  /**
   * A stream as the file has it, with the clusters that it had. Of a cluster's properties a checkpoint keeps the bootstrap servers alone: a job that goes on from
   * one would lose its security, and what its log has lost would be passed over after all.
   */
  KafkaStream again(KafkaStream stream) {
    Map<String, ClusterMetadata> now = describeStreams(Set.of(stream.getStreamId())).get(stream.getStreamId()).getClusterMetadataMap();
    Map<String, ClusterMetadata> clusters = new HashMap<>();
    stream.getClusterMetadataMap().forEach((name, cluster) -> clusters.put(name, now.getOrDefault(name, cluster)));
    return new KafkaStream(stream.getStreamId(), clusters);
  }

  private KafkaStream describe(String stream, JsonNode groups) throws IOException {
    int slash = stream.indexOf('/');
    JsonNode group = groups.path(stream.substring(0, slash));
    if (group.isEmpty()) throw new IllegalArgumentException("no clusters of the group " + stream.substring(0, slash));
    Map<String, ClusterMetadata> clusters = new HashMap<>();
    for (Map.Entry<String, JsonNode> cluster : group.properties()) {
      clusters.put(cluster.getKey(), new ClusterMetadata(Set.of(stream.substring(slash + 1)), properties(cluster.getKey(), cluster.getValue())));
    }
    return new KafkaStream(stream, clusters);
  }

  private Properties properties(String cluster, JsonNode listed) throws IOException {
    Properties properties = new Properties();
    if (!clientProperties.isEmpty() && Files.isRegularFile(Path.of(clientProperties, cluster + ".properties"))) {
      try (var reader = Files.newBufferedReader(Path.of(clientProperties, cluster + ".properties"), StandardCharsets.UTF_8)) {
        properties.load(reader);
      }
    }
    JsonNode bootstrap = listed.isTextual() ? listed : listed.path("bootstrap");
    if (bootstrap.asText().isEmpty()) throw new IllegalArgumentException("no brokers of the cluster " + cluster);
    properties.setProperty("bootstrap.servers", bootstrap.asText());
    if (listed.path("state").asText().equals("retired")) Listed.retire(properties);
    // Here, for the connector overrides the table's with `latest`: what a log has lost would be passed over without a word.
    properties.setProperty("auto.offset.reset", "none");
    // By default an admin client begins anew when it has lost all brokers, ever faster while they are gone, and forgets to give up what it was asked.
    properties.putIfAbsent("metadata.recovery.strategy", "none");
    return properties;
  }

  /** Never: of a cluster that is not active, Flink takes errors as what may pass, and asks again. Of one that is, they would end the job. */
  @Override
  public boolean isClusterActive(String cluster) {
    return false;
  }

  /** Streams are asked for by their names. */
  @Override
  public Set<KafkaStream> getAllStreams() {
    return Set.of();
  }

  @Override
  public void close() {}
}

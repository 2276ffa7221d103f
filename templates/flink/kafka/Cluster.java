package dev.windrow.flink.kafka;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** One Kafka cluster of the group that is published to. */
record Cluster(String region, String name, String bootstrap) implements Serializable {
  /** `[{"region": …, "name": …, "bootstrap": …}, …]` */
  static List<Cluster> parse(String json) {
    List<Cluster> clusters = new ArrayList<>();
    try {
      for (JsonNode one : new ObjectMapper().readTree(json)) {
        clusters.add(new Cluster(one.get("region").asText(), one.get("name").asText(), one.get("bootstrap").asText()));
      }
    } catch (IOException error) {
      throw new IllegalArgumentException("clusters: " + error.getMessage(), error);
    }
    return clusters;
  }
}

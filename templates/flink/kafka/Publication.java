package dev.windrow.flink.kafka;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is published and where. `keys` are the positions of the record key's columns; `plan` is the fingerprint of the publishing node; `lease` leads the
 * versions, and rises when a deployment moves from one runner to another; `clientProperties` is a folder with a `<cluster>.properties` for each cluster that
 * needs any, empty for none.
 */
record Publication(
    String name, String topic, boolean latest, List<Integer> keys, String plan, long lease, List<Cluster> clusters, String clientProperties)
    implements Serializable {
  /** The clusters of each region, in the order of the topology: by it partitions have their homes. */
  Map<String, List<Cluster>> regions() {
    Map<String, List<Cluster>> regions = new LinkedHashMap<>();
    for (Cluster cluster : clusters) regions.computeIfAbsent(cluster.region(), region -> new java.util.ArrayList<>()).add(cluster);
    return regions;
  }
}

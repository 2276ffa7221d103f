package dev.windrow.flink.kafka;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * What every reader is told, after it was given its partitions of the clusters that were found: `awaited` are those whose partitions are not known yet,
 * `leaving` those that are retired, and read until nothing of them can be missed.
 */
record ClustersNews(Set<String> awaited, Set<String> leaving) implements SourceEvent {
  private static final long serialVersionUID = 1;
}

package dev.windrow.flink.kafka;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;

/** The clusters whose partitions are not known yet; every reader is told, after it was given its partitions of those that are. */
record AwaitedClusters(Set<String> names) implements SourceEvent {
  private static final long serialVersionUID = 1;
}

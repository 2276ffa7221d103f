package dev.windrow.flink.kafka;

import org.apache.flink.api.connector.source.SourceEvent;

/** What a reader says of itself after each look at the clusters, as long as any of them is leaving. */
record ReaderStanding(Retirement.Standing standing) implements SourceEvent {
  private static final long serialVersionUID = 1;
}

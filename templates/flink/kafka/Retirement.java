package dev.windrow.flink.kafka;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/**
 * Whether all of a cluster that is retired has been read (rule S11): each of its partitions is at its proven end, and the source's watermark, the least of what
 * its readers vouch for, has passed what came of it. Knows no clock and no client: what readers say of themselves is all there is.
 */
final class Retirement {
  /** Of a partition that was read to its proven end: the offset behind its last record, and the time of its newest event. */
  record End(long next, long newestMs) implements Serializable {
    private static final long serialVersionUID = 1;
  }

  /** Of one reader: up to where everything of it is here, and the ends that it has come to, by cluster. */
  record Standing(long vouchedMs, Map<String, Map<TopicPartition, End>> ends) implements Serializable {
    private static final long serialVersionUID = 1;
  }

  private final Map<Integer, Standing> standings = new HashMap<>();

  void heard(int reader, Standing standing) {
    standings.put(reader, standing);
  }

  /** What begins anew begins where it was at a checkpoint. */
  void forget(int reader) {
    standings.remove(reader);
  }

  /** Where the partitions of a cluster were left; empty as long as any of its events could be missed. */
  Optional<Map<TopicPartition, Long>> proven(String cluster, Set<TopicPartition> partitions, int readers) {
    if (standings.size() < readers) return Optional.empty();
    long vouchedMs = standings.values().stream().mapToLong(Standing::vouchedMs).min().orElse(Long.MIN_VALUE);
    Map<TopicPartition, Long> left = new HashMap<>();
    for (Standing standing : standings.values()) {
      standing.ends.getOrDefault(cluster, Map.of()).forEach((at, end) -> {
        if (end.newestMs <= vouchedMs) left.put(at, end.next);
      });
    }
    return left.keySet().equals(partitions) ? Optional.of(left) : Optional.empty();
  }
}

package dev.windrow.flink.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.Admin;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.IsolationLevel;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.KafkaException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.KafkaFuture;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks clusters again and again where the logs of a reader's partitions end. The consumers that read them do not say whether a fetch was answered: their silence
 * would be that of a topic without events as well as that of a dead cluster.
 */
final class ClusterWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);
  private static final int EVERY_MS = 1_000;
  /** A cluster that takes longer to say where a log ends does not answer. */
  private static final int ANSWER_MS = 5_000;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int POLLS = 4;

  private final Map<String, Asked> clusters = new ConcurrentHashMap<>();
  private final ScheduledExecutorService thread;
  private final Runnable then;

  /** `then` is called after each look, from a thread of the watch. */
  ClusterWatch(String name, Runnable then) {
    this.then = then;
    thread = Executors.newSingleThreadScheduledExecutor(work -> {
      Thread made = new Thread(work, name);
      made.setDaemon(true);
      // The shaded client's classes are found by the loader that has the connector.
      made.setContextClassLoader(Admin.class.getClassLoader());
      return made;
    });
  }

  void start() {
    thread.scheduleWithFixedDelay(this::look, 0, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  /** How a cluster is reached, bootstrap servers and all. */
  void reach(String cluster, Properties properties) {
    Asked asked = clusters.computeIfAbsent(cluster, name -> new Asked());
    if (!properties.equals(asked.properties)) asked.properties = properties;
  }

  void add(Partition partition) {
    clusters.computeIfAbsent(partition.cluster, name -> new Asked()).partitions.add(partition);
  }

  void remove(Partition partition) {
    clusters.get(partition.cluster).partitions.remove(partition);
  }

  private void look() {
    try {
      clusters.forEach((name, cluster) -> cluster.ask(name));
    } catch (RuntimeException error) {
      // A look that throws would be the last one.
      LOG.error("the clusters could not be looked at", error);
    }
    then.run();
  }

  @Override
  public void close() {
    thread.execute(() -> clusters.values().forEach(Asked::close));
    thread.shutdown();
  }

  /** One cluster. Its clients belong to the watch's thread. */
  private static final class Asked {
    final List<Partition> partitions = new CopyOnWriteArrayList<>();
    volatile Properties properties;
    /** Those of the client. */
    private Properties reached;
    /** Answers that are to come of the client's last questions. */
    private volatile AtomicInteger open = new AtomicInteger();
    /** When it was asked them. */
    private volatile long askedMs;
    private Admin admin;

    void ask(String name) {
      // One that nobody reads any more is left in peace; other brokers are another client's.
      if (partitions.isEmpty() || properties != reached) close();
      if (properties == null || partitions.isEmpty()) return;
      if (open.get() > 0) {
        if (System.currentTimeMillis() - askedMs > ANSWER_MS) partitions.forEach(partition -> partition.silent(askedMs));
        return;
      }
      askedMs = System.currentTimeMillis();
      try {
        if (admin == null) {
          reached = properties;
          admin = Admin.create(settings("windrow-watch-" + name));
        }
        partitions.stream().filter(partition -> partition.suspect() >= 0).forEach(this::pass);
        Map<TopicPartition, Partition> each = new HashMap<>();
        partitions.forEach(partition -> each.put(partition.at, partition));
        ListOffsetsResult first = ends(each.keySet(), OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        ListOffsetsResult stable = ends(each.keySet(), OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
        ListOffsetsResult high = ends(each.keySet(), OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
        AtomicInteger asked = open = new AtomicInteger(each.size());
        each.forEach((at, partition) -> answer(partition, asked, List.of(first.partitionResult(at), stable.partitionResult(at), high.partitionResult(at))));
      } catch (KafkaException error) {
        partitions.forEach(partition -> partition.silent(askedMs));
        LOG.warn("{} cannot be asked: {}", name, error.getMessage());
      }
    }

    private ListOffsetsResult ends(Set<TopicPartition> partitions, OffsetSpec which, IsolationLevel level) {
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      partitions.forEach(partition -> asked.put(partition, which));
      return admin.listOffsets(asked, new ListOffsetsOptions(level).timeoutMs(ANSWER_MS));
    }

    private void answer(Partition partition, AtomicInteger asked, List<KafkaFuture<ListOffsetsResult.ListOffsetsResultInfo>> offsets) {
      KafkaFuture.allOf(offsets.toArray(KafkaFuture[]::new)).whenComplete((all, error) -> {
        // What a client is asked that is closed has another answer by now.
        if (asked == open) {
          if (error != null) partition.silent(askedMs);
          else partition.answered(new Partition.Answer(askedMs, offset(offsets.get(0)), offset(offsets.get(1)), offset(offsets.get(2))));
        }
        asked.decrementAndGet();
      });
    }

    /** Of a future that is done. */
    private static long offset(KafkaFuture<ListOffsetsResult.ListOffsetsResultInfo> of) {
      try {
        return of.get().offset();
      } catch (InterruptedException | ExecutionException error) {
        throw new IllegalStateException(error);
      }
    }

    /** Reads on from where the reader stands: where nothing comes before the end, there are only marks of transactions. */
    private void pass(Partition partition) {
      long from = partition.suspect();
      Properties settings = settings("windrow-marks-" + partition.cluster);
      settings.setProperty("isolation.level", "read_committed");
      settings.setProperty("enable.auto.commit", "false");
      try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer.assign(List.of(partition.at));
        consumer.seek(partition.at, from);
        for (int i = 0; i < POLLS; i++) {
          if (!consumer.poll(POLL).isEmpty()) {
            partition.hasRecord(from);
            return;
          }
          long position = consumer.position(partition.at);
          if (position >= partition.stable()) {
            partition.reached(position);
            return;
          }
        }
      }
    }

    private Properties settings(String client) {
      Properties settings = new Properties();
      settings.putAll(properties);
      settings.setProperty("client.id", client);
      settings.setProperty("request.timeout.ms", Integer.toString(ANSWER_MS));
      settings.setProperty("default.api.timeout.ms", Integer.toString(ANSWER_MS));
      return settings;
    }

    void close() {
      if (admin != null) admin.close(Duration.ZERO);
      admin = null;
      open = new AtomicInteger();
    }
  }
}

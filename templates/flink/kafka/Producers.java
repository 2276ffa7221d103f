package dev.windrow.flink.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A producer per cluster, and a thread per cluster that calls it: `send` blocks while a cluster's metadata is unknown, and one that is dead must not hold up
 * its neighbours.
 */
final class Producers implements AutoCloseable {
  private static final int DELIVERY_MS = 4_000;
  private static final int REQUEST_MS = 2_000;
  private static final int BLOCK_MS = 3_000;

  private final List<Cluster> clusters;
  private final String folder;
  private final KafkaProducer<byte[], byte[]>[] producers;
  private final ExecutorService[] threads;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Producers(String what, List<Cluster> clusters, String folder) {
    this.clusters = clusters;
    this.folder = folder;
    producers = new KafkaProducer[clusters.size()];
    threads = new ExecutorService[clusters.size()];
    for (int i = 0; i < threads.length; i++) {
      String name = what + " " + clusters.get(i).name();
      threads[i] = Executors.newSingleThreadExecutor(work -> daemon(work, name));
    }
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Runs `call` with the producer of a cluster, on that cluster's thread. */
  void with(int cluster, java.util.function.Consumer<KafkaProducer<byte[], byte[]>> call) {
    threads[cluster].execute(() -> call.accept(producer(cluster)));
  }

  private KafkaProducer<byte[], byte[]> producer(int cluster) {
    if (producers[cluster] == null) {
      // The shaded client's serializers are found by the loader that has the connector.
      Thread.currentThread().setContextClassLoader(KafkaProducer.class.getClassLoader());
      producers[cluster] = new KafkaProducer<>(settings(clusters.get(cluster)), new ByteArraySerializer(), new ByteArraySerializer());
    }
    return producers[cluster];
  }

  private Properties settings(Cluster cluster) {
    Properties settings = new Properties();
    settings.setProperty("acks", "all");
    settings.setProperty("enable.idempotence", "true");
    settings.setProperty("linger.ms", "5");
    settings.setProperty("delivery.timeout.ms", Integer.toString(DELIVERY_MS));
    settings.setProperty("request.timeout.ms", Integer.toString(REQUEST_MS));
    settings.setProperty("max.block.ms", Integer.toString(BLOCK_MS));
    settings.setProperty("reconnect.backoff.ms", "50");
    settings.setProperty("reconnect.backoff.max.ms", "1000");
    settings.setProperty("max.request.size", "8388608");
    Path own = Path.of(folder, cluster.name() + ".properties");
    if (!folder.isEmpty() && Files.exists(own)) {
      try (InputStream in = Files.newInputStream(own)) {
        settings.load(in);
      } catch (IOException error) {
        throw new UncheckedIOException("the client properties of " + cluster.name() + " cannot be read", error);
      }
    }
    settings.setProperty("bootstrap.servers", cluster.bootstrap());
    return settings;
  }

  @Override
  public void close() {
    for (int i = 0; i < threads.length; i++) {
      int cluster = i;
      threads[i].execute(() -> {
        if (producers[cluster] != null) producers[cluster].close(Duration.ZERO);
      });
      threads[i].shutdown();
    }
  }
}

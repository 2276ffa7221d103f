package dev.windrow.flink.kafka;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.utils.Utils;

/**
 * One group of one region: what is to be sent, what is on its way, and a thread that routes. A row that is not taken goes to another cluster of the group; of
 * a key that is published as latest only the newest row is kept. Rows that went to another cluster than their home are sent home once that answers again, so
 * that a reader of the home alone converges too.
 *
 * <p>All fields are guarded by `this`; the producers' threads come in through {@link #acknowledged} and {@link #refused}.
 */
final class Region implements AutoCloseable {
  /** Rows on their way at once. */
  private static final int WINDOW = 10_000;
  /** A region that moves on may hold up the job at so many rows, but not for longer than it moves on. */
  private static final int BACKPRESSURE_ROWS = 50_000;
  private static final long MOVES_ON_MS = 1_000;
  /** Of events, which have no newest, so many are kept for a region that is down; the oldest go first and are counted. */
  private static final int EVENTS_MAX = 1_000_000;
  private static final long NAP_MS = 20;

  final String name;
  private final Publication publication;
  private final Producers producers;
  private final Routes routes;
  private final int clusters;
  private final LinkedHashMap<Object, Outgoing> pending = new LinkedHashMap<>();
  private final Map<Object, Outgoing> flying = new HashMap<>();
  private final Map<Object, Outgoing> strays = new LinkedHashMap<>();
  /** Of the topic, once any cluster has told; all clusters have the same. */
  private int partitions;
  private long movedAtMs;
  private long dropped;
  private String problem = "no cluster has answered yet";
  private boolean closed;
  private Thread thread;

  Region(Publication publication, String name, List<Cluster> clusters) {
    this.name = name;
    this.publication = publication;
    this.clusters = clusters.size();
    producers = new Producers(publication.name() + " " + name, clusters, publication.clientProperties());
    routes = new Routes(clusters.size());
  }

  void start() {
    thread = new Thread(this::run, publication.name() + " to " + name);
    thread.setDaemon(true);
    thread.start();
    for (int cluster = 0; cluster < clusters; cluster++) look(cluster);
  }

  /** The identity under which a newer row replaces an older one. An event is replaced by none, and restored ones of several writers may share a version. */
  private Object identity(Outgoing row) {
    return publication.latest() && row.key() != null ? ByteBuffer.wrap(row.key()) : row;
  }

  /** Restored rows come before any that is offered, in no order and of several runs: the highest version of a key stays. */
  synchronized void restore(Outgoing row) {
    pending.merge(identity(row), row, (a, b) -> a.isAbove(b) ? a : b);
  }

  synchronized void offer(Outgoing row) throws InterruptedException {
    while (pending.size() >= BACKPRESSURE_ROWS && System.currentTimeMillis() - movedAtMs < MOVES_ON_MS) wait(NAP_MS);
    Object identity = identity(row);
    pending.remove(identity);
    pending.put(identity, row);
    if (!publication.latest() && pending.size() > EVENTS_MAX) {
      Iterator<Object> oldest = pending.keySet().iterator();
      oldest.next();
      oldest.remove();
      dropped++;
    }
    notifyAll();
  }

  private void run() {
    try {
      while (turn()) {}
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean turn() throws InterruptedException {
    if (closed) return false;
    long now = System.currentTimeMillis();
    if (partitions == 0 || !sendStrays(now) & !sendPending(now)) wait(NAP_MS);
    return true;
  }

  /** Rows whose key is on its way stay: the order of a key's rows holds on each cluster. */
  private boolean sendPending(long now) {
    boolean sent = false;
    Iterator<Map.Entry<Object, Outgoing>> next = pending.entrySet().iterator();
    while (flying.size() < WINDOW && next.hasNext()) {
      Map.Entry<Object, Outgoing> entry = next.next();
      if (flying.containsKey(entry.getKey())) continue;
      int cluster = routes.choose(home(entry.getValue()), now);
      if (cluster < 0) return sent;
      next.remove();
      send(entry.getKey(), entry.getValue(), cluster);
      sent = true;
    }
    return sent;
  }

  private boolean sendStrays(long now) {
    boolean sent = false;
    Iterator<Map.Entry<Object, Outgoing>> next = strays.entrySet().iterator();
    while (flying.size() < WINDOW && next.hasNext()) {
      Map.Entry<Object, Outgoing> entry = next.next();
      if (pending.containsKey(entry.getKey()) || flying.containsKey(entry.getKey())) continue;
      int home = home(entry.getValue());
      if (!routes.isUp(home) && !routes.tryAgain(home, now)) continue;
      next.remove();
      send(entry.getKey(), entry.getValue(), home);
      sent = true;
    }
    return sent;
  }

  /** By the partition, which the client computes in the same way; events without a key have none. */
  private int home(Outgoing row) {
    return routes.home(row.key() == null ? 0 : Utils.toPositive(Utils.murmur2(row.key())) % partitions);
  }

  private void send(Object identity, Outgoing row, int cluster) {
    flying.put(identity, row);
    boolean tries = !routes.isUp(cluster);
    producers.with(cluster, producer -> send(producer, identity, row, cluster, tries));
  }

  /** A send may block for seconds. Of the rows that stand in line for a cluster one finds out that it is down, the others are not to try it one by one. */
  private void send(KafkaProducer<byte[], byte[]> producer, Object identity, Outgoing row, int cluster, boolean tries) {
    if (!tries && !isUp(cluster)) {
      refused(identity, row, cluster, null);
      return;
    }
    try {
      producer.send(row.record(publication.topic(), publication.plan()), (sent, error) -> {
        if (error == null) acknowledged(identity, row, cluster);
        else refused(identity, row, cluster, error);
      });
    } catch (RuntimeException error) {
      refused(identity, row, cluster, error);
    }
  }

  private synchronized void acknowledged(Object identity, Outgoing row, int cluster) {
    flying.remove(identity);
    routes.delivered(cluster);
    movedAtMs = System.currentTimeMillis();
    if (home(row) == cluster) strays.remove(identity);
    else strays.put(identity, row);
    notifyAll();
  }

  private synchronized void refused(Object identity, Outgoing row, int cluster, Exception error) {
    flying.remove(identity);
    if (error != null) {
      routes.failed(cluster, System.currentTimeMillis());
      problem = error.toString();
    }
    pending.putIfAbsent(identity, row); // unless a newer one has come
    notifyAll();
  }

  /** Asks a cluster for the topic's partitions until some cluster has told. */
  private void look(int cluster) {
    producers.with(cluster, producer -> {
      try {
        found(producer.partitionsFor(publication.topic()).size());
      } catch (RuntimeException error) {
        if (!unknown(error)) return;
        look(cluster);
      }
    });
  }

  private synchronized void found(int count) {
    partitions = Math.max(partitions, count);
    movedAtMs = System.currentTimeMillis();
    notifyAll();
  }

  private synchronized boolean unknown(RuntimeException error) {
    problem = error.toString();
    return partitions == 0 && !closed;
  }

  synchronized boolean awaitDelivery(long deadlineMs) throws InterruptedException {
    while (!pending.isEmpty() || !flying.isEmpty()) {
      if (System.currentTimeMillis() > deadlineMs) return false;
      wait(NAP_MS);
    }
    return true;
  }

  /** Strays too: their home has not got them. */
  synchronized List<Outgoing> unacknowledged() {
    Map<Object, Outgoing> open = new LinkedHashMap<>(strays);
    open.putAll(flying);
    open.putAll(pending);
    return new ArrayList<>(open.values());
  }

  synchronized int backlog() {
    return pending.size() + flying.size();
  }

  synchronized long dropped() {
    return dropped;
  }

  private synchronized boolean isUp(int cluster) {
    return routes.isUp(cluster);
  }

  synchronized int clustersUp() {
    return routes.up();
  }

  synchronized String problem() {
    return problem;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    producers.close();
  }
}

package dev.windrow.flink.kafka;

import java.util.Arrays;

/** Which cluster of a group takes a row: its home, sticky by partition, or while that is down the next one that is up. As in windrow's own executor. */
final class Routes {
  private static final long RETRY_MIN_MS = 500;
  private static final long RETRY_MAX_MS = 5_000;

  private enum Health { UP, DOWN, TRYING }

  private final Health[] health;
  private final long[] retryAtMs;
  private final long[] pauseMs;

  Routes(int clusters) {
    health = new Health[clusters];
    Arrays.fill(health, Health.UP);
    retryAtMs = new long[clusters];
    pauseMs = new long[clusters];
  }

  int home(int partition) {
    return partition % health.length;
  }

  /** The cluster that takes a row now; -1: all are down, and none is to be tried yet. */
  int choose(int home, long nowMs) {
    for (int step = 0; step < health.length; step++) if (isUp((home + step) % health.length)) return (home + step) % health.length;
    for (int step = 0; step < health.length; step++) if (tryAgain((home + step) % health.length, nowMs)) return (home + step) % health.length;
    return -1;
  }

  /** Whether a cluster that is down may be tried with one row; the caller then must send one. */
  boolean tryAgain(int cluster, long nowMs) {
    if (health[cluster] != Health.DOWN || retryAtMs[cluster] > nowMs) return false;
    health[cluster] = Health.TRYING;
    return true;
  }

  boolean isUp(int cluster) {
    return health[cluster] == Health.UP;
  }

  int up() {
    return (int) Arrays.stream(health).filter(one -> one == Health.UP).count();
  }

  /** A row was acknowledged. True if the cluster has just come back. */
  boolean delivered(int cluster) {
    boolean back = health[cluster] != Health.UP;
    health[cluster] = Health.UP;
    return back;
  }

  /** A row was not taken in time, or refused. */
  void failed(int cluster, long nowMs) {
    if (health[cluster] == Health.DOWN) return; // sent before it was known to be down
    pauseMs[cluster] = health[cluster] == Health.UP ? RETRY_MIN_MS : Math.min(2 * pauseMs[cluster], RETRY_MAX_MS);
    retryAtMs[cluster] = nowMs + pauseMs[cluster];
    health[cluster] = Health.DOWN;
  }
}

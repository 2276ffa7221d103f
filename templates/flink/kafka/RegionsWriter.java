package dev.windrow.flink.kafka;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.table.data.RowData;

/**
 * Hands each row to every region. Nothing here waits for a region that does not move on: what it has not acknowledged is the writer's state, so a checkpoint
 * need not wait for it either.
 *
 * <p>A version is `lease.epoch.seq`. Each row brings its epoch from {@link Epochs}, so that rows which are computed again after a failure have higher versions
 * than those of before; what was restored keeps the version that it may have been sent with.
 */
final class RegionsWriter implements StatefulSinkWriter<RowData, Backlog> {
  private static final long END_DEADLINE_MS = 120_000;

  private final RowWriter rows;
  private final long lease;
  private final List<Region> regions = new ArrayList<>();
  private long seq;

  RegionsWriter(Publication publication, RowWriter rows, SinkWriterMetricGroup metrics, Collection<Backlog> restored) {
    this.rows = rows;
    lease = publication.lease();
    publication.regions().forEach((name, clusters) -> regions.add(new Region(publication, name, clusters)));
    for (Region region : regions) {
      for (Backlog backlog : restored) if (backlog.region().equals(region.name)) backlog.rows().forEach(region::restore);
      var group = metrics.addGroup("region", region.name);
      group.gauge("backlog", region::backlog);
      group.gauge("dropped", region::dropped);
      group.gauge("clusters_up", region::clustersUp);
      region.start();
    }
  }

  @Override
  public void write(RowData element, Context context) throws IOException, InterruptedException {
    Outgoing row = rows.write(element, lease, ++seq);
    for (Region region : regions) region.offer(row);
  }

  /** Before a checkpoint nothing needs to be waited for. At the end of bounded input everything is, in every region. */
  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    if (!endOfInput) return;
    long deadline = System.currentTimeMillis() + END_DEADLINE_MS;
    for (Region region : regions) {
      if (!region.awaitDelivery(deadline)) {
        throw new IOException("the region " + region.name + " has not taken " + region.backlog() + " rows within " + END_DEADLINE_MS + " ms: " + region.problem());
      }
    }
  }

  @Override
  public List<Backlog> snapshotState(long checkpointId) {
    List<Backlog> state = new ArrayList<>();
    for (Region region : regions) {
      List<Outgoing> open = region.unacknowledged();
      for (int from = 0; from < open.size(); from += Backlog.ROWS_MAX) {
        state.add(new Backlog(region.name, open.subList(from, Math.min(open.size(), from + Backlog.ROWS_MAX))));
      }
    }
    return state;
  }

  @Override
  public void close() throws Exception {
    for (Region region : regions) region.close();
  }
}

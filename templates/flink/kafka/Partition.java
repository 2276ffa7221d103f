package dev.windrow.flink.kafka;

import java.util.OptionalLong;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/**
 * What is known of one partition, and up to where it vouches that everything is here (rule S11): as far as its events that were read go; at its end, which its
 * cluster has told, up to the time when that was asked; one that does not answer, or whose end belongs to an open transaction, holds the watermark where it was,
 * at most as long as the patience goes. The watch's threads tell it, the reader's asks it.
 */
final class Partition {
  /** The year 9999: what holds at all times is complete for all of them. */
  static final long ALWAYS_MS = 253_370_764_800_000L;

  private static final long NEVER = Long.MAX_VALUE;
  private static final long NOT_YET = Long.MIN_VALUE;

  /** What a cluster said: `stable` is the end of what may be read, `high` of what is written. `askedMs`: when it was asked. */
  record Answer(long askedMs, long first, long stable, long high) {
    boolean isPinned() {
      return stable < high;
    }
  }

  final String cluster;
  final TopicPartition at;
  private final Patience patience;
  private long position;
  private Answer answer;
  private long downSinceMs = NEVER;
  private long pinnedSinceMs = NEVER;
  private long quietMs = NOT_YET;
  private boolean wasRead;
  private long suspectedAt = NOT_YET;
  private long recordAt = NOT_YET;
  private boolean isSuspect;

  /** `position` of the next record to be handed on; below zero: the beginning of the log. */
  Partition(String cluster, TopicPartition at, long position, Patience patience) {
    this.cluster = cluster;
    this.at = at;
    this.position = position;
    this.patience = patience;
  }

  /** All records before this one were handed on. */
  synchronized void reached(long position) {
    this.position = Math.max(this.position, position);
  }

  synchronized void answered(Answer now) {
    boolean isSame = answer != null && answer.stable == now.stable;
    // One look may fall between two of its own questions.
    boolean isPinned = isSame && now.isPinned() && answer.isPinned();
    if (!isPinned) pinnedSinceMs = NEVER;
    else if (pinnedSinceMs == NEVER) pinnedSinceMs = now.askedMs;
    isSuspect = isSame && !isAtEnd(now) && suspectedAt == position && recordAt != position;
    suspectedAt = position;
    answer = now;
    downSinceMs = NEVER;
  }

  synchronized void silent(long askedMs) {
    if (downSinceMs == NEVER) downSinceMs = askedMs;
  }

  private boolean isAtEnd(Answer answer) {
    return position < 0 ? answer.first >= answer.stable : position >= answer.stable;
  }

  synchronized boolean isGivenUp(long nowMs) {
    long since = Math.min(downSinceMs, pinnedSinceMs);
    return since != NEVER && nowMs - since > patience.holdForMs();
  }

  /** Up to where everything is here, `read` being what the events that were read say; empty: nobody waits for it. */
  synchronized OptionalLong vouches(long read, long nowMs) {
    if (answer != null && isAtEnd(answer) && !answer.isPinned()) {
      wasRead = true;
      quietMs = Math.max(quietMs, answer.askedMs);
    }
    if (patience.isStatic() && wasRead) return OptionalLong.of(ALWAYS_MS);
    if (isGivenUp(nowMs)) return OptionalLong.empty();
    if (patience.isStatic()) return OptionalLong.of(NOT_YET);
    return OptionalLong.of(quietMs == NOT_YET ? read : Math.max(read, quietMs - patience.disorderMs()));
  }

  /** Where it stands if that is its proven end; below zero: it is not, or not known to be. */
  synchronized long end() {
    boolean isProven = answer != null && downSinceMs == NEVER && isAtEnd(answer) && !answer.isPinned();
    return isProven ? Math.max(position, answer.stable) : -1;
  }

  /** Where it stands before an end that does not move: marks of transactions are records that nobody is handed. Below zero: it does not. */
  synchronized long suspect() {
    return isSuspect ? position : -1;
  }

  /** There is a record from this place on: it is not read yet. */
  synchronized void hasRecord(long from) {
    recordAt = from;
  }

  /** Whether the record of this offset is the next one to be handed on. */
  synchronized boolean isNext(long offset) {
    return position == offset;
  }

  synchronized long stable() {
    return answer.stable;
  }
}

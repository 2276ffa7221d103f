package dev.windrow.flink.kafka;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/** What a partition vouches for, and when a cluster is left, by rule S11, as src/dataflow/watermark.rs and src/executor/reshape/proof.rs do. Exit code 1 on a difference. */
public final class PartitionCases {
  private static final long NOW = 1_700_000_000_000L;
  private static final long HOLD_MS = 300_000;
  private static final long NOT_YET = Long.MIN_VALUE;
  private static int cases;
  private static int failures;

  private PartitionCases() {}

  public static void main(String[] args) {
    liveAndQuiet();
    downAndBack();
    pinned();
    marks();
    unread();
    statics();
    ends();
    retirement();
    System.out.println(cases + " cases, " + failures + " differences");
    System.exit(failures == 0 && cases > 0 ? 0 : 1);
  }

  private static Partition partition(long position, boolean isStatic) {
    return new Partition("west-1", new TopicPartition("t", 0), position, new Patience(HOLD_MS, 10, isStatic));
  }

  private static void answer(Partition partition, long askedMs, long stable, long high) {
    partition.answered(new Partition.Answer(askedMs, 0, stable, high));
  }

  private static void liveAndQuiet() {
    Partition partition = partition(5, false);
    is("nothing is known", OptionalLong.of(NOT_YET), partition.vouches(NOT_YET, NOW));
    answer(partition, NOW, 7, 7);
    is("there is more to read, however silent it is", OptionalLong.of(NOW - 90), partition.vouches(NOW - 90, NOW + 10 * HOLD_MS));
    partition.reached(7);
    is("at its end", OptionalLong.of(NOW - 10), partition.vouches(NOW - 90, NOW + 60));
    is("events that were read go further", OptionalLong.of(NOW + 5), partition.vouches(NOW + 5, NOW + 60));
    answer(partition, NOW + 1_000, 8, 8);
    is("live again", OptionalLong.of(NOW - 10), partition.vouches(NOW - 90, NOW + 1_001));
  }

  private static void downAndBack() {
    Partition partition = partition(0, false);
    answer(partition, NOW - 50, 0, 0);
    is("an empty log", OptionalLong.of(NOW - 60), partition.vouches(NOT_YET, NOW));
    partition.silent(NOW);
    partition.silent(NOW + HOLD_MS);
    is("down, and waited for", OptionalLong.of(NOW - 60), partition.vouches(NOT_YET, NOW + HOLD_MS));
    is("down for too long", OptionalLong.empty(), partition.vouches(NOT_YET, NOW + HOLD_MS + 1));
    answer(partition, NOW + HOLD_MS + 1, 9, 9);
    is("back", OptionalLong.of(NOW - 60), partition.vouches(NOT_YET, NOW + HOLD_MS + 2));
    partition.silent(NOW + HOLD_MS + 3);
    is("down anew", OptionalLong.of(NOW - 60), partition.vouches(NOT_YET, NOW + 2 * HOLD_MS));
  }

  private static void pinned() {
    Partition partition = partition(4, false);
    answer(partition, NOW, 4, 6);
    is("an open transaction is no end", OptionalLong.of(NOW - 90), partition.vouches(NOW - 90, NOW));
    answer(partition, NOW + 1_000, 4, 6);
    is("waited for", OptionalLong.of(NOW - 90), partition.vouches(NOW - 90, NOW + 1_000 + HOLD_MS));
    is("open for too long", OptionalLong.empty(), partition.vouches(NOW - 90, NOW + 1_001 + HOLD_MS));
    answer(partition, NOW + 2_000 + HOLD_MS, 6, 6);
    is("over", OptionalLong.of(NOW - 90), partition.vouches(NOW - 90, NOW + 2_001 + HOLD_MS));
    partition.reached(6);
    is("and read", OptionalLong.of(NOW + 1_990 + HOLD_MS), partition.vouches(NOW - 90, NOW + 2_001 + HOLD_MS));
  }

  private static void marks() {
    Partition partition = partition(4, false);
    for (int i = 0; i < 2; i++) answer(partition, NOW + i, 5, 5);
    expect("a place that does not move", 4, partition.suspect());
    partition.hasRecord(4);
    answer(partition, NOW + 2, 5, 5);
    expect("a record is no mark", -1, partition.suspect());
    partition.reached(5);
    for (int i = 3; i < 5; i++) answer(partition, NOW + i, 6, 6);
    expect("the next place", 5, partition.suspect());
    partition.reached(6);
    is("marks are passed", OptionalLong.of(NOW - 6), partition.vouches(NOW - 90, NOW + 5));
  }

  private static void unread() {
    Partition partition = partition(-2, false);
    partition.answered(new Partition.Answer(NOW, 3, 4, 4));
    is("from the beginning, where something is", OptionalLong.of(NOT_YET), partition.vouches(NOT_YET, NOW));
    partition.answered(new Partition.Answer(NOW, 4, 4, 4));
    is("from the beginning of nothing", OptionalLong.of(NOW - 10), partition.vouches(NOT_YET, NOW));
  }

  private static void statics() {
    Partition partition = partition(0, true);
    answer(partition, NOW, 2, 2);
    is("a static table that is not read", OptionalLong.of(NOT_YET), partition.vouches(Partition.ALWAYS_MS, NOW));
    partition.silent(NOW);
    is("and down for too long", OptionalLong.empty(), partition.vouches(Partition.ALWAYS_MS, NOW + HOLD_MS + 1));
    answer(partition, NOW, 2, 2);
    partition.reached(2);
    is("read once", OptionalLong.of(Partition.ALWAYS_MS), partition.vouches(NOT_YET, NOW));
    partition.silent(NOW);
    is("holds at all times", OptionalLong.of(Partition.ALWAYS_MS), partition.vouches(NOT_YET, NOW + HOLD_MS + 1));
  }

  private static void ends() {
    Partition partition = partition(5, false);
    expect("no end is known", -1, partition.end());
    answer(partition, NOW, 7, 7);
    expect("before its end", -1, partition.end());
    partition.reached(7);
    expect("at its end", 7, partition.end());
    answer(partition, NOW + 1_000, 7, 9);
    expect("an open transaction is no end", -1, partition.end());
    answer(partition, NOW + 2_000, 7, 7);
    partition.silent(NOW + 3_000);
    expect("one that does not answer is at no proven end", -1, partition.end());
    Partition empty = partition(-2, false);
    empty.answered(new Partition.Answer(NOW, 4, 4, 4));
    expect("the end of a log that has nothing", 4, empty.end());
  }

  private static void retirement() {
    TopicPartition one = new TopicPartition("t", 0);
    TopicPartition other = new TopicPartition("t", 1);
    Set<TopicPartition> both = Set.of(one, other);
    Retirement retirement = new Retirement();
    retirement.heard(0, standing(NOW, one, new Retirement.End(7, NOW - 5)));
    left("a reader has said nothing", null, retirement.proven("west-1", both, 2));
    retirement.heard(1, standing(NOW, other, new Retirement.End(3, NOW + 1)));
    left("the watermark has not passed an event", null, retirement.proven("west-1", both, 2));
    retirement.heard(1, standing(NOW + 1, other, new Retirement.End(3, NOW + 1)));
    left("that of the other reader has not", null, retirement.proven("west-1", both, 2));
    retirement.heard(0, standing(NOW + 1, one, new Retirement.End(7, NOW - 5)));
    left("all is read, and the watermark has passed it", Map.of(one, 7L, other, 3L), retirement.proven("west-1", both, 2));
    left("of another cluster nothing is known", null, retirement.proven("west-2", both, 2));
    left("there is a partition more", null, retirement.proven("west-1", Set.of(one, other, new TopicPartition("t", 2)), 2));
    retirement.heard(0, new Retirement.Standing(NOW + 2, Map.of()));
    left("a partition has got records again", null, retirement.proven("west-1", both, 2));
    retirement.heard(0, standing(NOW + 2, one, new Retirement.End(8, NOW + 2)));
    left("and they were read", null, retirement.proven("west-1", both, 2));
    retirement.heard(1, standing(NOW + 2, other, new Retirement.End(3, NOW + 1)));
    left("and passed", Map.of(one, 8L, other, 3L), retirement.proven("west-1", both, 2));
    retirement.forget(1);
    left("a reader begins anew", null, retirement.proven("west-1", both, 2));
  }

  private static Retirement.Standing standing(long vouchedMs, TopicPartition at, Retirement.End end) {
    return new Retirement.Standing(vouchedMs, Map.of("west-1", Map.of(at, end)));
  }

  private static void left(String what, Map<TopicPartition, Long> expected, Optional<Map<TopicPartition, Long>> found) {
    same(what, Optional.ofNullable(expected), found);
  }

  private static void expect(String what, long expected, long found) {
    is(what, OptionalLong.of(expected), OptionalLong.of(found));
  }

  private static void is(String what, OptionalLong expected, OptionalLong found) {
    same(what, expected, found);
  }

  private static void same(String what, Object expected, Object found) {
    cases++;
    if (expected.equals(found)) return;
    failures++;
    System.out.println(what + ": expected " + expected + ", found " + found);
  }
}

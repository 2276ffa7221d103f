package dev.windrow.flink;

import java.util.Arrays;

/**
 * A node of {@link EventTree}: at level 0 a chunk of events sorted by time, above it the list of its children in time order, each with its time range and
 * its partial. Two neighbours may share a border time.
 */
final class Node {
  final int level;
  int size;
  long[] first;
  long[] last;
  long[] child;
  byte[][] data;

  Node(int level) {
    this.level = level;
    reserve(4);
  }

  private void reserve(int n) {
    first = first == null ? new long[n] : Arrays.copyOf(first, n);
    data = data == null ? new byte[n][] : Arrays.copyOf(data, n);
    if (level == 0) return;
    last = last == null ? new long[n] : Arrays.copyOf(last, n);
    child = child == null ? new long[n] : Arrays.copyOf(child, n);
  }

  boolean isChunk() {
    return level == 0;
  }

  long firstTs() {
    return first[0];
  }

  long lastTs() {
    return lastTs(size - 1);
  }

  long lastTs(int i) {
    return isChunk() ? first[i] : last[i];
  }

  void insertEvent(int at, long ts, byte[] event) {
    open(at);
    first[at] = ts;
    data[at] = event;
  }

  void insertChild(int at, long id, Node node, byte[] partial) {
    open(at);
    child[at] = id;
    describe(at, node, partial);
  }

  void describe(int at, Node node, byte[] partial) {
    first[at] = node.firstTs();
    last[at] = node.lastTs();
    data[at] = partial;
  }

  private void open(int at) {
    if (size == first.length) reserve(2 * size);
    move(at, at + 1, size - at);
    size++;
  }

  void dropHead(int n) {
    move(n, 0, size - n);
    size -= n;
  }

  private void move(int from, int to, int n) {
    System.arraycopy(first, from, first, to, n);
    System.arraycopy(data, from, data, to, n);
    if (isChunk()) return;
    System.arraycopy(last, from, last, to, n);
    System.arraycopy(child, from, child, to, n);
  }

  /** Takes the entries from `at` on into a new node of the same level. */
  Node split(int at) {
    Node right = new Node(level);
    right.reserve(Math.max(4, size - at));
    right.size = size - at;
    System.arraycopy(first, at, right.first, 0, right.size);
    System.arraycopy(data, at, right.data, 0, right.size);
    if (!isChunk()) {
      System.arraycopy(last, at, right.last, 0, right.size);
      System.arraycopy(child, at, right.child, 0, right.size);
    }
    size = at;
    return right;
  }

  byte[] toBytes() {
    Out out = new Out().u8(level).size(size);
    for (int i = 0; i < size; i++) {
      if (isChunk()) out.i64(first[i]).bytes(data[i]);
      else out.i64(child[i]).i64(first[i]).i64(last[i]).bytes(data[i]);
    }
    return out.toBytes();
  }

  static Node read(In in) {
    Node node = new Node(in.u8());
    int n = in.size();
    node.reserve(Math.max(4, n));
    node.size = n;
    for (int i = 0; i < n; i++) {
      if (!node.isChunk()) node.child[i] = in.i64();
      node.first[i] = in.i64();
      if (!node.isChunk()) node.last[i] = in.i64();
      node.data[i] = in.bytes();
    }
    return node;
  }
}

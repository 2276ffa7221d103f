package dev.windrow.flink;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The events of one key, sorted by time, in chunks below a tree of partials (a B+ tree by event time). The root lives in the key's head, so a key with few
 * events is one value; the other nodes are values of their own. An insertion, late or not, touches one node per level; so does each edge of a window.
 * Valid for one call of the operator: nodes are read once, changed in memory and written back by {@link #flush}.
 */
final class EventTree {
  /** Where nodes are kept: Flink's map state, or a map in tests. */
  interface Store {
    byte[] get(long id) throws Exception;

    void put(long id, byte[] node) throws Exception;

    void remove(long id) throws Exception;
  }

  static final int CHUNK_EVENTS_MAX = 128;
  /** Partials are larger than events, and a hot key rewrites one node per level for each event. */
  static final int CHILDREN_MAX = 32;

  private final Store store;
  private final Cells cells;
  private final boolean[] all;
  private final int chunkMax;
  private final Map<Long, Node> loaded = new HashMap<>();
  private final Set<Long> changed = new HashSet<>();
  private long nextId;
  private Node root;

  EventTree(Store store, Cells cells, long nextId, Node root, int chunkMax) {
    this.store = store;
    this.cells = cells;
    this.nextId = nextId;
    this.root = root;
    this.chunkMax = chunkMax;
    all = new boolean[cells.count()];
    java.util.Arrays.fill(all, true);
  }

  boolean isEmpty() {
    return root.size == 0;
  }

  long newestTs() {
    return root.lastTs();
  }

  Node root() {
    return root;
  }

  long nextId() {
    return nextId;
  }

  private Node load(long id) throws Exception {
    Node node = loaded.get(id);
    if (node == null) {
      node = Node.read(new In(store.get(id)));
      loaded.put(id, node);
    }
    return node;
  }

  /** Writes the changed nodes back, all but the root. */
  void flush() throws Exception {
    for (long id : changed) store.put(id, loaded.get(id).toBytes());
    changed.clear();
  }

  /** True if an event of that time with that copy hash is here. */
  boolean holds(long ts, byte[] copy) throws Exception {
    return holds(root, ts, copy);
  }

  private boolean holds(Node node, long ts, byte[] copy) throws Exception {
    for (int i = from(node, ts); i < node.size && node.first[i] <= ts; i++) {
      if (node.isChunk() ? Cells.isCopy(node.data[i], copy) : holds(load(node.child[i]), ts, copy)) return true;
    }
    return false;
  }

  /** The first entry that ends at `ts` or later. */
  private static int from(Node node, long ts) {
    int low = 0;
    int high = node.size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (node.lastTs(middle) < ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  void insert(long ts, byte[] event) throws Exception {
    Node right = insert(root, ts, event);
    if (right == null) return;
    Node left = root;
    root = new Node(left.level + 1);
    root.insertChild(0, adopt(left), left, partial(left));
    root.insertChild(1, adopt(right), right, partial(right));
  }

  private long adopt(Node node) {
    long id = nextId++;
    loaded.put(id, node);
    changed.add(id);
    return id;
  }

  /** Returns the new right neighbour if the node had to be split. */
  private Node insert(Node node, long ts, byte[] event) throws Exception {
    int at = after(node, ts);
    if (node.isChunk()) {
      node.insertEvent(at, ts, event);
      return node.size > chunkMax ? node.split(cut(node, at)) : null;
    }
    int i = Math.max(0, at - 1);
    long id = node.child[i];
    Node child = load(id);
    changed.add(id);
    Node right = insert(child, ts, event);
    if (right == null) {
      node.describe(i, child, grown(node.data[i], ts, event));
      return null;
    }
    node.describe(i, child, partial(child));
    node.insertChild(i + 1, adopt(right), right, partial(right));
    return node.size > CHILDREN_MAX ? node.split(cut(node, i + 1)) : null;
  }

  /** The first entry that begins after `ts`. */
  private static int after(Node node, long ts) {
    int low = 0;
    int high = node.size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (node.first[middle] <= ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Events mostly come in order: a node that grew at its end is left full, any other is halved. */
  private static int cut(Node node, int inserted) {
    return inserted == node.size - 1 ? inserted : node.size / 2;
  }

  private byte[] grown(byte[] partial, long ts, byte[] event) {
    cells.clear();
    cells.addPartial(all, partial);
    cells.addEvent(all, ts, event);
    return cells.partial();
  }

  private byte[] partial(Node node) {
    cells.clear();
    for (int i = 0; i < node.size; i++) {
      if (node.isChunk()) cells.addEvent(all, node.first[i], node.data[i]);
      else cells.addPartial(all, node.data[i]);
    }
    return cells.partial();
  }

  /** Adds the events of [from, to) to the active cells. */
  void aggregate(long from, long to, boolean[] active) throws Exception {
    aggregate(root, from, to, active);
  }

  private void aggregate(Node node, long from, long to, boolean[] active) throws Exception {
    for (int i = from(node, from); i < node.size && node.first[i] < to; i++) {
      if (node.isChunk()) cells.addEvent(active, node.first[i], node.data[i]);
      else if (node.first[i] >= from && node.last[i] < to) cells.addPartial(active, node.data[i]);
      else aggregate(load(node.child[i]), from, to, active);
    }
  }

  /** The time of the newest event before `q`, or Long.MIN_VALUE. */
  long newestBefore(long q) throws Exception {
    return newestBefore(root, q);
  }

  private long newestBefore(Node node, long q) throws Exception {
    for (int i = node.size - 1; i >= 0; i--) {
      if (node.first[i] >= q) continue;
      return node.lastTs(i) < q ? node.lastTs(i) : newestBefore(load(node.child[i]), q);
    }
    return Long.MIN_VALUE;
  }

  /** The time of the oldest event at or after `ts`, or Long.MAX_VALUE. */
  long oldestFrom(long ts) throws Exception {
    Node node = root;
    while (true) {
      int i = from(node, ts);
      if (i == node.size) return Long.MAX_VALUE;
      if (node.first[i] >= ts) return node.first[i];
      node = load(node.child[i]);
    }
  }

  /** The first event before `q` after which the key was never without events for longer than the ttl, if it is not as of `q`: then `q`. */
  long lifeStart(long q, long ttlMs) throws Exception {
    return ttlMs == Long.MAX_VALUE ? Long.MIN_VALUE : lifeStart(root, q, q, ttlMs);
  }

  /** `start`: the life so far, from the newest event back. A node that is shorter than a ttl has no gap in it. */
  private long lifeStart(Node node, long q, long start, long ttlMs) throws Exception {
    for (int i = node.size - 1; i >= 0; i--) {
      if (node.first[i] >= q) continue;
      boolean isWhole = node.lastTs(i) < q && node.lastTs(i) - node.first[i] <= ttlMs;
      if (node.lastTs(i) < q && start - node.lastTs(i) > ttlMs) return start;
      if (node.isChunk() || isWhole) {
        start = node.first[i];
        continue;
      }
      Node below = load(node.child[i]);
      start = lifeStart(below, q, start, ttlMs);
      // What is before a gap is another life's.
      if (start > node.first[i]) return start;
    }
    return start;
  }

  /** Forgets events before `ts`: single ones in the root, else whole chunks. */
  void trim(long ts) throws Exception {
    trim(root, ts);
    while (!root.isChunk() && root.size == 1) {
      long id = root.child[0];
      root = load(id);
      loaded.remove(id);
      changed.remove(id);
      store.remove(id);
    }
    if (root.size == 0) root = new Node(0);
  }

  private void trim(Node node, long ts) throws Exception {
    int gone = from(node, ts);
    if (!node.isChunk()) for (int i = 0; i < gone; i++) forget(node.child[i], node.level - 1);
    node.dropHead(gone);
    if (node.level < 2 || node.size == 0 || node.first[0] >= ts) return;
    Node edge = load(node.child[0]);
    int before = edge.size;
    trim(edge, ts);
    changed.add(node.child[0]);
    if (edge.size != before) node.describe(0, edge, partial(edge));
  }

  private void forget(long id, int level) throws Exception {
    if (level > 0) {
      Node node = load(id);
      for (int i = 0; i < node.size; i++) forget(node.child[i], level - 1);
    }
    loaded.remove(id);
    changed.remove(id);
    store.remove(id);
  }
}

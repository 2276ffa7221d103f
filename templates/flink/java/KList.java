package dev.windrow.flink;

import java.util.ArrayList;
import java.util.List;

/** The k oldest, newest, greatest or least values, best first; serves `first_k`, `last_k`, `top_k` and `bottom_k`. Duplicates are kept. */
final class KList extends Accumulator {
  /** What a list is ordered by: then by time, source, event id and value, but for values alone, which are one and the same if they are equal. */
  enum By { TIME, VALUE, ORDER }

  private final Type type;
  private final Type order;
  private final By by;
  private final int sign;
  private final int k;
  private final List<Given> items = new ArrayList<>();

  /** `sign` is 1 for the greatest or newest, -1 for the least or oldest; `order` is null unless the list has an order of its own. */
  KList(Type type, Type order, boolean byTime, int sign, int k) {
    this.type = type;
    this.order = order;
    this.sign = sign;
    this.k = k;
    by = byTime ? By.TIME : order == null ? By.VALUE : By.ORDER;
  }

  Object[] values() {
    return items.isEmpty() ? null : items.stream().map(item -> item.value).toArray();
  }

  @Override
  void clear() {
    items.clear();
  }

  @Override
  boolean isEmpty() {
    return items.isEmpty();
  }

  private int compare(Given a, Given b) {
    if (by == By.VALUE) return sign * type.compare(a.value, b.value);
    int byOrder = by == By.ORDER ? order.compare(a.order, b.order) : 0;
    return sign * (byOrder != 0 ? byOrder : a.compare(b, type));
  }

  @Override
  void add(Given given) {
    if (items.size() == k && compare(given, items.get(k - 1)) <= 0) return;
    int at = 0;
    for (int high = items.size(); at < high; ) {
      int middle = (at + high) >>> 1;
      if (compare(given, items.get(middle)) > 0) high = middle;
      else at = middle + 1;
    }
    if (items.size() == k) items.remove(k - 1);
    items.add(at, given.copy());
  }

  @Override
  void merge(In in) {
    for (int n = in.size(); n > 0; n--) {
      Given given = by == By.VALUE ? new Given() : Given.readTies(in);
      given.value = type.read(in);
      if (by == By.ORDER) given.order = order.read(in);
      add(given);
    }
  }

  @Override
  void write(Out out) {
    out.size(items.size());
    for (Given item : items) {
      if (by != By.VALUE) item.writeTies(out);
      type.write(out, item.value);
      if (by == By.ORDER) order.write(out, item.order);
    }
  }
}

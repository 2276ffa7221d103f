package dev.windrow.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a generated class declares about its keyed node. The input's columns are, in this order: the key columns, `wr_ts` BIGINT, with {@link #copies}
 * also `wr_id` STRING and `wr_copy` BYTES, with {@link #origins} also `wr_origin` BIGINT, then the declared columns. The output's are the key columns
 * (from Flink), `wr_as_of` BIGINT, `wr_gone` BOOLEAN (the key has left, and has no features), the features.
 */
public final class Spec implements Serializable {
  private static final long serialVersionUID = 1;

  record Column(String name, Type type) implements Serializable {}

  /** `cell` is where the aggregate's accumulator lives, `argument` the type of what it is given, `constant` what stands where it has nothing, or null. */
  record Feature(String name, Aggregate aggregate, long parameter, Type argument, Type result, Window window, int cell, Serializable constant) implements Serializable {
    Object value(Accumulator kept) {
      if (constant != null && kept.isEmpty()) return constant;
      if (kept instanceof Buckets buckets) return buckets.values(one -> aggregate.value(one, argument, parameter));
      return aggregate.value(kept, argument, parameter);
    }
  }

  final String name;
  int keys;
  boolean copies;
  boolean origins;
  /** How long a key without events keeps its lifetime columns. */
  long ttlMs = Long.MAX_VALUE;
  /** At most one row per key in this time. */
  long everyMs;
  /** A table whose rows hold at all times. */
  boolean isStatic;
  final ArrayList<Type> rows = new ArrayList<>();
  final ArrayList<Integer> takes = new ArrayList<>();
  final List<Column> columns = new ArrayList<>();
  final List<Feature> features = new ArrayList<>();
  final List<Cell> cells = new ArrayList<>();

  private Spec(String name) {
    this.name = name;
  }

  public static Spec node(String name) {
    return new Spec(name);
  }

  /** How many key columns lead the input. */
  public Spec keys(int count) {
    keys = count;
    return this;
  }

  /** The source declares an event id: `wr_id` and `wr_copy` are there, and copies count once. */
  public Spec copies() {
    copies = true;
    return this;
  }

  /** The events are of a union: `wr_origin` says of which source, which breaks ties. */
  public Spec origins() {
    origins = true;
    return this;
  }

  public Spec ttl(long ms) {
    ttlMs = ms;
    return this;
  }

  public Spec every(long ms) {
    everyMs = ms;
    return this;
  }

  /** What the features' aggregates use (conditions are bools), by windrow's type. */
  public Spec column(String name, String type) {
    columns.add(new Column(name, Type.parse(type)));
    return this;
  }

  public Spec feature(String name, Call call, Window window) {
    Cell cell =
        new Cell(call.aggregate.keeps(), index(call.value), index(call.filter), index(call.order), index(call.bucket), call.aggregate.kept(call.parameter));
    if (!cells.contains(cell)) cells.add(cell);
    Type given = type(cell.argument());
    Type plain = Cell.plain(given);
    Type buckets = Cell.buckets(given, type(cell.bucket()));
    Type result = call.aggregate.result(plain);
    if (buckets != null) result = Type.map(buckets, result, true);
    features.add(new Feature(name, call.aggregate, call.parameter, plain, result, window, cells.indexOf(cell), (Serializable) call.constant()));
    return this;
  }

  /** The rows of a table, not events: the newest one holds. Its columns follow the record itself, and {@link #take} says which are put out. */
  public Spec table() {
    column("wr_row", "bytes");
    return feature("wr_row", Call.of(Aggregate.LAST).value("wr_row"), Window.lifetime());
  }

  /** The last row that was read holds at all times. The place of its record follows the columns: `wr_cluster` STRING, `wr_partition` INT, `wr_offset` BIGINT. */
  public Spec staticTable() {
    isStatic = true;
    return table();
  }

  public Spec row(String type) {
    rows.add(Type.parse(type));
    return this;
  }

  public Spec take(long row) {
    takes.add((int) row);
    return this;
  }

  /** Where a table's record begins in the input, and behind it the columns. */
  int recordAt() {
    return keys + (copies ? 3 : 1);
  }

  boolean isTable() {
    return !rows.isEmpty();
  }

  private int index(String column) {
    if (column == null) return -1;
    for (int i = 0; i < columns.size(); i++) if (columns.get(i).name.equals(column)) return i;
    throw new IllegalArgumentException(name + ": no column " + column);
  }

  Type type(int column) {
    return column < 0 ? null : columns.get(column).type;
  }

  List<Window> windows() {
    return features.stream().map(Feature::window).distinct().toList();
  }
}

package dev.windrow.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a generated class declares about its keyed node. The input's columns are, in this order: the key columns, `wr_ts` BIGINT, with {@link #copies}
 * also `wr_id` STRING and `wr_copy` BYTES, then the declared columns. The output's are the key columns (from Flink), `wr_as_of` BIGINT, the features.
 */
public final class Spec implements Serializable {
  private static final long serialVersionUID = 1;
  record Column(String name, Type type) implements Serializable {}

  /** `argument` and `filter` are indices into the columns, -1 for none; `cell` is where the aggregate's accumulator lives. */
  record Feature(String name, Aggregate aggregate, int argument, Window window, int cell) implements Serializable {}

  /** One accumulator: shared by all windows, and by aggregates that keep the same thing of the same values. */
  record Cell(Aggregate aggregate, int argument, int filter) implements Serializable {}

  final String name;
  int keys;
  boolean copies;
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

  /** An argument or a filter (type bool) of the features, by windrow's type. */
  public Spec column(String name, String type) {
    columns.add(new Column(name, Type.parse(type)));
    return this;
  }

  /** `argument` is null for `count()`, `filter` for an aggregate without `where`. */
  public Spec feature(String name, Aggregate aggregate, String argument, String filter, Window window) {
    Cell cell = new Cell(Aggregate.valueOf(aggregate.keeps()), index(argument), index(filter));
    if (!cells.contains(cell)) cells.add(cell);
    features.add(new Feature(name, aggregate, cell.argument, window, cells.indexOf(cell)));
    return this;
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

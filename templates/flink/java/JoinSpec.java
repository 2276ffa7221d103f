package dev.windrow.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a generated class declares about one part of a join: left rows against the events of one group by. The left input's columns are, in this order: the
 * columns joined on, `wr_ts` BIGINT, with {@link #copies} also `wr_copy` BYTES, then the declared columns. The right input's are those of its {@link Spec}.
 * The output's are both sides' key columns (from Flink), `wr_ts`, the left columns, the features.
 */
public final class JoinSpec implements Serializable {
  private static final long serialVersionUID = 1;

  final String name;
  boolean first;
  boolean copies;
  boolean fresh;
  long leftLateMs;
  Spec right;
  private final ArrayList<Type> columns = new ArrayList<>();

  private JoinSpec(String name) {
    this.name = name;
  }

  public static JoinSpec join(String name) {
    return new JoinSpec(name);
  }

  /** Left rows come from their source: here it is decided which are too late. */
  public JoinSpec first() {
    first = true;
    return this;
  }

  /** Left rows carry `wr_copy`, and copies count once. */
  public JoinSpec copies() {
    copies = true;
    return this;
  }

  /** Rows wait for nothing: they show what is known when they come. */
  public JoinSpec fresh() {
    fresh = true;
    return this;
  }

  /** How far behind the watermark a left row may be. */
  public JoinSpec leftLate(long ms) {
    leftLateMs = ms;
    return this;
  }

  /** A left column, by windrow's type. */
  public JoinSpec column(String type) {
    columns.add(Type.parse(type));
    return this;
  }

  public JoinSpec right(Spec spec) {
    right = spec;
    return this;
  }

  List<Type> columns() {
    return columns;
  }

  /** Where the left columns begin in the left input. */
  int columnsAt() {
    return right.keys + (copies ? 2 : 1);
  }
}

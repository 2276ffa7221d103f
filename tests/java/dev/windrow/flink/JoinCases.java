package dev.windrow.flink;

import java.util.List;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/** What a part of a join puts out and counts of late rows, by rules S8 and S9. Exit code 1 on a difference. */
public final class JoinCases {
  private static final long NOW = 1_700_000_000_000L;
  private static final long HOUR = 3_600_000;
  private static final Checks CHECKS = new Checks();

  private JoinCases() {}

  private static final class OfSpec extends PointInTimeJoin {
    private static final long serialVersionUID = 1;

    OfSpec(JoinSpec spec) {
      super(spec);
    }
  }

  /** A join of left rows with how often their key was seen in the hour before them; told as `count@time`. */
  private static final class JoinRig extends Rig {
    private final PointInTimeJoin join;
    private final MapView<Long, byte[]> state = new MapView<>();
    private final MapView<Long, byte[]> waiting = new MapView<>();

    JoinRig() {
      Spec right = Spec.node("n").keys(1).feature("n", Call.of(Aggregate.COUNT), Window.exact(HOUR, 1_000));
      join = new OfSpec(JoinSpec.join("j").first().leftLate(HOUR).right(right));
      join.setCollector(collector(row -> row.getField(1) + "@" + row.getField(0)));
      join.open(opening(""));
    }

    void left(long ts) throws Exception {
      join.eval(context(), state, waiting, Row.of("a", ts), null);
    }

    void right(long ts) throws Exception {
      join.eval(context(), state, waiting, null, Row.of("a", ts));
    }

    @Override
    void fire(ProcessTableFunction.OnTimerContext context) throws Exception {
      join.onTimer(context, state, waiting);
    }
  }

  public static void main(String[] args) throws Exception {
    JoinRig rig = new JoinRig();
    rig.right(NOW - HOUR);
    rig.right(NOW - 1);
    rig.left(NOW);
    is("it waits", List.of(), List.copyOf(rig.said));
    rig.advance(NOW - 1);
    is("for what is before it", List.of("2@" + NOW), List.copyOf(rig.said));
    rig.right(NOW - 2);
    is("what comes later is missed", 1L, rig.count("missed"));
    rig.right(NOW - 1 - 2 * HOUR);
    is("the oldest that a late row may ask for", 0L, rig.count("right_expired"));
    rig.right(NOW - 2 - 2 * HOUR);
    is("one before it is expired", 1L, rig.count("right_expired"));
    rig.left(NOW - 1 - HOUR);
    is("a late row, with what is kept", List.of("2@" + NOW, "1@" + (NOW - 1 - HOUR)), List.copyOf(rig.said));
    rig.left(NOW - 2 - HOUR);
    is("one that is too late", List.of(2, 1L), List.of(rig.said.size(), rig.count("expired")));
    CHECKS.end();
  }

  private static void is(String what, Object wanted, Object found) {
    CHECKS.is(what, wanted, found);
  }
}

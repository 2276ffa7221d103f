package dev.windrow.flink;

/** Counts what was compared, and prints what differs. */
public final class Checks {
  private int cases;
  private int failures;

  public void is(String what, Object wanted, Object found) {
    cases++;
    if (wanted.equals(found)) return;
    failures++;
    System.out.println(what + ": expected " + wanted + ", found " + found);
  }

  /** Ends the process: with 1 on a difference, or if there was nothing to compare. */
  public void end() {
    System.out.println(cases + " cases, " + failures + " differences");
    System.exit(failures == 0 && cases > 0 ? 0 : 1);
  }
}

package dev.windrow.flink;

import java.io.Serializable;

/**
 * A trailing window. As of q it begins at `floor((q - sizeMs) / hopMs) * hopMs` and ends before q; an exact tail is a hop of 1 ms. A value that only
 * expires may stay published for `refreshMs`. A key's lifetime is a window too: where it begins {@link Windows} knows.
 */
public record Window(long sizeMs, long hopMs, long refreshMs) implements Serializable {
  private static final long WHOLE_LIFE = -1;

  public static Window exact(long sizeMs, long refreshMs) {
    return new Window(sizeMs, 1, refreshMs);
  }

  public static Window hop(long sizeMs, long hopMs, long refreshMs) {
    return new Window(sizeMs, hopMs, refreshMs);
  }

  public static Window lifetime() {
    return new Window(WHOLE_LIFE, 1, 1);
  }

  boolean isLifetime() {
    return sizeMs == WHOLE_LIFE;
  }

  long start(long q) {
    return q < Long.MIN_VALUE + sizeMs + hopMs ? Long.MIN_VALUE : Math.floorDiv(q - sizeMs, hopMs) * hopMs;
  }

  /** The first q whose window no longer contains an event at `ts`. */
  long gone(long ts) {
    return (Math.floorDiv(ts, hopMs) + 1) * hopMs + sizeMs;
  }

  /** When to show that an event at `ts` is gone: on a grid that `phase` shifts per key, so that keys do not all wake at once. */
  long due(long ts, int phase) {
    long gone = gone(ts);
    return gone + Math.floorMod(Math.floorMod(phase, refreshMs) - gone, refreshMs);
  }
}

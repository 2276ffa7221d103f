package dev.windrow.flink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The calls of one function: which may go out, which are tried again, and what came of each. Without clock and process: time comes in.
 *
 * <p>When a worker dies with several calls in flight, nobody knows which of them it died of. None is blamed: each is sent again alone, and whichever kills a
 * worker alone has used up one of its tries.
 */
final class CallQueue {
  /** A call, and who waits for it. */
  abstract static class Ask {
    final String arguments;
    private int failures;

    Ask(String arguments) {
      this.arguments = arguments;
    }

    /** The JSON object that the function returned; or, tries included, why there is none. */
    abstract void answer(byte[] object, String why);

    /** Nobody can be asked. */
    abstract void fail(Throwable error);
  }

  private record Flight(Ask ask, long deadline) {}

  private final int retry;
  private final ArrayDeque<Ask> waiting = new ArrayDeque<>();
  /** Those that fly alone. */
  private final ArrayDeque<Ask> suspects = new ArrayDeque<>();
  private boolean isAlone;
  /** By number; as all may take equally long, their deadlines are in that order too. */
  private final TreeMap<Long, Flight> flying = new TreeMap<>();

  CallQueue(int retry) {
    this.retry = retry;
  }

  void add(Ask ask) {
    waiting.add(ask);
  }

  boolean isDone() {
    return flying.isEmpty() && waiting.isEmpty() && suspects.isEmpty();
  }

  int flying() {
    return flying.size();
  }

  /** The call that goes out next, if `room` more may be out; else null. */
  Ask next(int room) {
    if (room <= 0 || isAlone && !flying.isEmpty()) return null;
    isAlone = !suspects.isEmpty();
    if (!isAlone) return waiting.poll();
    return flying.isEmpty() ? suspects.poll() : null;
  }

  void sent(long number, Ask ask, long deadline) {
    flying.put(number, new Flight(ask, deadline));
  }

  /** When the next call that is out is late; asked while there is one. */
  long deadline() {
    return flying.firstEntry().getValue().deadline;
  }

  /** Takes an answer; false: nobody waits for it any more. */
  boolean answered(long number, byte[] object, String why) {
    Flight flight = flying.remove(number);
    if (flight == null) return false;
    if (why == null) flight.ask.answer(object, null);
    else failed(flight.ask, why);
    return true;
  }

  /** Gives up waiting for those that are late; returns their numbers. */
  List<Long> overdue(long now, String why) {
    List<Long> late = new ArrayList<>();
    for (Iterator<Map.Entry<Long, Flight>> all = flying.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Flight> next = all.next();
      if (next.getValue().deadline - now > 0) break;
      all.remove();
      late.add(next.getKey());
      failed(next.getValue().ask, why);
    }
    return late;
  }

  /** The worker is gone, with all that was out. */
  void died(String why) {
    List<Flight> out = new ArrayList<>(flying.values());
    flying.clear();
    if (out.size() == 1) failed(out.get(0).ask, why);
    else out.forEach(flight -> suspects.add(flight.ask));
  }

  private void failed(Ask ask, String why) {
    ask.failures++;
    if (ask.failures <= retry) (isAlone ? suspects : waiting).add(ask);
    else ask.answer(null, why + " (" + (ask.failures == 1 ? "one try" : ask.failures + " tries") + ")");
  }

  /** Nobody can be asked any more. */
  void fail(Throwable error) {
    flying.values().forEach(flight -> flight.ask.fail(error));
    suspects.forEach(ask -> ask.fail(error));
    waiting.forEach(ask -> ask.fail(error));
    flying.clear();
    suspects.clear();
    waiting.clear();
  }
}

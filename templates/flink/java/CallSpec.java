package dev.windrow.flink;

import java.io.Serializable;
import java.util.ArrayList;

/** What a generated class declares about its model call. */
public final class CallSpec implements Serializable {
  private static final long serialVersionUID = 1;

  final String stream;
  final String function;
  /** What the worker is told, a JSON object, but for the folder. */
  final String worker;
  long timeoutMs;
  int concurrency;
  int retry;
  /** An answer is read as a record with these fields is. */
  final SourceSpec answer;
  /** Of each of those, as SQL writes it. */
  final ArrayList<String> types = new ArrayList<>();

  private CallSpec(String stream, String function, String worker) {
    this.stream = stream;
    this.function = function;
    this.worker = worker;
    answer = SourceSpec.source(stream);
  }

  public static CallSpec call(String stream, String function, String worker) {
    return new CallSpec(stream, function, worker);
  }

  /** How long one try may take, how many are in flight at once in a task, how many come after the first. */
  public CallSpec limits(long timeoutMs, long concurrency, long retry) {
    this.timeoutMs = timeoutMs;
    this.concurrency = Math.toIntExact(concurrency);
    this.retry = Math.toIntExact(retry);
    return this;
  }

  /** The next field of an answer: by windrow's type text, `?` included, and by Flink's. */
  public CallSpec returns(String name, String type, String wireName, String sqlType) {
    answer.field(name, type, wireName);
    types.add(sqlType);
    return this;
  }

  /** Whether a row goes on without an answer: all that it returns may be null. */
  boolean mayBeNull() {
    return answer.fields.stream().allMatch(SourceSpec.Field::optional);
  }
}

package dev.windrow.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One function and the process that runs it: started, watched, and started again. A thread of its own does all of it, and calls back. */
final class ModelWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ModelWorker.class);
  /** How long a module may take to be imported. */
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(120);
  /** How often a process that does not get ready is started before the job is given up. */
  private static final int STARTS_MAX = 5;
  /** Between two starts at first, and at most. */
  private static final long PAUSE_MS = 100;
  private static final long PAUSE_MAX_MS = 5_000;
  private static final int PAUSE_DOUBLED_MAX = 8;
  /** Once all calls in flight are late: how long one of them may take to be over, so that the process can stay. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final CallSpec spec;
  private final Path home;
  /** Calls, and what a process says. */
  private final LinkedBlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
  private final CallQueue calls;
  private final Thread thread;
  /** Calls that nobody waits for any more, and that still run. */
  private final Set<Long> stuck = new HashSet<>();
  private ModelProcess process;
  private long number;
  /** Processes that ended since one answered last. */
  private int deaths;
  private volatile Throwable gone;

  ModelWorker(CallSpec spec, String home) {
    this.spec = spec;
    this.home = Path.of(home);
    calls = new CallQueue(spec.retry);
    thread = new Thread(this::run, spec.function);
    thread.setDaemon(true);
  }

  /** Makes sure, before a row comes, that a process is there and has found the function. */
  void open() throws IOException, InterruptedException {
    if (!Files.isDirectory(home.resolve("modules"))) {
      throw new IOException("there is no folder " + home.resolve("modules") + " on this machine: the bundle has to be where it was started from");
    }
    start();
    thread.start();
  }

  void ask(CallQueue.Ask ask) {
    Throwable error = gone;
    if (error == null) inbox.add(ask);
    else ask.fail(error);
  }

  void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
    if (process != null) process.kill();
  }

  private void run() {
    try {
      while (true) {
        if (calls.flying() == 0 && stuck.size() * 2 >= spec.concurrency) giveUp();
        if (!calls.isDone()) {
          restart();
          send();
        }
        listen();
      }
    } catch (InterruptedException closed) {
      // Whoever closes it waits for nothing.
    } catch (Throwable error) {
      gone = new IOException("`" + spec.function + "` cannot be called: " + error.getMessage(), error);
      calls.fail(gone);
      for (Object next = inbox.poll(); next != null; next = inbox.poll()) if (next instanceof CallQueue.Ask ask) ask.fail(gone);
    }
  }

  private void start() throws IOException, InterruptedException {
    ModelProcess started = new ModelProcess(spec, home, inbox);
    try {
      long until = System.nanoTime() + START_NANOS;
      while (process == null) {
        Object next = inbox.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) throw new IOException("its module is not imported within two minutes");
        if (next instanceof CallQueue.Ask ask) calls.add(ask);
        if (next instanceof ModelProcess.Heard heard && heard.from() == started) begin(started, heard.said());
      }
    } finally {
      if (process == null) started.kill();
    }
  }

  private void begin(ModelProcess started, ModelProcess.Said said) throws IOException, InterruptedException {
    if (said instanceof ModelProcess.Ready) process = started;
    else if (said instanceof ModelProcess.Failed failed) throw new IOException("there is no such function: " + failed.why());
    else throw new IOException("its worker ended before it was ready: " + ended(started, said));
  }

  private static String ended(ModelProcess process, ModelProcess.Said said) throws InterruptedException {
    String ended = process.end();
    if (said instanceof ModelProcess.Closed closed && closed.said() != null) return closed.said();
    return ended == null ? "it closed its pipes" : ended;
  }

  /** Starts the process again where it has ended, after a pause that grows. */
  private void restart() throws IOException, InterruptedException {
    for (int start = 1; process == null; start++) {
      if (deaths > 0) Thread.sleep(Math.min(PAUSE_MS << Math.min(deaths - 1, PAUSE_DOUBLED_MAX), PAUSE_MAX_MS));
      try {
        start();
      } catch (IOException error) {
        if (start >= STARTS_MAX) throw error;
        deaths++;
        LOG.warn("{}: not started: {}", spec.function, error.getMessage());
      }
    }
  }

  private void send() {
    while (true) {
      CallQueue.Ask ask = calls.next(spec.concurrency - calls.flying() - stuck.size());
      if (ask == null) return;
      number++;
      process.send(number + " call " + ask.arguments + "\n");
      calls.sent(number, ask, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(spec.timeoutMs));
    }
  }

  /** Waits for one thing to happen. */
  private void listen() throws InterruptedException {
    Object next;
    boolean isOut = calls.flying() > 0;
    if (isOut) next = inbox.poll(calls.deadline() - System.nanoTime(), TimeUnit.NANOSECONDS);
    else if (calls.isDone()) next = inbox.take();
    else next = inbox.poll(GRACE_NANOS, TimeUnit.NANOSECONDS);
    if (next instanceof CallQueue.Ask ask) calls.add(ask);
    if (next instanceof ModelProcess.Heard heard && heard.from() == process) hear(heard.said());
    if (next == null && !isOut) {
      LOG.warn("{}: none of its calls came to an end in time: the process is started again", spec.function);
      giveUp();
    }
    for (long late : calls.overdue(System.nanoTime(), "no answer within " + spec.timeoutMs + " ms")) {
      process.send(late + " cancel\n");
      stuck.add(late);
    }
  }

  private void hear(ModelProcess.Said said) throws InterruptedException {
    if (said instanceof ModelProcess.Answered answered) {
      deaths = 0;
      if (!calls.answered(answered.number(), answered.object(), answered.why())) stuck.remove(answered.number());
    } else if (said instanceof ModelProcess.Closed) {
      died(said);
    }
  }

  private void died(ModelProcess.Said said) throws InterruptedException {
    String why = "the worker ended: " + ended(process, said);
    process = null;
    stuck.clear();
    if (calls.flying() == 0) return;
    LOG.warn("{}: {}", spec.function, why);
    calls.died(why);
    deaths++;
  }

  /** Nothing that anybody waits for is out. */
  private void giveUp() {
    if (process != null) process.kill();
    process = null;
    stuck.clear();
  }
}

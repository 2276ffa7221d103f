package dev.windrow.flink;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker process with its pipes; `worker.py` says what goes over them. Requests go through a thread of their own, so that a process that reads nothing
 * blocks nobody; what it says comes into its owner's inbox. The threads end with the pipes and are not waited for.
 */
final class ModelProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ModelProcess.class);
  /** An answer may have as many bytes as the largest records that Kafka takes by default, and some. */
  private static final int LINE_MAX = 16 << 20;
  private static final int SAID_MAX = 80;
  /** How long it may take to end once it has closed its pipes. */
  private static final long LAST_BREATH_MS = 500;

  /** What it says. */
  sealed interface Said permits Ready, Failed, Answered, Closed {}

  record Ready() implements Said {}

  /** There is no such function: a JSON object says why. */
  record Failed(String why) implements Said {}

  /** An object, or why there is none. */
  record Answered(long number, byte[] object, String why) implements Said {}

  /** Nothing more; with what it said last, if that was no answer. */
  record Closed(String said) implements Said {}

  record Heard(ModelProcess from, Said said) {}

  private final Process process;
  private final String name;
  private final LinkedBlockingQueue<Object> inbox;
  private final LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private final Thread writer;

  /** Starts a worker in the folder of the modules. */
  ModelProcess(CallSpec spec, Path home, LinkedBlockingQueue<Object> inbox) throws IOException {
    name = spec.function;
    this.inbox = inbox;
    Path modules = home.resolve("modules");
    String script = Files.readString(home.resolve("worker.py"));
    String told = "{\"folder\":" + WireText.json(modules.toString()) + "," + spec.worker.substring(1);
    ProcessBuilder builder = new ProcessBuilder(python(), "-c", script, told).directory(modules.toFile());
    Map<String, String> environment = builder.environment();
    // Text is hashed alike in every worker: a model that goes by it gives the same values after a restart.
    environment.putIfAbsent("PYTHONHASHSEED", "0");
    // Nothing appears in the bundle that nobody asked for.
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    process = builder.start();
    writer = thread("in", this::write);
    thread("out", this::listen);
    thread("log", this::passOn);
  }

  private static String python() {
    String named = System.getenv("WINDROW_PYTHON");
    return named == null || named.isEmpty() ? "python3" : named;
  }

  private Thread thread(String what, Runnable run) {
    Thread thread = new Thread(run, name + " " + what);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Hands a line on. A process that is gone says so itself. */
  void send(String line) {
    requests.add(line);
  }

  /** Ends it, with what it has started. Returns how it has ended, if that was its own doing within a moment, else null. */
  String end() throws InterruptedException {
    try {
      return process.waitFor(LAST_BREATH_MS, TimeUnit.MILLISECONDS) ? "exit status: " + process.exitValue() : null;
    } finally {
      kill();
    }
  }

  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    writer.interrupt();
  }

  private void write() {
    try (OutputStream stdin = process.getOutputStream()) {
      while (true) {
        stdin.write(requests.take().getBytes(StandardCharsets.UTF_8));
        if (requests.isEmpty()) stdin.flush();
      }
    } catch (IOException | InterruptedException gone) {
      // It says so itself.
    }
  }

  private void listen() {
    try (InputStream stdout = new BufferedInputStream(process.getInputStream())) {
      while (true) {
        byte[] line = line(stdout);
        Said said = line == null ? new Closed(null) : said(new String(line, StandardCharsets.UTF_8));
        inbox.add(new Heard(this, said));
        if (said instanceof Closed) return;
      }
    } catch (IOException gone) {
      inbox.add(new Heard(this, new Closed(null)));
    }
  }

  /** Null at the end, and where one is too long. */
  private static byte[] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (line.size() < LINE_MAX) {
      int next = in.read();
      if (next < 0) return null;
      if (next == '\n') return line.toByteArray();
      line.write(next);
    }
    return null;
  }

  /** `NUMBER WORD REST` */
  private static Said said(String line) {
    String[] parts = line.split(" ", 3);
    String word = parts.length < 2 ? "" : parts[1];
    String rest = parts.length < 3 ? "" : parts[2];
    try {
      long number = Long.parseLong(parts[0]);
      if (number == 0 && word.equals("ready")) return new Ready();
      if (number == 0 && word.equals("failed")) return new Failed(rest);
      if (word.equals("ok")) return new Answered(number, rest.getBytes(StandardCharsets.UTF_8), null);
      if (word.equals("error")) return new Answered(number, null, text(rest));
    } catch (NumberFormatException none) {
      // It is told below.
    }
    return new Closed("it said no answer: " + line.substring(0, Math.min(SAID_MAX, line.length())));
  }

  private static String text(String json) {
    try {
      String text = JsonFields.value(json).text();
      return text == null ? json : text;
    } catch (BadRecord none) {
      return json;
    }
  }

  private void passOn() {
    try (InputStream stderr = new BufferedInputStream(process.getErrorStream())) {
      for (byte[] line = line(stderr); line != null; line = line(stderr)) LOG.info("{}: {}", name, new String(line, StandardCharsets.UTF_8));
    } catch (IOException gone) {
      // Nothing is left to be said.
    }
  }
}

package dev.windrow.flink.kafka;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.header.Header;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.header.internals.RecordHeader;

/** A row on its way. `key` is null for events without one, `value` of a key that has left. */
record Outgoing(byte[] key, byte[] value, String version, long asOf) {
  ProducerRecord<byte[], byte[]> record(String topic, String plan) {
    List<Header> headers = List.of(header("wr-version", version), header("wr-asof", Long.toString(asOf)), header("wr-plan", plan));
    return new ProducerRecord<>(topic, null, null, key, value, headers);
  }

  private static Header header(String name, String text) {
    return new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** By their versions, number by number. */
  boolean isAbove(Outgoing other) {
    return Arrays.compare(numbers(version), numbers(other.version)) > 0;
  }

  private static long[] numbers(String version) {
    return Arrays.stream(version.split("\\.")).mapToLong(Long::parseLong).toArray();
  }

  void write(DataOutput out) throws IOException {
    write(out, key);
    write(out, value);
    out.writeUTF(version);
    out.writeLong(asOf);
  }

  private static void write(DataOutput out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) out.write(bytes);
  }

  static Outgoing read(DataInput in) throws IOException {
    byte[] key = bytes(in);
    byte[] value = bytes(in);
    return new Outgoing(key, value, in.readUTF(), in.readLong());
  }

  private static byte[] bytes(DataInput in) throws IOException {
    int size = in.readInt();
    if (size < 0) return null;
    byte[] bytes = new byte[size];
    in.readFully(bytes);
    return bytes;
  }
}

package dev.windrow.flink.kafka;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.header.Header;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.header.internals.RecordHeader;

/** A row on its way. `key` is null for events without one. */
record Outgoing(byte[] key, byte[] value, String version, long asOf) {
  ProducerRecord<byte[], byte[]> record(String topic, String plan) {
    List<Header> headers = List.of(header("wr-version", version), header("wr-asof", Long.toString(asOf)), header("wr-plan", plan));
    return new ProducerRecord<>(topic, null, null, key, value, headers);
  }

  private static Header header(String name, String text) {
    return new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8));
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(key == null ? -1 : key.length);
    if (key != null) out.write(key);
    out.writeInt(value.length);
    out.write(value);
    out.writeUTF(version);
    out.writeLong(asOf);
  }

  static Outgoing read(DataInput in) throws IOException {
    int size = in.readInt();
    byte[] key = size < 0 ? null : new byte[size];
    if (key != null) in.readFully(key);
    byte[] value = new byte[in.readInt()];
    in.readFully(value);
    return new Outgoing(key, value, in.readUTF(), in.readLong());
  }
}

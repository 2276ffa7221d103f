package dev.windrow.flink.kafka;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.dynamic.source.enumerator.DynamicKafkaSourceEnumState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;

/** The enumerator's state: Flink's, and where those clusters were left that were retired and read to their ends. */
record ClustersState(DynamicKafkaSourceEnumState flink, Map<String, Map<TopicPartition, Long>> left) {
  static final class Serializer implements SimpleVersionedSerializer<ClustersState> {
    /** The versions below are Flink's: its state alone, as it was once written. */
    private static final int VERSION = 100;

    private final SimpleVersionedSerializer<DynamicKafkaSourceEnumState> flink;

    Serializer(SimpleVersionedSerializer<DynamicKafkaSourceEnumState> flink) {
      this.flink = flink;
    }

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(ClustersState state) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      byte[] flinks = flink.serialize(state.flink);
      out.writeInt(flink.getVersion());
      out.writeInt(flinks.length);
      out.write(flinks);
      out.writeInt(state.left.size());
      for (Map.Entry<String, Map<TopicPartition, Long>> cluster : state.left.entrySet()) {
        out.writeUTF(cluster.getKey());
        out.writeInt(cluster.getValue().size());
        for (Map.Entry<TopicPartition, Long> partition : cluster.getValue().entrySet()) {
          out.writeUTF(partition.getKey().topic());
          out.writeInt(partition.getKey().partition());
          out.writeLong(partition.getValue());
        }
      }
      return bytes.toByteArray();
    }

    @Override
    public ClustersState deserialize(int version, byte[] bytes) throws IOException {
      if (version < VERSION) return new ClustersState(flink.deserialize(version, bytes), Map.of());
      if (version > VERSION) throw new IOException("the source's state has version " + version + ", this build reads " + VERSION);
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      int flinksVersion = in.readInt();
      DynamicKafkaSourceEnumState flinks = flink.deserialize(flinksVersion, in.readNBytes(in.readInt()));
      Map<String, Map<TopicPartition, Long>> left = new HashMap<>();
      for (int n = in.readInt(); n > 0; n--) {
        Map<TopicPartition, Long> of = left.computeIfAbsent(in.readUTF(), cluster -> new HashMap<>());
        for (int k = in.readInt(); k > 0; k--) of.put(new TopicPartition(in.readUTF(), in.readInt()), in.readLong());
      }
      return new ClustersState(flinks, left);
    }
  }
}

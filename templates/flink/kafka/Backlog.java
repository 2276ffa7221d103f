package dev.windrow.flink.kafka;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A writer's state: rows that a region has not acknowledged. One piece holds a bounded part of them, so that pieces can be shared out. */
record Backlog(String region, List<Outgoing> rows) {
  static final int ROWS_MAX = 1_000;

  static final class Serializer implements SimpleVersionedSerializer<Backlog> {
    private static final int VERSION = 2;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(Backlog backlog) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(backlog.region);
      out.writeInt(backlog.rows.size());
      for (Outgoing row : backlog.rows) row.write(out);
      return bytes.toByteArray();
    }

    @Override
    public Backlog deserialize(int version, byte[] bytes) throws IOException {
      if (version != 1 && version != VERSION) throw new IOException("the sink's state has version " + version + ", this build reads " + VERSION);
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      // Version 1 began with the writer's epoch, and knew no rows without a value.
      if (version == 1) in.readLong();
      String region = in.readUTF();
      List<Outgoing> rows = new ArrayList<>();
      for (int n = in.readInt(); n > 0; n--) rows.add(Outgoing.read(in));
      return new Backlog(region, rows);
    }
  }
}

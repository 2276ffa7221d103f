package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Growable byte writer of the state encoding: big-endian numbers, variable-length sizes. Its mirror is {@link In}. */
final class Out {
  private byte[] bytes = new byte[128];
  private int size;

  private void room(int more) {
    if (size + more > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
  }

  Out u8(int v) {
    room(1);
    bytes[size++] = (byte) v;
    return this;
  }

  Out i32(int v) {
    return u8(v >>> 24).u8(v >>> 16).u8(v >>> 8).u8(v);
  }

  Out i64(long v) {
    return i32((int) (v >>> 32)).i32((int) v);
  }

  /** A size: seven bits a byte, lowest first. */
  Out size(int v) {
    while (v >= 0x80) {
      u8(v | 0x80);
      v >>>= 7;
    }
    return u8(v);
  }

  Out raw(byte[] v) {
    room(v.length);
    System.arraycopy(v, 0, bytes, size, v.length);
    size += v.length;
    return this;
  }

  Out bytes(byte[] v) {
    return size(v.length).raw(v);
  }

  Out text(String v) {
    return bytes(v.getBytes(StandardCharsets.UTF_8));
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}

package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Byte reader of the state encoding written by {@link Out}. */
final class In {
  private final byte[] bytes;
  private int at;

  In(byte[] bytes) {
    this.bytes = bytes;
  }

  int u8() {
    return bytes[at++] & 0xff;
  }

  int i32() {
    return u8() << 24 | u8() << 16 | u8() << 8 | u8();
  }

  long i64() {
    return (long) i32() << 32 | i32() & 0xffff_ffffL;
  }

  int size() {
    int v = 0;
    for (int shift = 0; ; shift += 7) {
      int b = u8();
      v |= (b & 0x7f) << shift;
      if (b < 0x80) return v;
    }
  }

  byte[] raw(int n) {
    byte[] v = Arrays.copyOfRange(bytes, at, at + n);
    at += n;
    return v;
  }

  byte[] bytes() {
    return raw(size());
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  void skip(int n) {
    at += n;
  }

  boolean done() {
    return at == bytes.length;
  }
}

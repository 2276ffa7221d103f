package dev.windrow.flink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes in Avro's binary form, read from front to end. What they cannot be is a dead letter, as it is for windrow's other engines. */
final class AvroInput {
  /** Of seven bits each. */
  private static final int BYTES_MAX = 10;

  private final byte[] bytes;
  private int at;

  AvroInput(byte[] bytes, int from) {
    this.bytes = bytes;
    at = from;
  }

  int left() {
    return bytes.length - at;
  }

  static BadRecord bad(String detail) {
    return new BadRecord(BadRecord.NOT_AVRO, detail);
  }

  /** Where so many bytes begin, which are read with it. */
  private int take(long count) throws BadRecord {
    if (count < 0 || count > left()) throw bad("the bytes end too early");
    int from = at;
    at += (int) count;
    return from;
  }

  /** Seven bits per byte, the least first; even numbers are the positive ones. */
  long whole() throws BadRecord {
    long bits = 0;
    for (int i = 0; i < BYTES_MAX; i++) {
      byte next = bytes[take(1)];
      bits |= (next & 0x7fL) << 7 * i;
      if (next >= 0) return bits >>> 1 ^ -(bits & 1);
    }
    throw bad("a number of more than 64 bits");
  }

  int narrow() throws BadRecord {
    long number = whole();
    if (number != (int) number) throw bad("an int of more than 32 bits");
    return (int) number;
  }

  /** One of so many, counted from 0. */
  int choice(long number, int count) throws BadRecord {
    if (number < 0 || number >= count) throw bad("number " + number + " of " + count);
    return (int) number;
  }

  boolean truth() throws BadRecord {
    byte next = bytes[take(1)];
    if (next != 0 && next != 1) throw bad("no boolean");
    return next == 1;
  }

  float real32() throws BadRecord {
    return ByteBuffer.wrap(bytes, take(Float.BYTES), Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  double real64() throws BadRecord {
    return ByteBuffer.wrap(bytes, take(Double.BYTES), Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).getDouble();
  }

  byte[] raw(long count) throws BadRecord {
    int from = take(count);
    return Arrays.copyOfRange(bytes, from, at);
  }

  String text() throws BadRecord {
    int from = take(whole());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, at - from)).toString();
    } catch (CharacterCodingException e) {
      throw bad("not UTF-8");
    }
  }

  /** How many items the next block of an array or a map has; 0 ends it. A negative count is followed by the block's size in bytes. */
  long block() throws BadRecord {
    long count = whole();
    if (count >= 0) return count;
    whole();
    if (count == Long.MIN_VALUE) throw bad("a block of more than 64 bits");
    return -count;
  }
}

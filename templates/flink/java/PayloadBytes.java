package dev.windrow.flink;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.flink.table.functions.ScalarFunction;

/** `wr_bytes(bytes)`: a dead letter's payload in base64 if it is no text; null where the text says it all. */
public final class PayloadBytes extends ScalarFunction {
  private static final long serialVersionUID = 1;

  public String eval(byte[] bytes) {
    if (bytes == null) return null;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return null;
    } catch (CharacterCodingException noText) {
      return Base64.getEncoder().encodeToString(bytes);
    }
  }
}

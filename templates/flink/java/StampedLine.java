package dev.windrow.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A line of `--stamped` inputs: the record's own timestamp in ms, a tab, the record. What stands before the tab may end in ` base64`, then the record is
 * written so; or in ` key` and a text in base64, then it is the key of a record without value.
 */
record StampedLine(long stampMs, byte[] value, byte[] key) {
  static StampedLine read(byte[] line) {
    int tab = tab(line);
    String[] words = new String(line, 0, tab, StandardCharsets.US_ASCII).split(" ", -1);
    long stampMs = Long.parseLong(words[0]);
    byte[] rest = Arrays.copyOfRange(line, tab + 1, line.length);
    if (words.length == 1) return new StampedLine(stampMs, rest, null);
    if (words.length == 2 && words[1].equals("base64")) return new StampedLine(stampMs, Base64.getDecoder().decode(rest), null);
    if (words.length == 3 && words[1].equals("key")) return new StampedLine(stampMs, null, Base64.getDecoder().decode(words[2]));
    throw new IllegalArgumentException("a line whose stamp is followed by neither `base64` nor `key` and a key: " + String.join(" ", words));
  }

  private static int tab(byte[] line) {
    for (int i = 0; i < line.length; i++) if (line[i] == '\t') return i;
    throw new IllegalArgumentException("a line without a timestamp and a tab; --stamped says that all have them");
  }
}

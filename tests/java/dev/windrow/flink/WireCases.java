package dev.windrow.flink;

import java.io.File;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** Runs tests/cases/wire/rows.json, the same file as the Rust side. Partitions are Kafka's own client's business, see the Rust side. Exit code 1 on a difference. */
public final class WireCases {
  private WireCases() {}

  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    int cases = 0;
    int failures = 0;
    for (JsonNode one : json.readTree(new File(args[0]))) {
      cases++;
      List<String> names = new ArrayList<>();
      one.get("names").forEach(name -> names.add(name.asText()));
      Object[] values = new Object[names.size()];
      for (int i = 0; i < values.length; i++) values[i] = value(one.get("types").get(i).asText(), one.get("values").get(i));
      Object[] key = new Object[one.get("keys").size()];
      for (int i = 0; i < key.length; i++) key[i] = values[one.get("keys").get(i).asInt()];
      failures += check(WireText.row(names, values), one.get("expect").get("row").asText());
      failures += check(WireText.key(key), one.get("expect").get("key").asText());
    }
    System.out.println(cases + " cases, " + failures + " differences");
    System.exit(failures == 0 && cases > 0 ? 0 : 1);
  }

  private static int check(byte[] found, String expected) {
    String text = new String(found, StandardCharsets.UTF_8);
    if (text.equals(expected)) return 0;
    System.out.println("expected " + expected + "\nfound    " + text);
    return 1;
  }

  private static Object value(String type, JsonNode node) {
    if (node.isNull()) return null;
    if (type.startsWith("decimal")) return new BigDecimal(node.asText());
    return switch (type) {
      case "bool" -> node.asBoolean();
      case "double" -> node.decimalValue().doubleValue();
      case "string" -> node.asText();
      case "bytes" -> Base64.getDecoder().decode(node.asText());
      case "date" -> LocalDate.parse(node.asText());
      default -> node.longValue();
    };
  }
}

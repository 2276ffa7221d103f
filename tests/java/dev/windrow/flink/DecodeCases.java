package dev.windrow.flink;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** Runs tests/cases/decode/json.json, nested.json and avro.json, the same files as the Rust side: a record with the one field `v`. Exit code 1 on a difference. */
public final class DecodeCases {
  private DecodeCases() {}

  public static void main(String[] args) throws Exception {
    int cases = 0;
    List<String> failures = new ArrayList<>();
    for (JsonNode one : new ObjectMapper().readTree(new File(args[0]))) {
      String type = one.get("type").asText().replace(";", ",");
      SourceSpec spec = SourceSpec.source(args[0] + cases++).field("v", type);
      if (one.has("schema")) spec.written("v", one.get("schema").toString());
      RecordDecoder.Decoded decoded = RecordDecoder.of(spec).decode(payload(one), null, null);
      String expected = one.has("reason") ? "reason " + one.get("reason").asText() : text(spec, AggregateCases.value(spec.fields.get(0).type(), one.get("expect")));
      String found = decoded.bad() != null ? "reason " + decoded.bad().reason : text(spec, spec.fields.get(0).type().fromFlink(decoded.values()[0]));
      if (!expected.equals(found)) failures.add(one.get("type") + ", " + one.get("name") + ": expected " + expected + ", found " + found);
    }
    failures.forEach(System.out::println);
    System.out.println(cases + " decode cases, " + failures.size() + " differences");
    System.exit(failures.isEmpty() && cases > 0 ? 0 : 1);
  }

  private static byte[] payload(JsonNode one) {
    if (one.has("payload_base64")) return Base64.getDecoder().decode(one.get("payload_base64").asText());
    return one.get("payload").asText().getBytes(StandardCharsets.UTF_8);
  }

  private static String text(SourceSpec spec, Object value) {
    return AggregateCases.show(spec.fields.get(0).type(), value);
  }
}

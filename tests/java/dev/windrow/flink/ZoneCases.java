package dev.windrow.flink;

import java.io.File;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** Compares times in zones with those of the Rust side, which wrote the file that is the argument. Exit code 1 on a difference. */
public final class ZoneCases {
  private ZoneCases() {}

  private static final class Floor extends ZonedFloor {
    private static final long serialVersionUID = 1;

    Floor(Zone zone) {
      super(zone);
    }
  }

  public static void main(String[] args) throws Exception {
    int cases = 0;
    int differing = 0;
    for (JsonNode one : new ObjectMapper().readTree(new File(args[0]))) {
      Zone zone = Zone.of(one.get("table").asText());
      for (JsonNode instant : one.get("instants")) {
        String found = found(zone, instant.get(0).asLong());
        String expected = instant.get(1) + " " + instant.get(2) + " " + instant.get(3);
        cases++;
        if (!found.equals(expected) && differing++ < 20) System.out.println(one.get("zone") + " at " + instant.get(0) + ": expected " + expected + ", found " + found);
      }
    }
    System.out.println(cases + " times in zones, " + differing + " differences");
    System.exit(differing == 0 && cases > 0 ? 0 : 1);
  }

  private static String found(Zone zone, long ms) {
    Instant at = Instant.ofEpochMilli(ms);
    LocalDateTime civil = zone.civil(at);
    Floor floor = new Floor(zone);
    return ms(civil == null ? null : civil.toInstant(ZoneOffset.UTC)) + " " + ms(floor.eval("day", at)) + " " + ms(floor.eval("quarter", at));
  }

  private static String ms(Instant at) {
    return Objects.toString(at == null ? null : at.toEpochMilli());
  }
}

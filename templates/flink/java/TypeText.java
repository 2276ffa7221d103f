package dev.windrow.flink;

/** Types as windrow writes them: `decimal(12,2)`, `list<int?>`, `map<string, decimal(12,2)>`. */
final class TypeText {
  private TypeText() {}

  static Type parse(String text) {
    if (text.startsWith("decimal(")) {
      String[] parts = inside(text, "decimal(").split(",");
      return Type.decimal(Integer.parseInt(parts[0].trim()), Integer.parseInt(parts[1].trim()));
    }
    if (text.startsWith("list<")) {
      String element = inside(text, "list<");
      return Type.list(parse(required(element)), isOptional(element));
    }
    if (text.startsWith("map<")) {
      String both = inside(text, "map<");
      int comma = comma(both);
      String value = both.substring(comma + 1).trim();
      return Type.map(parse(both.substring(0, comma).trim()), parse(required(value)), isOptional(value));
    }
    return switch (text) {
      case "bool", "int", "double", "string", "date", "bytes" -> Type.of(Type.Kind.valueOf(text.toUpperCase()));
      case "timestamp" -> Type.timestamp(Type.Stamp.ISO);
      case "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns" ->
          Type.timestamp(Type.Stamp.valueOf(text.substring("timestamp_".length()).toUpperCase()));
      default -> throw new IllegalArgumentException("no such type: " + text);
    };
  }

  private static String inside(String text, String opening) {
    return text.substring(opening.length(), text.length() - 1);
  }

  static boolean isOptional(String text) {
    return text.endsWith("?");
  }

  static String required(String text) {
    return isOptional(text) ? text.substring(0, text.length() - 1) : text;
  }

  /** The comma behind a map's key, which may have one of its own. */
  private static int comma(String both) {
    int depth = 0;
    for (int i = 0; i < both.length(); i++) {
      char c = both.charAt(i);
      if (c == '(' || c == '<') depth++;
      if (c == ')' || c == '>') depth--;
      if (c == ',' && depth == 0) return i;
    }
    throw new IllegalArgumentException("no such type: map<" + both + ">");
  }
}

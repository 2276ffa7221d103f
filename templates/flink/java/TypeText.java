package dev.windrow.flink;

import java.util.ArrayList;
import java.util.List;

/** Types as windrow writes them: `decimal(12,2)`, `list<int?>`, `map<string, decimal(12,2)>`, `struct{a int, "b c" string?}`. */
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
      List<String> parts = parts(both);
      String value = parts.get(1);
      return Type.map(parse(parts.get(0)), parse(required(value)), isOptional(value));
    }
    if (text.startsWith("struct{")) return Type.struct(parts(inside(text, "struct{")).stream().map(TypeText::field).toList());
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

  /** A name that is no word stands in quotes, with a backslash before those of its own and before backslashes. */
  private static Type.Field field(String text) {
    StringBuilder name = new StringBuilder();
    boolean quoted = text.charAt(0) == '"';
    int at = quoted ? 1 : 0;
    for (; text.charAt(at) != (quoted ? '"' : ' '); at++) {
      if (quoted && text.charAt(at) == '\\') at++;
      name.append(text.charAt(at));
    }
    String type = text.substring(at + 1).trim();
    return new Type.Field(name.toString(), parse(required(type)), isOptional(type));
  }

  /** What stands between commas, which parts may have of their own. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') quoted = !quoted;
      else if (quoted && c == '\\') i++;
      else if (!quoted && "(<{".indexOf(c) >= 0) depth++;
      else if (!quoted && ")>}".indexOf(c) >= 0) depth--;
      else if (!quoted && c == ',' && depth == 0) {
        parts.add(text.substring(from, i).trim());
        from = i + 1;
      }
    }
    parts.add(text.substring(from).trim());
    return parts;
  }
}

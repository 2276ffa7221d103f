package dev.windrow.flink;

/** Why a record is a dead letter: one of windrow's stable words, and a detail for people. Thrown and caught inside the decoder, so it has no stack. */
final class BadRecord extends Exception {
  private static final long serialVersionUID = 1;

  static final String NOT_JSON = "not_json";
  static final String NOT_AVRO = "not_avro";
  static final String MISSING_FIELD = "missing_field";
  static final String WRONG_TYPE = "wrong_type";
  static final String OUT_OF_RANGE = "out_of_range";
  static final String FUTURE = "future";
  static final String BAD_KEY = "bad_key";

  final String reason;
  private final String detail;
  /** The way to what is wrong, from the field on. */
  private final String path;

  BadRecord(String reason, String detail) {
    this(reason, detail, "");
  }

  private BadRecord(String reason, String detail, String path) {
    super(path.isEmpty() ? detail : "field `" + path + "`: " + detail, null, false, false);
    this.reason = reason;
    this.detail = detail;
    this.path = path;
  }

  /** The same, of a value that stands at `step` in another. */
  BadRecord below(String step) {
    return new BadRecord(reason, detail, step + path);
  }
}

package dev.windrow.flink;

/** What a generated class declares about one aggregate of a feature: which, over which columns of the input, and what stands where it has nothing. */
public final class Call {
  final Aggregate aggregate;
  String value;
  String filter;
  String order;
  String bucket;
  long parameter;
  String defaultType;
  String defaultText;

  private Call(Aggregate aggregate) {
    this.aggregate = aggregate;
  }

  public static Call of(Aggregate aggregate) {
    return new Call(aggregate);
  }

  /** What is aggregated; without it rows are counted. */
  public Call value(String column) {
    value = column;
    return this;
  }

  /** Only events of which this is true count. */
  public Call where(String column) {
    filter = column;
    return this;
  }

  /** What the greatest values are the greatest of, where that is not the value. */
  public Call order(String column) {
    order = column;
    return this;
  }

  /** A map from this to the aggregate. */
  public Call by(String column) {
    bucket = column;
    return this;
  }

  /** The length of a list, or a fraction in billionths. */
  public Call parameter(long number) {
    parameter = number;
    return this;
  }

  /** By windrow's type, as a JSON record would have it as text. */
  public Call otherwise(String type, String text) {
    defaultType = type;
    defaultText = text;
    return this;
  }

  /** The default in Type's inner form, or null. */
  Object constant() {
    if (defaultType == null) return null;
    Type type = Type.parse(defaultType);
    return type.fromFlink(
        switch (type.kind) {
          case BOOL -> (Object) Boolean.valueOf(defaultText);
          case INT -> Long.valueOf(defaultText);
          case DOUBLE -> Double.valueOf(defaultText);
          case STRING -> defaultText;
          case DECIMAL -> new java.math.BigDecimal(defaultText);
          case TIMESTAMP -> java.time.Instant.ofEpochMilli(Long.parseLong(defaultText));
          case DATE -> java.time.LocalDate.parse(defaultText);
          case BYTES, LIST, MAP, STRUCT -> nested(type);
        });
  }

  private Object nested(Type type) {
    try {
      return FieldReader.read(type, JsonFields.value(defaultText));
    } catch (BadRecord bad) {
      throw new IllegalArgumentException("no default of the type " + type + ": " + defaultText, bad);
    }
  }
}

package dev.windrow.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What a generated class declares about its source: every field of the schema, used or not, for all of them are checked. */
public final class SourceSpec implements Serializable {
  private static final long serialVersionUID = 1;

  record Field(String name, String wireName, Type type, boolean optional) implements Serializable {}

  /** A field of the records' own schema, in its order: the type as JSON. */
  record Written(String name, String schema) implements Serializable {}

  final String name;
  final List<Field> fields = new ArrayList<>();
  /** Of records in Avro; none: they are JSON. */
  final ArrayList<Written> written = new ArrayList<>();
  /** Of a table: its key, by which records without value delete. */
  final ArrayList<Integer> keys = new ArrayList<>();
  int eventTime = -1;
  int eventId = -1;
  long aheadMs;

  private SourceSpec(String name) {
    this.name = name;
  }

  public static SourceSpec source(String name) {
    return new SourceSpec(name);
  }

  /** A field by windrow's type text, `?` included. */
  public SourceSpec field(String name, String type) {
    return field(name, type, name);
  }

  /** A field whose name on the wire is another (`from "…"`). */
  public SourceSpec field(String name, String type, String wireName) {
    fields.add(new Field(name, wireName, Type.parse(TypeText.required(type)), TypeText.isOptional(type)));
    return this;
  }

  /** The next field that records in Avro have, declared or not; a type with a name stands where it is used first. */
  public SourceSpec written(String name, String schema) {
    written.add(new Written(name, schema));
    return this;
  }

  boolean isAvro() {
    return !written.isEmpty();
  }

  /** The next part of a table's key. */
  public SourceSpec key(String field) {
    keys.add(index(field));
    return this;
  }

  public SourceSpec eventTime(String field) {
    eventTime = index(field);
    return this;
  }

  public SourceSpec eventId(String field) {
    eventId = index(field);
    return this;
  }

  /** How far an event may lead the arrival stamp of its own record. */
  public SourceSpec ahead(long ms) {
    aheadMs = ms;
    return this;
  }

  /** A table whose rows hold at all times. */
  boolean isStatic() {
    return eventTime < 0;
  }

  private int index(String field) {
    for (int i = 0; i < fields.size(); i++) if (fields.get(i).name.equals(field)) return i;
    throw new IllegalArgumentException(name + ": no field " + field);
  }
}

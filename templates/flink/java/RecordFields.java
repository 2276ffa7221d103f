package dev.windrow.flink;

/** A record's bytes to the values of its declared fields, in Flink's form, in declared order; absent ones are null. */
interface RecordFields {
  Object[] read(byte[] value) throws BadRecord;
}

package dev.windrow.flink.kafka;

import java.io.Serializable;

/** What of a source says how long who is waited for. `isStatic`: its rows hold at all times, and it is complete once it has been read to its end. */
record Patience(long holdForMs, long disorderMs, boolean isStatic) implements Serializable {}

package dev.windrow.flink;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** The aggregates over plain values: what each keeps, what type it gives, and how its value is read off. Empty: the counts are 0, all others are null. */
public enum Aggregate {
  COUNT, SUM, AVG, MIN, MAX, VARIANCE, STDDEV, FIRST, LAST, FIRST_K, LAST_K, TOP_K, BOTTOM_K, UNIQUE_COUNT, APPROX_UNIQUE_COUNT, APPROX_PERCENTILE, HISTOGRAM;

  private static final int RESULT_DIGITS = 38;
  private static final int AVG_SCALE_MIN = 6;

  /** Aggregates that keep the same thing share it. */
  Aggregate keeps() {
    return switch (this) {
      case AVG -> SUM;
      case STDDEV -> VARIANCE;
      default -> this;
    };
  }

  /** What of the parameter decides what is kept. */
  long kept(long parameter) {
    return this == APPROX_PERCENTILE ? 0 : parameter;
  }

  /** `order` is null where there is none; `parameter` the length of a list. */
  Accumulator accumulator(Type argument, Type order, long parameter) {
    return switch (this) {
      case COUNT -> new Accumulator.Count();
      case SUM, AVG -> argument.kind == Type.Kind.DOUBLE ? new SumOfDoubles() : new SumOfIntegers();
      case MIN -> new Extreme(argument, -1);
      case MAX -> new Extreme(argument, 1);
      case VARIANCE, STDDEV -> new Moments(argument);
      case FIRST -> new Newest(argument, -1);
      case LAST -> new Newest(argument, 1);
      case FIRST_K -> new KList(argument, null, true, -1, (int) parameter);
      case LAST_K -> new KList(argument, null, true, 1, (int) parameter);
      case TOP_K -> new KList(argument, order, false, 1, (int) parameter);
      case BOTTOM_K -> new KList(argument, order, false, -1, (int) parameter);
      case UNIQUE_COUNT -> new UniqueValues(argument);
      case APPROX_UNIQUE_COUNT -> new Hashes(argument);
      case APPROX_PERCENTILE -> new Percentile(argument);
      case HISTOGRAM -> new Histogram(argument);
    };
  }

  Type result(Type argument) {
    boolean decimal = argument != null && argument.kind == Type.Kind.DECIMAL;
    return switch (this) {
      case COUNT, UNIQUE_COUNT, APPROX_UNIQUE_COUNT -> Type.of(Type.Kind.INT);
      case VARIANCE, STDDEV -> Type.of(Type.Kind.DOUBLE);
      case SUM -> decimal ? Type.decimal(RESULT_DIGITS, argument.scale) : argument;
      case AVG -> decimal ? Type.decimal(RESULT_DIGITS, Math.max(AVG_SCALE_MIN, argument.scale)) : Type.of(Type.Kind.DOUBLE);
      case MIN, MAX, FIRST, LAST, APPROX_PERCENTILE -> argument;
      case FIRST_K, LAST_K, TOP_K, BOTTOM_K -> Type.list(argument, false);
      case HISTOGRAM -> Type.map(argument, Type.of(Type.Kind.INT), false);
    };
  }

  Object value(Accumulator kept, Type argument, long parameter) {
    return switch (this) {
      case COUNT -> ((Accumulator.Count) kept).count;
      case SUM -> sum(kept, argument);
      case AVG -> avg(kept, argument);
      case MIN, MAX -> ((Extreme) kept).best;
      case VARIANCE, STDDEV -> ((Moments) kept).value(this == STDDEV);
      case FIRST, LAST -> ((Newest) kept).value();
      case FIRST_K, LAST_K, TOP_K, BOTTOM_K -> ((KList) kept).values();
      case UNIQUE_COUNT -> (long) ((UniqueValues) kept).values.size();
      case APPROX_UNIQUE_COUNT -> ((Hashes) kept).estimate();
      case APPROX_PERCENTILE -> ((Percentile) kept).value(parameter);
      case HISTOGRAM -> ((Histogram) kept).values();
    };
  }

  private Object sum(Accumulator kept, Type argument) {
    if (kept instanceof SumOfDoubles s) return s.count == 0 ? null : s.total.rounded();
    SumOfIntegers s = (SumOfIntegers) kept;
    return s.count == 0 ? null : result(argument).fit(s.total.total());
  }

  private Object avg(Accumulator kept, Type argument) {
    if (kept instanceof SumOfDoubles s) {
      Double total = s.count == 0 ? null : s.total.rounded();
      return total == null ? null : (Object) (total / s.count + 0.0);
    }
    SumOfIntegers s = (SumOfIntegers) kept;
    if (s.count == 0) return null;
    BigInteger total = s.total.total();
    if (argument.kind == Type.Kind.INT) return total.doubleValue() / s.count;
    Type type = result(argument);
    BigDecimal quotient = new BigDecimal(total, argument.scale).divide(BigDecimal.valueOf(s.count), type.scale, RoundingMode.HALF_UP);
    return type.fit(quotient.unscaledValue());
  }
}

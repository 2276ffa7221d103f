import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Commands from standard input, one per line, tabs between words; each is answered by a line `ok …` or `failed …`.
 * create BROKERS TOPIC PARTITIONS; produce BROKERS TOPIC FILE (its lines); send BROKERS TOPIC FILE (partition, timestamp, key, value, with tabs; `-` is none, `base64:…` are bytes); truncate BROKERS TOPIC (deletes all records, tells how many);
 * dump BROKERS TOPIC FILE (all records, as lines of JSON).
 */
public final class Client {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        System.out.println("ok " + run(line.split("\t")));
      } catch (Exception error) {
        System.out.println("failed " + String.valueOf(error).replace('\n', ' '));
      }
      System.out.flush();
    }
  }

  private static long run(String[] words) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", words[1]);
    settings.put("request.timeout.ms", "5000");
    settings.put("default.api.timeout.ms", "8000");
    settings.put("reconnect.backoff.ms", "20");
    return switch (words[0]) {
      case "create" -> create(settings, words[2], Integer.parseInt(words[3]));
      case "produce" -> produce(settings, words[2], Path.of(words[3]));
      case "truncate" -> truncate(settings, words[2]);
      case "send" -> send(settings, words[2], Path.of(words[3]));
      case "dump" -> dump(settings, words[2], Path.of(words[3]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private static long create(Properties settings, String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(settings)) {
      NewTopic wanted = new NewTopic(topic, partitions, (short) 1).configs(Map.of("retention.ms", "-1"));
      admin.createTopics(List.of(wanted)).all().get();
      return partitions;
    }
  }

  private static long produce(Properties settings, String topic, Path file) throws Exception {
    long count = 0;
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        sent.add(producer.send(new ProducerRecord<>(topic, (int) (count++ % producer.partitionsFor(topic).size()), null, line.getBytes("UTF-8"))));
      }
      for (var one : sent) one.get();
    }
    return count;
  }

  private static long truncate(Properties settings, String topic) throws Exception {
    try (Admin admin = Admin.create(settings);
        var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      ends.forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
      admin.deleteRecords(all).all().get();
      return ends.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static long send(Properties settings, String topic, Path file) throws Exception {
    List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split("\t");
        byte[] key = words[2].equals("-") ? null : words[2].getBytes("UTF-8");
        byte[] value = words[3].equals("-") ? null : words[3].startsWith("base64:") ? Base64.getDecoder().decode(words[3].substring(7)) : words[3].getBytes("UTF-8");
        sent.add(producer.send(new ProducerRecord<>(topic, Integer.parseInt(words[0]), Long.parseLong(words[1]), key, value)));
      }
      for (var one : sent) one.get();
    }
    return sent.size();
  }

  private static long dump(Properties settings, String topic, Path file) throws Exception {
    long count = 0;
    settings.put("auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.seekToBeginning(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          count++;
          out.println(json(record));
        }
      }
    }
    return count;
  }

  private static String json(ConsumerRecord<byte[], byte[]> record) {
    StringBuilder headers = new StringBuilder();
    record.headers().forEach(h -> headers.append(headers.isEmpty() ? "" : ",").append('"').append(h.key()).append("\":").append(bytes(h.value())));
    return "{\"partition\":" + record.partition() + ",\"key\":" + bytes(record.key()) + ",\"value\":" + bytes(record.value()) + ",\"headers\":{" + headers + "}}";
  }

  private static String bytes(byte[] bytes) {
    return bytes == null ? "null" : "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
  }
}

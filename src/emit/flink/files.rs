//! The files under templates/flink, by explicit list: what is generated from, and what is in every bundle.

use crate::emit::Bundle;

macro_rules! template {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../templates/flink/", $path, ".j2")))
    };
}

macro_rules! unchanged {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../templates/flink/", $path)))
    };
}

/// Templates by name.
pub(super) const TEMPLATES: [(&str, &str); 44] = [
    template!("Dockerfile"),
    template!("pom.xml"),
    template!("requirements.txt"),
    template!("job/Call.java"),
    template!("job/Join.java"),
    template!("job/ModelCall.java"),
    template!("job/Newest.java"),
    template!("job/Node.java"),
    template!("job/Source.java"),
    template!("job/Spec.java"),
    template!("job/Zone.java"),
    template!("job/README.md"),
    template!("kubernetes/FAILOVER.md"),
    template!("kubernetes/access.yaml"),
    template!("kubernetes/clusters.yaml"),
    template!("kubernetes/flink.yaml"),
    template!("kubernetes/namespace.yaml"),
    template!("kubernetes/network.yaml"),
    template!("sql/dead_letters.files.insert.sql"),
    template!("sql/dead_letters.files.sql"),
    template!("sql/dead_letters.kafka.insert.sql"),
    template!("sql/dead_letters.kafka.sql"),
    template!("sql/event_id.sql"),
    template!("sql/sink.files.insert.sql"),
    template!("sql/sink.files.sql"),
    template!("sql/sink.kafka.insert.sql"),
    template!("sql/sink.kafka.sql"),
    template!("sql/source.dynamic.records.sql"),
    template!("sql/source.dynamic.sql"),
    template!("sql/source.files.records.sql"),
    template!("sql/source.files.sql"),
    template!("sql/source.kafka.records.sql"),
    template!("sql/source.kafka.sql"),
    template!("sql/view.ask.sql"),
    template!("sql/view.decoded.sql"),
    template!("sql/view.input.sql"),
    template!("sql/view.join.sql"),
    template!("sql/view.left.sql"),
    template!("sql/view.newest.input.sql"),
    template!("sql/view.newest.sql"),
    template!("sql/view.node.sql"),
    template!("sql/view.rows.sql"),
    template!("sql/view.source.sql"),
    template!("sql/view.union.sql"),
];

/// Scripts, which may be run.
const SCRIPTS: [(&str, &str); 2] = [unchanged!("build"), unchanged!("run-local")];

const TEXTS: [(&str, &str); 2] = [unchanged!("main.py"), unchanged!("options.py")];

/// The support classes; a bundle has them in the folder of their package.
const CLASSES: [(&str, &str); 85] = [
    unchanged!("java/Accumulator.java"),
    unchanged!("java/Aggregate.java"),
    unchanged!("java/ArgumentsText.java"),
    unchanged!("java/AvroFields.java"),
    unchanged!("java/AvroInput.java"),
    unchanged!("java/AvroType.java"),
    unchanged!("java/AvroValues.java"),
    unchanged!("java/BadRecord.java"),
    unchanged!("java/Base64Text.java"),
    unchanged!("java/Buckets.java"),
    unchanged!("java/Call.java"),
    unchanged!("java/CallQueue.java"),
    unchanged!("java/CallSpec.java"),
    unchanged!("java/Cell.java"),
    unchanged!("java/Cells.java"),
    unchanged!("java/DeletedKey.java"),
    unchanged!("java/EventReader.java"),
    unchanged!("java/EventTree.java"),
    unchanged!("java/ExactSum.java"),
    unchanged!("java/Extreme.java"),
    unchanged!("java/FieldReader.java"),
    unchanged!("java/Given.java"),
    unchanged!("java/Hashes.java"),
    unchanged!("java/HeadersText.java"),
    unchanged!("java/Histogram.java"),
    unchanged!("java/In.java"),
    unchanged!("java/Job.java"),
    unchanged!("java/JoinSpec.java"),
    unchanged!("java/JsonFields.java"),
    unchanged!("java/JsonValue.java"),
    unchanged!("java/KList.java"),
    unchanged!("java/KeyedAggregation.java"),
    unchanged!("java/Lefts.java"),
    unchanged!("java/LineKey.java"),
    unchanged!("java/LineRest.java"),
    unchanged!("java/LineStamp.java"),
    unchanged!("java/Millis.java"),
    unchanged!("java/ModelCall.java"),
    unchanged!("java/ModelProcess.java"),
    unchanged!("java/ModelWorker.java"),
    unchanged!("java/Moments.java"),
    unchanged!("java/NestedReader.java"),
    unchanged!("java/Newest.java"),
    unchanged!("java/NewestRow.java"),
    unchanged!("java/Node.java"),
    unchanged!("java/Ordered.java"),
    unchanged!("java/Out.java"),
    unchanged!("java/PayloadBytes.java"),
    unchanged!("java/PayloadText.java"),
    unchanged!("java/Percentile.java"),
    unchanged!("java/Places.java"),
    unchanged!("java/PointInTimeJoin.java"),
    unchanged!("java/RecordBytes.java"),
    unchanged!("java/RecordDecoder.java"),
    unchanged!("java/RecordFields.java"),
    unchanged!("java/RecordParts.java"),
    unchanged!("java/RowCodec.java"),
    unchanged!("java/Salted.java"),
    unchanged!("java/SharedRows.java"),
    unchanged!("java/SourceDecode.java"),
    unchanged!("java/SourceSpec.java"),
    unchanged!("java/SourceTime.java"),
    unchanged!("java/Spec.java"),
    unchanged!("java/StampedLine.java"),
    unchanged!("java/SumOfDoubles.java"),
    unchanged!("java/SumOfIntegers.java"),
    unchanged!("java/TableRow.java"),
    unchanged!("java/TimeFloor.java"),
    unchanged!("java/TimePart.java"),
    unchanged!("java/Type.java"),
    unchanged!("java/TypeText.java"),
    unchanged!("java/TypedList.java"),
    unchanged!("java/UniqueValues.java"),
    unchanged!("java/ViewStore.java"),
    unchanged!("java/WideInt.java"),
    unchanged!("java/Window.java"),
    unchanged!("java/Windows.java"),
    unchanged!("java/WireJson.java"),
    unchanged!("java/WireLine.java"),
    unchanged!("java/WireText.java"),
    unchanged!("java/XxHash64.java"),
    unchanged!("java/Zone.java"),
    unchanged!("java/ZonedFloor.java"),
    unchanged!("java/ZonedLocal.java"),
    unchanged!("java/ZonedPart.java"),
];

/// What needs Kafka's client, which comes with Flink's connector.
const KAFKA_CLASSES: [(&str, &str); 28] = [
    unchanged!("kafka/Backlog.java"),
    unchanged!("kafka/Cluster.java"),
    unchanged!("kafka/ClusterFile.java"),
    unchanged!("kafka/ClusterWatch.java"),
    unchanged!("kafka/ClustersEnumerator.java"),
    unchanged!("kafka/ClustersNews.java"),
    unchanged!("kafka/ClustersReader.java"),
    unchanged!("kafka/ClustersSource.java"),
    unchanged!("kafka/ClustersState.java"),
    unchanged!("kafka/ClustersTable.java"),
    unchanged!("kafka/ClustersTableFactory.java"),
    unchanged!("kafka/Epochs.java"),
    unchanged!("kafka/KeptOffsets.java"),
    unchanged!("kafka/Listed.java"),
    unchanged!("kafka/Outgoing.java"),
    unchanged!("kafka/Partition.java"),
    unchanged!("kafka/PartitionWatermarks.java"),
    unchanged!("kafka/Patience.java"),
    unchanged!("kafka/Producers.java"),
    unchanged!("kafka/Publication.java"),
    unchanged!("kafka/ReaderStanding.java"),
    unchanged!("kafka/Region.java"),
    unchanged!("kafka/RegionsSink.java"),
    unchanged!("kafka/RegionsTableFactory.java"),
    unchanged!("kafka/RegionsWriter.java"),
    unchanged!("kafka/Retirement.java"),
    unchanged!("kafka/Routes.java"),
    unchanged!("kafka/RowWriter.java"),
];

const KAFKA_SERVICE: (&str, &str) =
    unchanged!("kafka/META-INF/services/org.apache.flink.table.factories.Factory");

/// Adds what is the same in every bundle.
pub(super) fn add_unchanged(bundle: &mut Bundle) {
    for (path, text) in SCRIPTS {
        bundle.add_executable(path, text);
    }
    for (path, text) in TEXTS {
        bundle.add(path, text);
    }
    bundle.add(KAFKA_SERVICE.0, KAFKA_SERVICE.1);
    for (path, text) in KAFKA_CLASSES {
        bundle.add(path.replacen("kafka/", "kafka/dev/windrow/flink/kafka/", 1), text);
    }
    for (path, text) in CLASSES {
        bundle.add(path.replacen("java/", "java/dev/windrow/flink/", 1), text);
    }
}

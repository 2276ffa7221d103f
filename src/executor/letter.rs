//! A dead letter: a record that could not be decoded, as it came, with its place and the reason. How it is
//! kept in the state, and how it looks in its topic. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Begins the names of the headers that say where a dead letter comes from.
const PREFIX: &str = "wr-dlq-";

/// One dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub source: String,
    pub cluster: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: i64,
    /// A stable word: `not_json`, `missing_field`, `future` …
    pub reason: String,
    /// For people.
    pub detail: String,
    #[serde(default)]
    pub key: Option<Blob>,
    #[serde(default)]
    pub headers: Vec<(String, Option<Blob>)>,
    pub payload: Blob,
}

/// Any bytes, in JSON: text where they are text, else `{"base64": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blob(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Encoded {
    base64: String,
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => text.serialize(serializer),
            Err(_) => Encoded { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Encoded(Encoded),
        }
        match Either::deserialize(deserializer)? {
            Either::Text(text) => Ok(Self(text.into_bytes())),
            Either::Encoded(Encoded { base64 }) => {
                STANDARD.decode(base64).map(Self).map_err(D::Error::custom)
            }
        }
    }
}

impl Letter {
    /// Names it: no record has two places.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}/{}/{}", self.source, self.cluster, self.topic, self.partition, self.offset)
    }

    /// The headers of its record in the dead-letter topic: its own, then where it comes from and why.
    pub(super) fn topic_headers(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let own = self.headers.iter().map(|(name, value)| (name.clone(), value.clone().map(|blob| blob.0)));
        let place = [
            ("source", self.source.clone()),
            ("cluster", self.cluster.clone()),
            ("topic", self.topic.clone()),
            ("partition", self.partition.to_string()),
            ("offset", self.offset.to_string()),
            ("timestamp", self.timestamp_ms.to_string()),
            ("reason", self.reason.clone()),
            ("detail", self.detail.clone()),
        ];
        let place = place.map(|(name, value)| (format!("{PREFIX}{name}"), Some(value.into_bytes())));
        own.chain(place).collect()
    }

    /// From a record of that topic; `None`: it is no dead letter.
    pub(super) fn from_topic(
        key: Option<&[u8]>,
        headers: impl Iterator<Item = (String, Option<Vec<u8>>)>,
        payload: Option<&[u8]>,
    ) -> Option<Self> {
        // Of a record that was replayed and failed again the newest place counts: it stands last.
        let all: Vec<_> = headers.collect();
        let place = |name: &str| {
            let found = all.iter().rev().find(|(known, _)| known.strip_prefix(PREFIX) == Some(name))?;
            String::from_utf8(found.1.clone()?).ok()
        };
        let own = all.iter().filter(|(name, _)| !name.starts_with(PREFIX));
        Some(Self {
            source: place("source")?,
            cluster: place("cluster")?,
            topic: place("topic")?,
            partition: place("partition")?.parse().ok()?,
            offset: place("offset")?.parse().ok()?,
            timestamp_ms: place("timestamp")?.parse().ok()?,
            reason: place("reason")?,
            detail: place("detail")?,
            key: key.map(|key| Blob(key.to_vec())),
            headers: own.map(|(name, value)| (name.clone(), value.clone().map(Blob))).collect(),
            payload: Blob(payload.unwrap_or_default().to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            source: "s".into(),
            cluster: "west-1".into(),
            topic: "t".into(),
            partition: 1,
            offset: 2,
            timestamp_ms: 3,
            reason: "not_json".into(),
            detail: "why".into(),
            key: Some(Blob(b"k".to_vec())),
            headers: vec![("trace".into(), Some(Blob(vec![0xff]))), ("empty".into(), None)],
            payload: Blob(vec![0, 0x80]),
        }
    }

    #[test]
    fn a_letter_comes_back_from_the_state_and_from_its_topic_byte_by_byte() {
        let letter = letter();
        let text = serde_json::to_string(&letter).unwrap();
        assert!(text.contains(r#""key":"k""#) && text.contains(r#"{"base64":"AIA="}"#), "{text}");
        assert_eq!(serde_json::from_str::<Letter>(&text).unwrap(), letter);
        let headers = letter.topic_headers().into_iter();
        assert_eq!(Letter::from_topic(Some(b"k"), headers, Some(&[0, 0x80])), Some(letter));
    }

    #[test]
    fn a_record_without_a_place_is_no_letter() {
        assert_eq!(Letter::from_topic(None, std::iter::empty(), Some(b"x")), None);
    }
}

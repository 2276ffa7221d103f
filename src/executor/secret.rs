//! Client properties that stand for something else: `${env:NAME}` is an environment variable, `${file:PATH}` what
//! a file holds. What they stand for is read when a client is made, and goes nowhere but into it: topologies,
//! statuses, logs and errors show the reference.

use std::collections::BTreeMap;

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

/// The properties as the client gets them.
///
/// # Errors
/// When a variable is not set, or a file cannot be read: the error names the reference.
pub(super) fn resolved(
    properties: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, KafkaError> {
    let resolve = |(name, value): (&String, &String)| {
        let found = resolve(value).map_err(|why| {
            let code = RDKafkaConfRes::RD_KAFKA_CONF_INVALID;
            KafkaError::ClientConfig(code, why, name.clone(), value.clone())
        })?;
        Ok((name.clone(), found))
    };
    properties.iter().map(resolve).collect()
}

/// What a value stands for; most stand for themselves.
fn resolve(value: &str) -> Result<String, String> {
    let Some(reference) = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Ok(value.to_owned());
    };
    match reference.split_once(':') {
        Some(("env", name)) => {
            std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"))
        }
        Some(("file", path)) => {
            let text = std::fs::read_to_string(path);
            // Files are written by editors and by `echo`: the last line end is nobody's password.
            text.map(|text| text.trim_end_matches(['\n', '\r']).to_owned())
                .map_err(|error| format!("the file `{path}` cannot be read: {error}"))
        }
        Some(_) | None => Err("a reference is `${env:NAME}` or `${file:PATH}`".to_owned()),
    }
}

/// An error of a client with nothing in it that a property holds.
pub(super) fn without_values(error: KafkaError) -> KafkaError {
    match error {
        // The client repeats what it was given, and that may be what a reference stood for.
        KafkaError::ClientConfig(code, why, name, value) => {
            let shown = if value.starts_with("${") { value } else { "…".to_owned() };
            let why = if is_about_values(&why) { "not a value of this property".to_owned() } else { why };
            KafkaError::ClientConfig(code, why, name, shown)
        }
        KafkaError::ClientCreation(why) if is_about_values(&why) => {
            KafkaError::ClientCreation("a property is not what the client takes".to_owned())
        }
        other => other,
    }
}

/// `Invalid value "…" for configuration property "…"`, and the like.
fn is_about_values(why: &str) -> bool {
    why.contains("value \"") || why.contains("value: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_what_it_stands_for_and_an_error_names_the_reference() {
        assert_eq!(resolve("SASL_SSL").unwrap(), "SASL_SSL");
        assert_eq!(resolve("${env:PATH}").unwrap(), std::env::var("PATH").unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "pass word\r\n").unwrap();
        assert_eq!(resolve(&format!("${{file:{}}}", file.path().display())).unwrap(), "pass word");
        for (wrong, word) in [
            ("${env:NO_SUCH_VARIABLE}", "`NO_SUCH_VARIABLE` is not set"),
            ("${file:no/such/file}", "no/such/file"),
            ("${vault:x}", "${env:NAME}"),
        ] {
            let properties = BTreeMap::from([("sasl.password".to_owned(), wrong.to_owned())]);
            let error = resolved(&properties).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn an_error_of_the_client_does_not_repeat_a_value() {
        let said = "Invalid value \"s3cret\" for configuration property \"sasl.mechanisms\"".to_owned();
        let code = RDKafkaConfRes::RD_KAFKA_CONF_INVALID;
        let error = KafkaError::ClientConfig(code, said, "sasl.mechanisms".into(), "s3cret".into());
        assert!(!without_values(error).to_string().contains("s3cret"));
    }
}

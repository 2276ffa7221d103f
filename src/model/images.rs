//! Names of container images in a topology, checked: those of jobs, and the one that theirs is made from.

use crate::diag::{Code, Diagnostic, Diagnostics, Spanned};
use crate::topology::FlinkVersion;

const DIGEST: &str = "@sha256:";
const DIGEST_DIGITS: usize = 64;
const TAG_MAX: usize = 128;

/// A name without a tag: windrow gives it one.
pub(super) fn check_image(image: &Spanned<String>, diagnostics: &mut Diagnostics) {
    if !is_name(&image.value) {
        let message = format!("`{}` is not the name of an image without its tag", image.value);
        let hint = "write it like `registry.example.com/features/job`; the tag is a hash of what is in it";
        diagnostics.push(Diagnostic::error(Code::E0723, image.span, message).hint(hint));
    }
}

/// A name with a digest, so that it is the same image tomorrow.
pub(super) fn check_base(image: &Spanned<String>, version: FlinkVersion, diagnostics: &mut Diagnostics) {
    let text = &image.value;
    let (message, hint) = match parts(text) {
        None => (
            format!("`{text}` is not an image with its digest"),
            "write `NAME:TAG@sha256:` and 64 hexadecimal digits; `docker buildx imagetools inspect NAME:TAG` shows them",
        ),
        Some((name, Some(tag))) if is_other_flink(name, tag, version) => (
            format!("`{name}:{tag}` is not Flink {}, which the bundles are for", version.name()),
            "change `base_image`, or `version` beside it",
        ),
        Some(_) => return,
    };
    diagnostics.push(Diagnostic::error(Code::E0850, image.span, message).hint(hint));
}

/// Name and tag of an image that has a digest.
fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let (named, digest) = text.split_once(DIGEST)?;
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if digest.len() != DIGEST_DIGITS || !digest.chars().all(is_hex) {
        return None;
    }
    // A colon before a slash is a registry's port.
    let (name, tag) = match named.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (named, None),
    };
    (is_name(name) && tag.is_none_or(is_tag)).then_some((name, tag))
}

/// Only of images that go by Flink's own name is known what their tags say.
fn is_other_flink(name: &str, tag: &str, version: FlinkVersion) -> bool {
    let is_flinks = name.rsplit('/').next() == Some("flink") && tag.starts_with(|c: char| c.is_ascii_digit());
    let rest = tag.strip_prefix(version.name());
    is_flinks && !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./:".contains(c);
    let last = text.rsplit('/').next().unwrap_or_default();
    text.chars().all(fits) && !last.is_empty() && !last.contains(':')
}

fn is_tag(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=TAG_MAX).contains(&text.len()) && text.chars().all(fits) && !text.starts_with(['-', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{FileId, Span};

    fn is_taken(text: &str) -> bool {
        let mut diagnostics = Diagnostics::default();
        let image = Spanned::new(text.to_owned(), Span { file: FileId(0), start: 0, end: 1 });
        check_base(&image, FlinkVersion::V2_3, &mut diagnostics);
        diagnostics.is_empty()
    }

    #[test]
    fn a_base_image_has_a_digest_and_the_right_flink() {
        let digest = format!("@sha256:{}", "0f".repeat(32));
        for name in
            ["flink", "flink:2.3", "flink:2.3.0-scala_2.12-java17", "r.example.com:5000/a/flink:2.3.1"]
        {
            assert!(is_taken(&format!("{name}{digest}")), "{name}");
        }
        assert!(
            is_taken(&format!("r.example.com/base:2.2{digest}")),
            "an image of one's own counts as it likes"
        );
        for name in
            ["", "flink:", "flink:2.2.1", "flink:2.30.0", "Flink", "flink:2.3/", "a b", "flink:.3", "flink@x"]
        {
            assert!(!is_taken(&format!("{name}{digest}")), "{name}");
        }
        for text in [
            "flink:2.3.0",
            "flink@sha256:",
            "flink@md5:00",
            &format!("flink{digest}0"),
            &format!("flink{}", &digest[..71]),
        ] {
            assert!(!is_taken(text), "{text}");
        }
        assert!(!is_taken(&format!("flink{}", digest.to_uppercase().replace("SHA", "sha"))));
    }
}

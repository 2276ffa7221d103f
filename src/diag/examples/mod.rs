//! For each code that definitions can have: a text that has it, and how it should be.
//!
//! `windrow explain CODE` shows both below the page; a test checks that the wrong one has the code and
//! the right one no problem. To add one: a line in the file of the code's range.

mod aggregates;
mod expressions;
mod features;
mod flink;
mod functions;
mod joins;
mod kubernetes;
mod names;
mod projects;
mod streams;
mod syntax;
mod tests;
mod topologies;
mod yaml;

use super::Code;

/// A text that has a problem, and the same without it.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    pub code: Code,
    pub form: Form,
    pub wrong: &'static str,
    pub right: &'static str,
}

/// What the texts of an example are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// DSL, beside [`BESIDE`].
    Dsl,
    /// YAML, beside [`BESIDE`].
    Yaml,
    /// DSL that stands alone.
    Alone,
    /// Files of a project, each below a line `# file: NAME`; beside [`BESIDE`].
    Project,
}

/// The definitions that examples refer to.
pub const BESIDE: &str = include_str!("beside.wr");

impl Example {
    /// All examples, in the order of their codes.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [
            syntax::EXAMPLES,
            yaml::EXAMPLES,
            names::EXAMPLES,
            expressions::EXAMPLES,
            functions::EXAMPLES,
            aggregates::EXAMPLES,
            streams::EXAMPLES,
            features::EXAMPLES,
            joins::EXAMPLES,
            projects::EXAMPLES,
            tests::EXAMPLES,
            topologies::EXAMPLES,
            kubernetes::EXAMPLES,
            flink::EXAMPLES,
        ]
        .into_iter()
        .flatten()
    }

    #[must_use]
    pub fn of(code: Code) -> Option<&'static Self> {
        Self::all().find(|example| example.code == code)
    }

    /// The files of one of its texts: names and contents.
    #[must_use]
    pub fn files(&self, text: &'static str) -> Vec<(&'static str, &'static str)> {
        match self.form {
            Form::Dsl | Form::Alone => vec![("example.wr", text)],
            Form::Yaml => vec![("example.yaml", text)],
            Form::Project => {
                let files = text.split("# file: ").filter(|file| !file.is_empty());
                files.filter_map(|file| file.split_once('\n')).collect()
            }
        }
    }
}

const fn dsl(code: Code, wrong: &'static str, right: &'static str) -> Example {
    Example { code, form: Form::Dsl, wrong, right }
}

const fn alone(code: Code, wrong: &'static str, right: &'static str) -> Example {
    Example { code, form: Form::Alone, wrong, right }
}

const fn yaml(code: Code, wrong: &'static str, right: &'static str) -> Example {
    Example { code, form: Form::Yaml, wrong, right }
}

const fn project(code: Code, wrong: &'static str, right: &'static str) -> Example {
    Example { code, form: Form::Project, wrong, right }
}

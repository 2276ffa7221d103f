//! The one template environment: strict, and it prints only what a filter of the right language let
//! through. A plain string in `{{ … }}` is an error, so no template can forget to escape.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::escape::{comment, java_long, java_text, sql_name, sql_text, yaml_text};

/// Renders the templates of one target.
pub(super) struct Engine {
    environment: Environment<'static>,
}

impl Engine {
    /// Templates by name. They are part of windrow, so a broken one is a bug of ours.
    pub(super) fn new(templates: &[(&'static str, &'static str)]) -> Self {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("these are minijinja's own delimiters");
        environment.set_syntax(syntax);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_formatter(print);
        add_filters(&mut environment);
        for (name, source) in templates {
            environment.add_template(name, source).expect("templates parse: a test renders each");
        }
        Self { environment }
    }

    /// # Panics
    /// When the template asks for what the context has not, or prints what is not escaped.
    pub(super) fn render(&self, template: &str, context: impl Serialize) -> String {
        let rendered = self
            .environment
            .get_template(template)
            .and_then(|template| template.render(Value::from(Serde(context))));
        rendered.unwrap_or_else(|error| panic!("the template {template} is broken: {error:#}"))
    }
}

/// Only what went through a filter below is printed.
fn print(output: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if value.is_safe() => output.write_str(text).map_err(Error::from),
        _ => Err(invalid(format!("{value:?} is printed without a filter that says as what"))),
    }
}

fn add_filters(environment: &mut Environment<'static>) {
    environment.add_filter("word", |text: &str| word(text));
    environment.add_filter("version", |text: &str| of_chars("a version", "._-", text));
    environment.add_filter("image", |text: &str| of_chars("an image", "._-/:@", text));
    environment.add_filter("digits", |number: i64| safe(number.to_string()));
    environment.add_filter("comment", |text: &str| safe(comment(text)));
    environment.add_filter("sql", |text: &str| safe(text.to_owned()));
    environment.add_filter("sql_name", |text: &str| safe(sql_name(text)));
    environment.add_filter("sql_text", |text: &str| safe(sql_text(text)));
    environment.add_filter("dollars", |text: Value| dollars(&text));
    environment.add_filter("java_text", |text: &str| safe(java_text(text)));
    environment.add_filter("yaml_text", |text: &str| safe(yaml_text(text)));
    environment.add_filter("java_long", |number: i64| safe(java_long(number)));
}

fn safe(text: String) -> Value {
    Value::from_safe_string(text)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// A name that needs no escaping anywhere.
fn word(text: &str) -> Result<Value, Error> {
    of_chars("a word", "_", text)
}

/// A text of letters, digits and some signs that mean nothing where it goes.
fn of_chars(what: &str, signs: &str, text: &str) -> Result<Value, Error> {
    let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
    if fits && !text.is_empty() {
        Ok(safe(text.to_owned()))
    } else {
        Err(invalid(format!("{text:?} is not {what}")))
    }
}

/// Escaped text for a statement that `main.py` fills in: there `$` begins a placeholder.
fn dollars(text: &Value) -> Result<Value, Error> {
    match text.as_str() {
        Some(plain) if text.is_safe() => Ok(safe(plain.replace('$', "$$"))),
        _ => Err(invalid("`dollars` comes after the filter that escapes".to_owned())),
    }
}

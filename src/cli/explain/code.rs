//! The page of a code: what it means, a text that has it, and how it should be.

use crate::diag::{BESIDE, Example, Form, Page};

use super::Format;

pub(super) fn page(page: &Page, format: Format) -> String {
    let example = Example::of(page.code);
    match format {
        Format::Text => {
            let head = format!("{}: {}\n\n{}\n", page.code, page.title, page.text);
            head + &example.map(text).unwrap_or_default()
        }
        Format::Json => {
            let page = serde_json::json!({
                "code": page.code.as_str(),
                "title": page.title,
                "text": page.text,
                "wrong": example.map(|example| example.wrong),
                "right": example.map(|example| example.right),
                "beside": example.filter(|example| stands_beside(example)).map(|_| BESIDE),
            });
            format!("{page:#}\n")
        }
    }
}

fn text(example: &'static Example) -> String {
    let indented = |text: &str| -> String {
        let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
        text.lines().map(line).collect()
    };
    let mut text = format!("\nWrong:\n\n{}\nRight:\n\n{}", indented(example.wrong), indented(example.right));
    if stands_beside(example) {
        text += "\nThe sources `purchases` and `checkouts` and the group by `user_spend` are defined elsewhere.\n";
    }
    text
}

fn stands_beside(example: &Example) -> bool {
    match example.form {
        Form::Alone => false,
        Form::Dsl | Form::Yaml | Form::Project => {
            ["purchases", "checkouts", "user_spend"].iter().any(|name| example.right.contains(name))
        }
    }
}

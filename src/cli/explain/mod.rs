//! `windrow explain`: the page of a code, or what a definition computes, in words.

mod code;
mod definition;
mod features;
mod inputs;
mod meaning;
mod page;
mod state;
mod times;

use std::path::PathBuf;

use crate::diag::{Code, Diagnostic, nearest, pages};
use crate::model::{self, Deployment, Model};
use crate::plan::{self, Plan};
use crate::syntax::{self, Ast};

use super::load::{Loaded, load};
use super::{Exit, Failure, Output};
use definition::Definition;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A definition's name, or the code of a problem, like E0002
    name: String,
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "stage")]
    format: Format,
    /// Show what this stage of the compiler makes of the definition instead
    #[arg(long, value_enum)]
    stage: Option<Stage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Stage {
    /// As written
    Ast,
    /// Names resolved, types and windows explicit
    Model,
    /// The operators that compute it
    Plan,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let text = if let Some(page) = Code::page(&args.name) {
        code::page(page, args.format)
    } else if is_like_a_code(&args.name) {
        return Err(unknown_code(&args.name));
    } else {
        let loaded = load(&args.path)?.sound(output)?;
        let definition = find(&loaded, &args.name)?;
        match (args.stage, args.format) {
            (Some(stage), _) => staged(&loaded, definition, stage),
            (None, Format::Text) => page::page(&loaded, definition).text(),
            (None, Format::Json) => page::page(&loaded, definition).json(),
        }
    };
    output.data(&text)?;
    Ok(Exit::Fine)
}

/// A letter and four digits: not looked for among the definitions of whatever folder this is.
fn is_like_a_code(name: &str) -> bool {
    matches!(name.as_bytes(), [b'E' | b'e' | b'W' | b'w', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit))
}

fn unknown_code(name: &str) -> Failure {
    let problem = Diagnostic::without_place(Code::E0290, format!("there is no code `{name}`"));
    let codes = pages().iter().map(|page| page.code.as_str());
    Failure::usage(problem.hint(match nearest(name, codes) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "codes stand in brackets behind `error` and `warning`, like E0201".into(),
    }))
}

fn find(loaded: &Loaded, name: &str) -> Result<Definition, Failure> {
    Definition::find(&loaded.model, name).ok_or_else(|| {
        let names = Definition::all(&loaded.model).map(|definition| definition.name(&loaded.model));
        let message = format!("nothing is called `{name}` in `{}`", loaded.root.display());
        let problem = Diagnostic::without_place(Code::E0290, message);
        let names: Vec<_> = names.collect();
        Failure::usage(match nearest(name, names.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => problem.hint("name the folder of the definitions behind it"),
            None => problem.hint(format!("there are: {}", some_of(&names))),
        })
    })
}

/// The first names of a list.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

fn staged(loaded: &Loaded, definition: Definition, stage: Stage) -> String {
    let model = &loaded.model;
    match stage {
        Stage::Ast => {
            let name = definition.name(model);
            let all = loaded.asts.iter().flat_map(|(_, ast)| &ast.definitions);
            let named = all.filter(|definition| definition.name().value == name).cloned();
            syntax::text(&Ast { definitions: named.collect(), ..Ast::default() })
        }
        Stage::Model => block(&model::text(model), definition.name(model)),
        Stage::Plan => plan::text(&plan_of(model, &definition.deployment(model))),
    }
}

fn plan_of(model: &Model, deployment: &Deployment) -> Plan {
    plan::optimize(plan::lower(model, deployment))
}

/// The block of the model's text whose heading names the definition.
fn block(text: &str, name: &str) -> String {
    let heads = |block: &&str| block.split_whitespace().nth(1) == Some(name);
    text.split("\n\n").find(heads).map(|block| block.trim_end().to_owned() + "\n").unwrap_or_default()
}

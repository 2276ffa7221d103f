//! What `windrow explain` says of a definition, as data; its text and its JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::load::Loaded;
use crate::cli::modules;
use crate::model::{Model, PublishMode};
use crate::plan::lineage::{self, ColumnLineage, FieldRef};
use crate::plan::{self, Operator, Plan};

use super::definition::Definition;
use super::state::{Kept, Needed};
use super::{features, plan_of, state, times};

/// Everything there is to say, in the order it is said.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) doc: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) deprecated: Option<String>,
    /// What it computes, in sentences.
    pub(super) computes: Vec<String>,
    /// The functions that it calls, and what their code is; nothing of those that are not the project's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) models: BTreeMap<String, Option<String>>,
    pub(super) columns: Vec<Column>,
    /// How windows move, and when rows come out.
    pub(super) windows: Vec<String>,
    /// What happens to late, early and repeated events.
    pub(super) lateness: Vec<String>,
    /// What is kept, for how long, and how many bytes it takes.
    pub(super) state: Vec<String>,
    /// The same as figures.
    pub(super) kept: Vec<Kept>,
    /// How far back it looks into each source.
    pub(super) needs: Vec<Needed>,
    pub(super) published: Vec<String>,
    pub(super) used_by: Vec<String>,
    pub(super) plan: Vec<Step>,
}

/// One column of its rows.
#[derive(Debug, Serialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) data_type: String,
    pub(super) nullable: bool,
    pub(super) meaning: String,
    /// Source fields whose values are in it.
    pub(super) made_of: Vec<String>,
    /// Source fields that decide which events count.
    pub(super) decided_by: Vec<String>,
}

/// One node of its plan.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    id: String,
    operator: &'static str,
    name: String,
    inputs: Vec<String>,
    fingerprint: String,
}

pub(super) fn page(loaded: &Loaded, definition: Definition) -> Page {
    let model = &loaded.model;
    let (span, about) = (definition.span(model), definition.about(model));
    let plan = plan_of(model, &definition.deployment(model));
    let (kept, needs) = (state::kept(&plan, definition.name(model)), state::needed(&plan));
    Page {
        name: definition.name(model).to_owned(),
        kind: definition.kind(),
        file: loaded.sources.path(span.file).to_string_lossy().into_owned(),
        line: loaded.sources.position(span.file, span.start).line,
        doc: about.doc.clone(),
        owner: about.owner.clone(),
        tags: about.tags.clone(),
        deprecated: about.deprecated.clone(),
        computes: features::computes(model, definition),
        models: modules::codes(&loaded.root, called(model, definition, &plan)),
        columns: columns(model, definition, &plan),
        windows: times::windows(model, definition),
        lateness: times::lateness(model, definition),
        state: state::lines(&kept, &needs, definition.name(model)),
        kept,
        needs,
        published: published(model, definition),
        used_by: definition.used_by(model),
        plan: steps(&plan),
    }
}

/// By what it is made of, and by itself.
fn called(model: &Model, definition: Definition, plan: &Plan) -> BTreeSet<String> {
    let own = match definition {
        Definition::Stream(id) => modules::function(model.stream(id)),
        Definition::Source(_) | Definition::Table(_) | Definition::GroupBy(_) | Definition::Join(_) => None,
    };
    modules::called(plan).into_iter().chain(own).collect()
}

/// The columns with their lineage, which the plan knows.
fn columns(model: &Model, definition: Definition, plan: &Plan) -> Vec<Column> {
    let mut columns = features::columns(model, definition);
    for lineage in lineage_of(plan, definition.name(model)) {
        if let Some(column) = columns.iter_mut().find(|column| column.name == lineage.column) {
            column.made_of = texts(lineage.values);
            column.decided_by = texts(lineage.decided_by);
        }
    }
    columns
}

/// The lineage of the last node of the definition that has its rows.
fn lineage_of(plan: &Plan, definition: &str) -> Vec<ColumnLineage> {
    let has_rows =
        |operator: &Operator| matches!(operator, Operator::WindowAggregate(_) | Operator::Derive { .. });
    let of_definition = |id: &plan::NodeId| {
        let node = plan.node(*id);
        node.definition == definition && has_rows(&node.operator)
    };
    plan.topological().into_iter().find(of_definition).map(|id| lineage::of(plan, id)).unwrap_or_default()
}

fn texts(fields: impl IntoIterator<Item = FieldRef>) -> Vec<String> {
    fields.into_iter().map(|field| format!("{}.{}", field.source, field.field)).collect()
}

fn published(model: &Model, definition: Definition) -> Vec<String> {
    let (publish, key) = match definition {
        Definition::Source(_) | Definition::Table(_) | Definition::Stream(_) => return vec![],
        Definition::GroupBy(id) => (&model.group_by(id).publish, features::key_names(model, id).join(", ")),
        Definition::Join(id) => {
            (&model.join(id).publish, "combination of the columns it joins on, none of them null".to_owned())
        }
    };
    let Some(publish) = publish else {
        return vec!["Its rows are not published: it only feeds the joins that use it.".to_owned()];
    };
    let rows = match publish.mode {
        PublishMode::Latest => format!("the newest row per {key}"),
        PublishMode::Events => "one row per left event".to_owned(),
    };
    vec![format!("Topic {} in group `{}` of every region: {rows}.", publish.topic, publish.group)]
}

fn steps(plan: &Plan) -> Vec<Step> {
    let step = |id| {
        let node = plan.node(id);
        Step {
            id: id.to_string(),
            operator: plan::kind(&node.operator),
            name: node.name.clone(),
            inputs: plan.inputs(id).iter().map(ToString::to_string).collect(),
            fingerprint: node.fingerprint.clone(),
        }
    };
    plan.topological().into_iter().map(step).collect()
}

impl Page {
    pub(super) fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("a page is plain data");
        json + "\n"
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!("{}: a {} in {}:{}\n", self.name, self.kind, self.file, self.line);
        let owner = self.owner.as_ref().map(|owner| format!("Owned by {owner}."));
        let tags = (!self.tags.is_empty()).then(|| format!("Tagged {}.", self.tags.join(", ")));
        let deprecated = self.deprecated.as_ref().map(|why| format!("Deprecated: {why}"));
        for line in self.doc.iter().chain(&owner).chain(&tags).chain(&deprecated) {
            let _ = write!(text, "\n  {line}\n");
        }
        section(&mut text, "What it computes", &self.computes);
        section(&mut text, "Models", &self.model_lines());
        section(&mut text, "Columns", &self.column_lines());
        section(&mut text, "Windows", &self.windows);
        section(&mut text, "Late, early and repeated events", &self.lateness);
        section(&mut text, "What is kept", &self.state);
        section(&mut text, "Where it goes", &self.published);
        section(&mut text, "Where its columns come from", &self.lineage_lines());
        section(&mut text, "Used by", &self.used_by);
        section(&mut text, "Plan", &self.plan_lines());
        text
    }

    fn model_lines(&self) -> Vec<String> {
        let line = |(function, code): (&String, &Option<String>)| match code {
            Some(code) => format!("{function}, whose code is {code}"),
            None => format!("{function}, whose code is not the project's"),
        };
        self.models.iter().map(line).collect()
    }

    fn column_lines(&self) -> Vec<String> {
        let null = |column: &Column| if column.nullable { "?" } else { "" };
        let rows = self.columns.iter().map(|column| {
            [column.name.clone(), format!("{}{}", column.data_type, null(column)), column.meaning.clone()]
        });
        aligned(&rows.collect::<Vec<_>>())
    }

    /// What decides for all columns is said once.
    fn lineage_lines(&self) -> Vec<String> {
        let traced: Vec<&Column> = self.columns.iter().filter(|c| !c.decided_by.is_empty()).collect();
        let Some(first) = traced.first() else { return vec![] };
        let is_common = |field: &String| traced.iter().all(|column| column.decided_by.contains(field));
        let common: Vec<String> = first.decided_by.iter().filter(|field| is_common(field)).cloned().collect();
        let line = |column: &&Column| {
            let own: Vec<_> =
                column.decided_by.iter().filter(|field| !common.contains(field)).cloned().collect();
            let own = if own.is_empty() { String::new() } else { format!("decided by {}", own.join(", ")) };
            let made_of = if column.made_of.is_empty() { "-".into() } else { column.made_of.join(", ") };
            [column.name.clone(), made_of, own]
        };
        let mut lines = aligned(&traced.iter().map(line).collect::<Vec<_>>());
        if !common.is_empty() {
            lines.insert(0, format!("Which events count is decided by {}.", common.join(", ")));
        }
        lines
    }

    fn plan_lines(&self) -> Vec<String> {
        let step = |step: &Step| {
            let inputs =
                if step.inputs.is_empty() { String::new() } else { format!("<- {}", step.inputs.join(", ")) };
            [
                step.id.clone(),
                step.operator.to_owned(),
                format!("{} {inputs}", step.name).trim_end().to_owned(),
            ]
        };
        aligned(&self.plan.iter().map(step).collect::<Vec<_>>())
    }
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = write!(text, "\n{title}\n");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

/// Rows of three cells, the first two padded to the width of their column.
fn aligned(rows: &[[String; 3]]) -> Vec<String> {
    let width = |cell: usize| rows.iter().map(|row| row[cell].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let line = |[a, b, c]: &[String; 3]| format!("{a:first$}  {b:second$}  {c}").trim_end().to_owned();
    rows.iter().map(line).collect()
}

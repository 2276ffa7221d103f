//! YAML definitions → DSL text, with the comments of the YAML at the places that the DSL has for them.

use std::collections::VecDeque;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Span};
use crate::syntax::fmt::Unformatted;
use crate::syntax::yaml::{Remark, remarks};
use crate::syntax::{dsl, parse};

use super::clause::{Block, Clause};
use super::{blocks, laid_out};

/// The DSL text of a YAML definition file: the same tree, every comment in it.
///
/// A comment on a line of its own stands before what comes next, one behind a value stands behind its
/// clause, one inside an expression before its clause.
pub fn convert(sources: &SourceMap, file: FileId) -> Result<String, Unformatted> {
    let (ast, problems) = parse(sources, file);
    if problems.has_errors() {
        return Err(Unformatted::Wrong(problems));
    }
    let blocks = blocks(&ast);
    let problems = without_form(&blocks, file);
    if problems.has_errors() {
        return Err(Unformatted::Wrong(problems));
    }
    let text = laid_out(Writer::new(sources.text(file)).file(&blocks));
    let (other, problems) = dsl::parse(file, &text);
    if problems.has_errors() || other != ast { Err(Unformatted::Changed) } else { Ok(text) }
}

/// Texts of several lines, which only YAML has.
fn without_form(blocks: &[Block], file: FileId) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let clauses = blocks.iter().flat_map(|block| &block.clauses);
    let texts = clauses.map(|clause| (clause.at, clause.text.as_str()));
    let headers = blocks.iter().map(|block| (block.at, block.header.as_str()));
    for (at, text) in headers.chain(texts.filter(|(_, text)| !text.starts_with("expect error "))) {
        if text.contains('\n') {
            let span = Span::new(file, at as usize, at as usize + 1);
            let message = "a text of several lines has no form in the DSL";
            problems.push(Diagnostic::error(Code::E0093, span, message).hint("join its lines"));
        }
    }
    problems
}

/// Writes blocks in order, and before each of their parts the comments that stand before it.
struct Writer<'a> {
    source: &'a str,
    /// The comments not written yet, in order.
    remarks: VecDeque<Remark>,
    text: String,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, remarks: remarks(source).into(), text: String::new() }
    }

    fn file(mut self, blocks: &[Block]) -> String {
        for (index, block) in blocks.iter().enumerate() {
            self.leading(block.at);
            let next = blocks.get(index + 1).map_or(u32::MAX, |next| next.at);
            self.text += &block.header;
            self.text += " {";
            let first = block.clauses.first().map_or(next, |clause| clause.at);
            self.trailing(block.at, first);
            self.clauses(&block.clauses, next);
            self.inside(block.at, next);
            self.text += "}\n\n";
        }
        self.leading(u32::MAX);
        self.text
    }

    fn clauses(&mut self, clauses: &[Clause], end: u32) {
        for (index, clause) in clauses.iter().enumerate() {
            let next = clauses.get(index + 1).map_or(end, |next| next.at);
            self.within(clause, next);
            self.leading(clause.at);
            self.text += &clause.text;
            if clause.fields.is_empty() {
                self.trailing(clause.at, next);
            } else {
                self.text += " {\n";
                self.clauses(&clause.fields, next);
                self.text += "}\n";
            }
        }
    }

    fn next_if(&mut self, wanted: impl FnOnce(&Remark) -> bool) -> Option<Remark> {
        if self.remarks.front().is_some_and(wanted) { self.remarks.pop_front() } else { None }
    }

    /// The comments before a place, on lines of their own.
    fn leading(&mut self, at: u32) {
        while let Some(remark) = self.next_if(|remark| remark.at < at) {
            self.own_line(&remark);
        }
    }

    fn own_line(&mut self, remark: &Remark) {
        self.text.push('#');
        self.text += &remark.text;
        self.text.push('\n');
        let behind = &self.source[(remark.at as usize + 1 + remark.text.len()).min(self.source.len())..];
        let mut lines = behind.trim_start_matches([' ', '\t', '\r']).split('\n');
        if lines.nth(1).is_some_and(|line| line.trim().is_empty()) {
            self.text.push('\n');
        }
    }

    /// Ends a line, with the comment behind it: in the source it stands on the line of `at`.
    fn trailing(&mut self, at: u32, next: u32) {
        let source = self.source;
        let is_same_line = |until: u32| !source[at as usize..until as usize].contains('\n');
        let is_behind = |remark: &Remark| remark.at > at && remark.at < next && is_same_line(remark.at);
        let remark = self.next_if(is_behind);
        self.text += &remark.map(|remark| format!(" #{}", remark.text)).unwrap_or_default();
        self.text.push('\n');
    }

    /// Comments inside a clause's text of several lines stand before it.
    fn within(&mut self, clause: &Clause, next: u32) {
        let is_prose = clause.text.starts_with("doc ") || clause.text.starts_with("deprecated ");
        let all = std::mem::take(&mut self.remarks);
        let is_inside = |remark: &Remark| remark.is_inside && remark.at < next;
        let (inside, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_inside);
        self.remarks = others.into();
        self.leading(clause.at);
        if !is_prose {
            for remark in &inside {
                self.own_line(remark);
            }
        }
    }

    /// The comments that are indented deeper than the next definition: they end this one.
    fn inside(&mut self, at: u32, next: u32) {
        let source = self.source;
        let column = |at: u32| {
            let before = &source[..at as usize];
            before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
        };
        let own = column(at);
        let is_inside = |remark: &Remark| remark.at < next && column(remark.at) > own;
        let mut remarks = Vec::new();
        while let Some(remark) = self.next_if(is_inside) {
            remarks.push(remark);
        }
        for remark in &remarks {
            self.own_line(remark);
        }
    }
}

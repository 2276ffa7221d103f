//! Problems in texts: where they stand, what they are called, how they are shown.
//!
//! A [`Diagnostic`] is a [`Code`], a [`Span`] and words. Stages collect them in [`Diagnostics`] and
//! return what they could build; only the command line prints, through [`render`].
#![deny(clippy::disallowed_methods)]

#[macro_use]
mod running;

mod code;
mod diagnostic;
mod examples;
mod nearest;
mod page;
pub mod render;
mod shortened;
mod source_map;
mod xml;

pub use code::{Code, pages};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use examples::{BESIDE, Example, Form};
pub use nearest::nearest;
pub use page::Page;
pub use shortened::shortened;
pub use source_map::{FileId, Position, SourceMap, Span, Spanned};
pub use xml::xml_text;

#[cfg(test)]
mod tests;

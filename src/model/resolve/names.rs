//! The project's one namespace of definitions.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::syntax::ast::{Ast, Binding, Definition, GroupBy, Join, Name, Source, Stream, Table, Test};

/// All definitions, in order of file and place, without those whose name was taken.
pub(in crate::model) struct Names<'a> {
    definitions: Vec<&'a Definition>,
    by_name: BTreeMap<&'a str, &'a Definition>,
    /// Nothing names a test: their titles are apart.
    tests: Vec<&'a Test>,
}

impl<'a> Names<'a> {
    /// Collects all names; the second definition of a name is reported and left out.
    pub(in crate::model) fn collect(asts: &'a [Ast], diagnostics: &mut Diagnostics) -> Self {
        let mut first: BTreeMap<String, &Name> = BTreeMap::new();
        let (mut definitions, mut tests) = (Vec::new(), Vec::new());
        for definition in asts.iter().flat_map(|ast| &ast.definitions) {
            match definition {
                Definition::Test(test) => {
                    tests.push(test);
                    continue;
                }
                // A block of constants has no name.
                Definition::Constants(_) => {
                    definitions.push(definition);
                    continue;
                }
                Definition::Source(_)
                | Definition::Table(_)
                | Definition::Stream(_)
                | Definition::GroupBy(_)
                | Definition::Join(_) => {}
            }
            let name = definition.name();
            if let Some(taken) = first.get(&mangled(&name.value)) {
                diagnostics.push(taken_twice(name, taken));
            } else {
                first.insert(mangled(&name.value), name);
                definitions.push(definition);
            }
        }
        let by_name = definitions
            .iter()
            .filter(|definition| !matches!(definition, Definition::Constants(_)))
            .map(|definition| (definition.name().value.as_str(), *definition));
        Self { by_name: by_name.collect(), definitions, tests }
    }

    pub(in crate::model) fn definitions(&self) -> impl Iterator<Item = &'a Definition> {
        self.definitions.iter().copied()
    }

    pub(in crate::model) fn by_name(&self, name: &str) -> Option<&'a Definition> {
        self.by_name.get(name).copied()
    }

    pub(in crate::model) fn sources(&self) -> impl Iterator<Item = &'a Source> {
        self.definitions().filter_map(|definition| match definition {
            Definition::Source(source) => Some(source),
            _ => None,
        })
    }

    pub(in crate::model) fn tables(&self) -> impl Iterator<Item = &'a Table> {
        self.definitions().filter_map(|definition| match definition {
            Definition::Table(table) => Some(table),
            _ => None,
        })
    }

    pub(in crate::model) fn streams(&self) -> impl Iterator<Item = &'a Stream> {
        self.definitions().filter_map(|definition| match definition {
            Definition::Stream(stream) => Some(stream),
            _ => None,
        })
    }

    pub(in crate::model) fn group_bys(&self) -> impl Iterator<Item = &'a GroupBy> {
        self.definitions().filter_map(|definition| match definition {
            Definition::GroupBy(group_by) => Some(group_by),
            _ => None,
        })
    }

    /// The constants of all blocks.
    pub(in crate::model) fn constants(&self) -> impl Iterator<Item = &'a Binding> {
        let blocks = self.definitions().filter_map(|definition| match definition {
            Definition::Constants(constants) => Some(&constants.bindings),
            _ => None,
        });
        blocks.flatten()
    }

    pub(in crate::model) fn tests(&self) -> impl Iterator<Item = &'a Test> {
        self.tests.iter().copied()
    }

    pub(in crate::model) fn joins(&self) -> impl Iterator<Item = &'a Join> {
        self.definitions().filter_map(|definition| match definition {
            Definition::Join(join) => Some(join),
            _ => None,
        })
    }

    /// The problem of a name that is not among the definitions `wanted`, by what it is instead or by
    /// the nearest name.
    pub(in crate::model) fn unknown(&self, code: Code, name: &Name, wanted: &[&'static str]) -> Diagnostic {
        let any = wanted.join(" or ");
        if let Some(other) = self.by_name(&name.value) {
            let found = kind(other);
            let message = format!("expected a {any}, found the {found} `{}`", name.value);
            return Diagnostic::error(code, name.span, message)
                .also(other.name().span, format!("a {found}"))
                .hint(instead(found, wanted[0]));
        }
        let known = self.by_name.iter().filter(|(_, definition)| wanted.contains(&kind(definition)));
        let define = || format!("define `{} {} {{ … }}`", wanted[0].replace(' ', "_"), name.value);
        let near = nearest(&name.value, known.map(|(name, _)| *name));
        let hint = near.map_or_else(define, |near| format!("did you mean `{near}`?"));
        Diagnostic::error(code, name.span, format!("unknown {any} `{}`", name.value)).hint(hint)
    }
}

/// How what was meant is written, where one kind of definition stands in another's place.
fn instead(found: &str, wanted: &str) -> &'static str {
    match (found, wanted) {
        ("table", _) => "a table is looked up: `lookup TABLE on KEY { COLUMN, … }`",
        ("group by", "source") => "a join brings a group by to a stream: `features GROUP_BY on KEY`",
        ("source" | "stream", "table") => "declare what is looked up as a `table`, with its `key`",
        ("source" | "stream", "group by") => "aggregate it in a group by first: `group_by NAME { from … }`",
        ("join", _) => "a join ends in what it publishes: name what it reads",
        _ => "name another definition here",
    }
}

/// What a definition is, in words.
pub(in crate::model) const fn kind(definition: &Definition) -> &'static str {
    match definition {
        Definition::Source(_) => "source",
        Definition::GroupBy(_) => "group by",
        Definition::Join(_) => "join",
        Definition::Table(_) => "table",
        Definition::Stream(_) => "stream",
        Definition::Constants(_) => "constants",
        Definition::Test(_) => "test",
    }
}

/// What no target tells apart: class and file names have no `_`, and on some machines no cases.
fn mangled(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

fn taken_twice(name: &Name, taken: &Name) -> Diagnostic {
    let (code, message) = if name.value == taken.value {
        (Code::E0207, format!("`{}` is defined twice", name.value))
    } else if name.value.eq_ignore_ascii_case(&taken.value) {
        (Code::E0207, format!("`{}` and `{}` differ only in case", name.value, taken.value))
    } else {
        (Code::E0227, format!("`{}` and `{}` differ only in `_` and case", name.value, taken.value))
    };
    Diagnostic::error(code, name.span, message)
        .label("the second definition")
        .also(taken.span, "the first definition")
        .hint("rename one of them: names are unique across the project")
}

//! The project's one namespace of definitions.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::syntax::ast::{Ast, Definition, GroupBy, Join, Name, Source, Test};

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
            if let Definition::Test(test) = definition {
                tests.push(test);
                continue;
            }
            let name = definition.name();
            if let Some(taken) = first.get(&name.value.to_ascii_lowercase()) {
                diagnostics.push(taken_twice(name, taken));
            } else {
                first.insert(name.value.to_ascii_lowercase(), name);
                definitions.push(definition);
            }
        }
        let by_name = definitions.iter().map(|definition| (definition.name().value.as_str(), *definition));
        Self { by_name: by_name.collect(), definitions, tests }
    }

    pub(in crate::model) fn definitions(&self) -> impl Iterator<Item = &'a Definition> {
        self.definitions.iter().copied()
    }

    pub(in crate::model) fn by_name(&self, name: &str) -> Option<&'a Definition> {
        self.by_name.get(name).copied()
    }

    /// Whether the definition of that name was not read as a whole.
    pub(in crate::model) fn is_incomplete(&self, name: Option<&Name>) -> bool {
        name.and_then(|name| self.by_name(&name.value)).is_some_and(Definition::is_incomplete)
    }

    pub(in crate::model) fn sources(&self) -> impl Iterator<Item = &'a Source> {
        self.definitions().filter_map(|definition| match definition {
            Definition::Source(source) => Some(source),
            _ => None,
        })
    }

    pub(in crate::model) fn group_bys(&self) -> impl Iterator<Item = &'a GroupBy> {
        self.definitions().filter_map(|definition| match definition {
            Definition::GroupBy(group_by) => Some(group_by),
            _ => None,
        })
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
    pub(in crate::model) fn unknown(&self, code: Code, name: &Name, wanted: &str) -> Diagnostic {
        if let Some(other) = self.by_name(&name.value) {
            let found = kind(other);
            let message = format!("expected a {wanted}, found the {found} `{}`", name.value);
            return Diagnostic::error(code, name.span, message)
                .also(other.name().span, format!("a {found}"))
                .hint(format!("name a {wanted} here"));
        }
        let known = self.definitions().filter(|definition| kind(definition) == wanted);
        let hint = match nearest(&name.value, known.map(|definition| definition.name().value.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "define `{wanted_keyword} {name} {{ … }}`",
                wanted_keyword = keyword(wanted),
                name = name.value
            ),
        };
        Diagnostic::error(code, name.span, format!("unknown {wanted} `{}`", name.value)).hint(hint)
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

fn keyword(kind: &str) -> String {
    kind.replace(' ', "_")
}

fn taken_twice(name: &Name, taken: &Name) -> Diagnostic {
    let message = if name.value == taken.value {
        format!("`{}` is defined twice", name.value)
    } else {
        format!("`{}` and `{}` differ only in case", name.value, taken.value)
    };
    Diagnostic::error(Code::E0207, name.span, message)
        .label("the second definition")
        .also(taken.span, "the first definition")
        .hint("rename one of them: names are unique across the project")
}

//! The shape of expressions, and places of nodes.

use crate::diag::SourceMap;
use crate::syntax::{self, ast::Definition};

/// The tree of one expression in prefix form.
fn check(expr: &str, expected: &str) {
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", format!("group_by g {{ where {expr} }}"));
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(problems.is_empty(), "{expr}: {problems:?}");
    assert_eq!(syntax::text(&ast), format!("group_by g\n  where {expected}\n"));
}

#[test]
fn operators_bind_as_in_sql() {
    check("a or b and not c = d", "(or a (and b (not (= c d))))");
    check("a and b or c and d", "(or (and a b) (and c d))");
    check("not a and b", "(and (not a) b)");
    check("a || b = c || d", "(= (|| a b) (|| c d))");
    check("a || b + c * -d", "(|| a (+ b (* c (neg d))))");
    check("a - b - c", "(- (- a b) c)");
    check("a / b * c % d", "(% (* (/ a b) c) d)");
    check("(a + b) * c", "(* (+ a b) c)");
    check("- a * b", "(* (neg a) b)");
}

#[test]
fn tests_bind_like_comparisons() {
    check("a + 1 is null and b", "(and (is-null (+ a 1)) b)");
    check("not a is not null", "(not (not-is-null a))");
    check("a not in (1, b + 2) or c", "(or (not-in a [1 (+ b 2)]) c)");
    check("a between 1 and 2 and b", "(and (between a 1 2) b)");
    check("a not between b + 1 and c || d and e", "(and (not-between a (+ b 1) (|| c d)) e)");
    check("a like 'x' || '%' or b", "(or (like a (|| \"x\" \"%\")) b)");
}

#[test]
fn words_of_the_language_are_names_in_expressions() {
    check("over + tail.key > \"case\"", "(> (+ over tail.key) case)");
    check("(let = 1)", "(= let 1)");
}

#[test]
fn a_node_ends_where_its_last_token_ends() {
    let text = "group_by g {\n  n = count()   # note\n  where (a)\n}";
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", text);
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(problems.is_empty(), "{problems:?}");
    let [Definition::GroupBy(group_by)] = ast.definitions.as_slice() else { panic!("one group by") };
    // Before any `over`, a `where` on the next line still belongs to the feature.
    let filter = group_by.features[0].filter.as_ref().unwrap().span;
    assert_eq!(&text[filter.start as usize..filter.end as usize], "(a)");
}

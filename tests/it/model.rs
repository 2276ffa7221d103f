//! Ast → Model: names, types, checks. Every case under `tests/cases/diagnostics` from E02 on gives exactly
//! the problems its first line (or the first line of each of its files) promises, at those places.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read their own cases")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use windrow::diag::{Code, Diagnostics, FileId, SourceMap, pages, render};
use windrow::syntax::Ast;
use windrow::{model, syntax};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/diagnostics")
}

/// The codes of the model; those before are of files and syntax, those behind of targets and running.
/// From 90 on, a range holds what the command line asks for.
fn is_of_model(code: &str) -> bool {
    let in_range = |range: &&str| code.starts_with(*range) && code[range.len()..] < *"90";
    ["E02", "E03", "E04", "E05", "E06", "E07", "W0"].iter().any(in_range)
}

fn code_of(case: &Path) -> String {
    let name = case.file_name().expect("a case has a name").to_string_lossy();
    name.chars().take(5).collect()
}

fn model_cases() -> Vec<PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| is_of_model(&code_of(case)));
    cases.sort();
    assert!(cases.len() > 50, "the cases have gone");
    cases
}

/// The files of a case: itself, or all in its folder.
fn load(case: &Path) -> SourceMap {
    let mut files = vec![case.to_owned()];
    if case.is_dir() {
        files = std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
    }
    let mut sources = SourceMap::default();
    for file in files {
        if !is_schema(&file) {
            let text = std::fs::read_to_string(&file).unwrap();
            sources.add(file.file_name().expect("a file has a name"), text);
        }
    }
    sources
}

fn is_schema(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "avsc")
}

/// The schema files of a case, as `check` reads them.
fn beside(case: &Path, asts: &[Ast]) -> model::Beside {
    let mut beside = model::Beside::default();
    for (span, written) in model::schema_files(asts) {
        let text = std::fs::read_to_string(case.join(written)).map_err(|error| error.to_string());
        beside.schemas.insert((span.file, written.to_owned()), text);
    }
    beside
}

/// Everything `check` would say: of definitions, the project and the topology.
fn diagnose(case: &Path) -> (SourceMap, model::Model, Diagnostics) {
    let sources = load(case);
    let (model, problems) = diagnose_in(case, &sources);
    (sources, model, problems)
}

fn diagnose_in(case: &Path, sources: &SourceMap) -> (model::Model, Diagnostics) {
    let (mut asts, mut project, mut topology) = (Vec::new(), None, None);
    let mut problems = Diagnostics::default();
    for file in sources.ids() {
        match sources.path(file).to_str() {
            Some("windrow.yaml") => {
                let (parsed, found) = syntax::parse_project(sources, file);
                project = Some(parsed);
                problems.extend(found);
            }
            Some("topology.yaml") => {
                let (parsed, found) = syntax::parse_topology(sources, file);
                topology = Some(parsed);
                problems.extend(found);
            }
            _ => {
                let (ast, found) = syntax::parse(sources, file);
                asts.push(ast);
                problems.extend(found);
            }
        }
    }
    // What a topology says is read and checked in one go; everything else goes on only with sound texts.
    let of_syntax: Vec<_> = problems.iter().filter(|problem| !is_of_model(problem.code.as_str())).collect();
    assert!(of_syntax.is_empty(), "syntax: {}", render::text(&problems, sources, false));
    let (model, found) = model::resolve_beside(&asts, project.as_ref(), &beside(case, &asts));
    problems.extend(found);
    if let Some(text) = topology {
        let (topology, found) = model::resolve_topology(&text);
        let sound = !found.has_errors();
        problems.extend(found);
        if sound {
            problems.extend(model::check_groups(asts.iter(), &topology));
        }
    }
    (model, problems.sorted())
}

/// `file CODE line:column` of each problem.
fn found(problems: &Diagnostics, sources: &SourceMap) -> Vec<String> {
    let mut found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let span = problem.span.expect("all problems of these cases have a place");
            let at = sources.position(span.file, span.start);
            format!("{} {} {}:{}", sources.path(span.file).display(), problem.code, at.line, at.column)
        })
        .collect();
    found.sort();
    found
}

fn expected(sources: &SourceMap) -> Vec<String> {
    let of = |file: FileId| {
        let first = sources.text(file).lines().next().unwrap_or_default();
        let promises = first.strip_prefix("# expect: ").expect("the first line promises the problems");
        let promises = promises.split(", ").filter(|promise| *promise != "nothing");
        promises.map(move |promise| format!("{} {promise}", sources.path(file).display())).collect::<Vec<_>>()
    };
    let mut expected: Vec<_> = sources.ids().flat_map(of).collect();
    expected.sort();
    expected
}

#[test]
fn every_case_gives_its_problems_at_their_places_and_no_others() {
    let mut wrong = Vec::new();
    for case in model_cases() {
        let (sources, _, problems) = diagnose(&case);
        let (found, expected) = (found(&problems, &sources), expected(&sources));
        if found != expected || !expected.iter().any(|promise| promise.contains(&code_of(&case))) {
            let shown = render::text(&problems, &sources, false);
            wrong.push(format!("{}\nexpected {expected:#?}\nfound {found:#?}\n{shown}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_of_the_model_has_a_case() {
    let shown: BTreeSet<_> = model_cases().iter().map(|case| code_of(case)).collect();
    let all: BTreeSet<_> =
        pages().iter().map(|page| page.code.to_string()).filter(|code| is_of_model(code)).collect();
    // What a test's event lacks is seen when the test is run: tests/it/testing.rs shows it. What takes a large
    // file is shown by tests/it/syntax/hostile.rs.
    // What is said of an image is said when bundles are written: tests/it/flink/bundles.rs shows it.
    let seen_later = BTreeSet::from(["E0636", "E0228", "E0640", "W0850"].map(str::to_owned));
    // An edit of a topology that runs, or its clusters, are seen by tests/it/executor/topology.rs.
    let seen_live = "E0707"..="E0713";
    let missing: Vec<_> = all
        .difference(&shown)
        .filter(|code| !seen_later.contains(*code) && !seen_live.contains(&code.as_str()))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn every_problem_says_what_to_do_next() {
    for case in model_cases() {
        let (_, _, problems) = diagnose(&case);
        for problem in problems.iter() {
            assert!(problem.hint.is_some(), "{} {}: no hint", case.display(), problem.code);
            let first = problem.message.chars().next().expect("a message");
            assert!(first == '`' || first.is_lowercase(), "{}: {}", problem.code, problem.message);
        }
    }
}

#[test]
fn a_broken_definition_is_left_out_and_what_needs_it_too() {
    let case = cases().join("E0203_quiet_in_a_deployment");
    let (_, model, _) = diagnose(&case);
    assert_eq!((model.sources.len(), model.group_bys.len(), model.deployments.len()), (1, 0, 0));
}

#[test]
fn whatever_was_read_of_a_broken_text_resolves_without_a_panic() {
    let mut read = 0;
    for folder in ["diagnostics", "syntax"] {
        let cases = std::fs::read_dir(cases().with_file_name(folder)).unwrap();
        for case in cases.map(|entry| entry.unwrap().path()).filter(|case| case.is_file()) {
            let Ok(text) = std::fs::read_to_string(&case) else { continue };
            let mut sources = SourceMap::default();
            let file = sources.add(case.file_name().expect("a file has a name"), text);
            let (ast, _) = syntax::parse(&sources, file);
            let (_, problems) = model::resolve(&[ast], None);
            assert!(problems.iter().all(|problem| problem.span.is_some()), "{}", case.display());
            read += 1;
        }
    }
    assert!(read > 50, "only {read} cases");
}

#[track_caller]
fn resolved(text: &str) -> model::Model {
    let mut sources = SourceMap::default();
    let file = sources.add("a.wr", text);
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
    let (model, problems) = model::resolve(&[ast], None);
    assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
    model
}

const PURCHASES: &str = "
source purchases {
  topic shop.purchases in ingest
  schema {
    purchase_id string
    user_id string
    referrer string?
    amount decimal(12,2)
    items int from \"n-items\"
    ts timestamp_ms
  }
  event_time ts
  event_id purchase_id
  disorder 10s
}
group_by spend {
  from purchases
  let half = net / 2
  let net = amount - 0.5
  where items > 0 and referrer is not null
  key user_id
  total = sum(net) over 1h
  month = sum(net) over 30d tail hop
  orders = count() where half > 1 over 90s
  publish features.spend to serving
}
";

#[test]
fn types_and_defaults_are_explicit_in_the_model() {
    let expected = "\
source purchases
  topic shop.purchases in ingest
  field purchase_id string as String
  field user_id string as String
  field referrer string? as String
  field amount decimal(12,2) as Decimal
  field items int from \"n-items\" as Int
  field ts timestamp as Stamp(Millis)
  event_time ts
  event_id purchase_id
  disorder 10s, ahead 10s, retention 7d

group_by spend
  from purchases
  let net decimal(13,2) = amount - 0.5
  let half decimal(33,22)? = net / cast(2 as decimal(19,0))
  where items > 0 and referrer is not null
  key user_id
  total_1h decimal(38,2)? = sum(net) over 1h tail exact refresh 1m
  month_30d decimal(38,2)? = sum(net) over 30d tail hop 1d refresh 12h
  orders_90s int = count() where half > 1 over 90s tail exact refresh 1500ms
  publish features.spend to serving as latest
";
    assert_eq!(model::text(&resolved(PURCHASES)), expected);
}

#[test]
fn derived_columns_are_computed_in_order_and_shown_as_declared() {
    let join = "
join checkout {
  left purchases
  features spend on user_id
  features spend on referrer = user_id as friend
  twice = once * 2
  once = friend.orders_90s + spend.orders_90s
  share = spend.total_1h / friend.month_30d
  publish features.checkout to serving
}
";
    let model = resolved(&format!("{PURCHASES}{join}"));
    let checkout = &model.joins[0];
    let names: Vec<_> = checkout.derived.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, &checkout.derived_order), (vec!["once", "twice", "share"], &vec![1, 0, 2]));
    let text = model::text(&model);
    let expected = "\
join checkout
  left purchases
  features spend on user_id = user_id as spend
  features spend on referrer = user_id as friend
  twice int? = once * 2
  once int? = friend.orders_90s + spend.orders_90s
  share decimal(38,6)? = spend.total_1h / friend.month_30d
  hold_for 5m, left_late 1h
  publish features.checkout to serving as events
";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_count_is_nullable_in_a_join_only_behind_a_key_that_may_be_null() {
    let join = "
join j {
  left purchases
  features spend on user_id
  features spend on referrer = user_id as friend
  a = case when true then spend.orders_90s else 0 end
  b = case when true then friend.orders_90s else 0 end
}
";
    let model = resolved(&format!("{PURCHASES}{join}"));
    let nullable: Vec<_> = model.joins[0].derived.iter().map(|column| column.expr.nullable).collect();
    assert_eq!(nullable, [false, true]);
}

#[test]
fn every_page_explains_at_length() {
    for page in pages().iter().filter(|page| is_of_model(page.code.as_str())) {
        assert!(page.text.len() > 40 && Code::page(page.code.as_str()).is_some(), "{}", page.code);
    }
}

/// Streams, lets and constants, each made of the one before it.
fn chain(length: usize) -> String {
    let link = |at: usize, first: &str, name: &str| {
        if at == 0 { first.to_owned() } else { format!("{name}{}", at - 1) }
    };
    let mut text = PURCHASES.split("group_by").next().unwrap().to_owned();
    for at in 0..length {
        text += &format!("stream s{at} {{ from {}  where items > c{at} }}\n", link(at, "purchases", "s"));
    }
    text += &format!("group_by deep {{\n  from s{}\n  key user_id\n", length - 1);
    for at in 0..length {
        text += &format!("  let l{at} = {} + 1\n", link(at, "items", "l"));
    }
    text += &format!("  total = sum(l{}) over 1h\n}}\nconstants {{\n", length - 1);
    for at in 0..length {
        text += &format!("  c{at} = {} + 1\n", link(at, "1", "c"));
    }
    text + "}\n"
}

#[test]
fn a_thousand_definitions_that_need_each_other_resolve_on_a_small_stack() {
    let resolve = || resolved(&chain(1000));
    let model = std::thread::Builder::new().stack_size(1 << 20).spawn(resolve).unwrap().join().unwrap();
    assert_eq!((model.streams.len(), model.group_bys[0].lets.len()), (1000, 1000));
    let reads = model.streams.iter().enumerate();
    assert!(reads.skip(1).all(|(at, stream)| stream.name == format!("s{at}")), "not in order of use");
}

#[test]
fn lookups_stand_between_the_input_and_the_lets() {
    let text = "
table rates { topic ref.rates in ingest  key currency  schema { currency string  rate decimal(8,4)  name string } }
group_by converted {
  from purchases
  lookup rates on referrer = currency { rate, name } as r
  let usd = amount * rate
  where r.name is not null
  key name
  spend = sum(usd) over 1h
  latest = last_k(user_id, 3) over 1h
  kinds = count() by referrer over 1h
}
";
    let model = resolved(&format!("{PURCHASES}{text}"));
    let shown = model::text(&model);
    let expected = "\
group_by converted
  from purchases
  lookup rates on referrer = currency { rate, name } as r
  let usd decimal(21,6)? = amount * rate
  where name is not null
  key name
  spend_1h decimal(38,6)? = sum(usd) over 1h tail exact refresh 1m
  latest_1h list<string>? = last_k(user_id, 3) over 1h tail exact refresh 1m
  kinds_1h map<string, int>? = count() by referrer over 1h tail exact refresh 1m
  publish nothing";
    assert!(shown.contains(expected), "{shown}");
    assert_eq!(model.group_bys[1].keys, [7], "six fields, then rate and name, then the let");
}

//! The grammar's rules in the words of a reader.

use crate::syntax::dsl::Rule;
use crate::syntax::words::Kind;

/// The words for one rule; `None` for those that are never what is missing.
pub(super) fn phrase(rule: Rule, kind: Option<Kind>) -> Option<&'static str> {
    clause(rule, kind).or_else(|| word(rule)).or_else(|| sign(rule)).or_else(|| step(rule))
}

/// Whole clauses and what stands in them.
fn clause(rule: Rule, kind: Option<Kind>) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI if kind.is_some() => "a clause",
        Rule::EOI => "the end of the text",
        Rule::source_clause
        | Rule::table_clause
        | Rule::stream_clause
        | Rule::group_by_clause
        | Rule::join_clause
        | Rule::constants_clause => "a clause",
        Rule::test_clause => "a step",
        Rule::symbol | Rule::kw_and | Rule::kw_or => "an operator",
        Rule::expr
        | Rule::prefix
        | Rule::paren
        | Rule::case
        | Rule::cast
        | Rule::cast_word
        | Rule::literal
        | Rule::instant_of
        | Rule::instant_word
        | Rule::call
        | Rule::path
        | Rule::string
        | Rule::number
        | Rule::value => "a value",
        Rule::name
        | Rule::label
        | Rule::labels
        | Rule::names
        | Rule::mapping
        | Rule::mappings
        | Rule::topic_in => "a name",
        Rule::aggregate => "an aggregate like `sum(amount)`",
        Rule::part_of => "a group by and its keys, like `user_spend on user_id`",
        Rule::lookup_of => "a table, its keys and columns, like `fx_rates on currency { rate }`",
        Rule::select_item | Rule::query_item | Rule::query_aggregate | Rule::star => "a column",
        Rule::publish_to => "a topic and a group, like `features.user_spend to serving`",
        Rule::type_word
        | Rule::type_name
        | Rule::field_type
        | Rule::plain_type
        | Rule::list_type
        | Rule::map_type
        | Rule::struct_type
        | Rule::element
        | Rule::kw_list
        | Rule::kw_map
        | Rule::kw_struct => "a type like `string` or `decimal(12,2)`",
        Rule::type_argument => "a number",
        Rule::field => "a field",
        Rule::quoted => "a text in double quotes",
        Rule::duration => "a duration like `1h`",
        Rule::mode => "`latest` or `events`",
        Rule::waits => "`complete` or `fresh`",
        Rule::filter | Rule::kw_where if kind.is_none() => "`where`",
        _ => return None,
    })
}

fn word(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::exact => "`exact`",
        Rule::chronon => "`chronon`",
        Rule::hop | Rule::kw_hop => "`hop`",
        Rule::kw_on => "`on`",
        Rule::alias | Rule::kw_as => "`as`",
        Rule::kw_to => "`to`",
        Rule::kw_in | Rule::in_list => "`in`",
        Rule::kw_is | Rule::is_null | Rule::is_bool | Rule::distinct => "`is`",
        Rule::bool => "`true` or `false`",
        Rule::kw_distinct => "`distinct`",
        Rule::like | Rule::kw_like => "`like`",
        Rule::between | Rule::kw_between => "`between`",
        Rule::kw_not => "`not`",
        Rule::kw_null => "`null`",
        Rule::kw_case => "`case`",
        Rule::arm | Rule::kw_when => "`when`",
        Rule::kw_then => "`then`",
        Rule::otherwise | Rule::kw_else => "`else`",
        Rule::kw_end => "`end`",
        Rule::by | Rule::kw_by => "`by`",
        Rule::windows | Rule::kw_over => "`over`",
        Rule::tail | Rule::kw_tail => "`tail`",
        Rule::default | Rule::kw_default => "`default`",
        Rule::until | Rule::kw_until => "`until`",
        Rule::every | Rule::kw_every => "`every`",
        Rule::kw_from => "`from`",
        Rule::kw_select => "`select`",
        Rule::query_group | Rule::kw_group => "`group by`",
        Rule::query_order | Rule::kw_order => "`order by`",
        Rule::query_limit | Rule::kw_limit => "`limit`",
        Rule::returns | Rule::kw_returns => "`returns`, like `returns { score double? }`",
        _ => return None,
    })
}

fn sign(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::assign => "`=`",
        Rule::open => "`(`",
        Rule::close => "`)`",
        Rule::open_brace | Rule::fields => "`{`",
        Rule::close_brace => "`}`",
        Rule::open_bracket | Rule::index => "`[`",
        Rule::close_bracket => "`]`",
        Rule::open_angle => "`<`",
        Rule::close_angle => "`>`",
        Rule::comma => "`,`",
        Rule::colon => "`:`",
        Rule::dot | Rule::member => "`.`",
        _ => return None,
    })
}

/// What stands in a test.
fn step(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::at | Rule::kw_at => "`at`",
        Rule::arrives | Rule::kw_arrives => "`arrives`",
        Rule::instant => "a time like `'10:00'`",
        Rule::row => "a row like `{ user_id: 'u1' }`",
        Rule::cell => "a column and its value",
        Rule::entry => "a key and its value",
        Rule::kw_events => "`events`",
        Rule::kw_row => "`row`",
        Rule::kw_letter => "`letter`",
        Rule::lines => "a definition in double quotes",
        Rule::expect_error
        | Rule::expect_letter
        | Rule::expect_no_row
        | Rule::expect_count
        | Rule::expect_row
        | Rule::kw_error
        | Rule::kw_dead
        | Rule::kw_no => "a row, `no row`, `dead letter`, `error`, a counter",
        _ => return None,
    })
}

//! The registry of codes: by stage range, never reused, each with a page that `windrow explain` prints.
//!
//! E00xx files and bytes, E01xx syntax, E02xx names, E03xx types and expressions, E04xx aggregates and
//! windows, E05xx joins, E06xx publishing, projects and deployments, E07xx topology, E08xx targets,
//! E09xx running. W… are warnings.

use super::Page;

macro_rules! codes {
    ($($name:ident $title:literal $text:literal)*) => {
        /// A stable name for one kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $name),* }

        impl Code {
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }

        /// Every page, in the order of the registry.
        #[must_use]
        pub const fn pages() -> &'static [Page] {
            &[$(Page { code: Code::$name, title: $title, text: $text }),*]
        }
    };
}

codes! {
    E0001 "the file is not UTF-8"
        "Definitions are UTF-8 text. Re-save the file as UTF-8; the position is that of the first byte that is not."
    E0002 "the file is empty"
        "A definition file must define something. Delete the file, or write a `source`, `group_by`, `join` or another definition into it."
    E0003 "the file is too large"
        "A definition file may have 16 MB, and 400000 words and signs, comments aside. Split it: all files below a project form one namespace."
    E0004 "the text is nested too deeply"
        "Blocks, brackets and expressions may be nested 64 deep. Give a part of the expression a name with `let`."
    E0005 "nothing to read"
        "The path does not exist, cannot be read, or holds no definition files (`*.wr`, `*.yaml`)."
    E0006 "the output cannot be written"
        "A file or the standard output could not be written; the message has the system's reason. Nothing was left half-written: a file appears by rename. Check the folder, its permissions and the space on the disk."

    // From E0090: turning one text into another, on the command line.
    E0090 "not a file to convert"
        "`windrow convert` takes YAML definition files (`*.yaml`, `*.yml`) and writes the DSL. A DSL file needs no \
         converting; `windrow fmt` lays it out. `windrow.yaml` and topologies are always YAML."
    E0091 "the formatter made a mistake"
        "What would have been written does not mean what the file means, so the file was left as it is. This is a \
         mistake of windrow, not of the file: please report it with the file."
    E0092 "the output exists already"
        "`windrow convert --in-place` writes the DSL beside the YAML file, under the same name with `.wr`. That file \
         exists already: remove it, or name another one with `--out`."
    E0093 "a text that the DSL cannot hold"
        "Texts of the DSL stand on one line. A `doc` of several lines is possible in YAML alone: join its lines before \
         `windrow convert`."

    // E01xx: syntax
    E0101 "text outside of a definition"
        "Between definitions only comments (`# …`) and blank lines may stand. A definition is `source NAME { … }`, \
         and so on with `table`, `stream`, `group_by` and `join`, or `constants { … }`, or `test NAME \"title\" { … }`; often a `{` is missing or a `}` too many before this place."
    E0102 "unknown kind of definition"
        "A definition begins with `source`, `table`, `stream`, `group_by`, `join`, `constants` or `test`; in YAML these \
         are the keys at the top level. Correct the word."
    E0103 "not available yet"
        "The construct belongs to windrow's language but not to this version. Remove it, or express it with what is there."
    E0104 "a bracket is not closed, or closes nothing"
        "Each `{`, `(` and `[` needs its `}`, `)` or `]` inside the same definition. The position is that of the bracket that has no partner. Example: `spend = sum(usd over 1h` misses the `)` after `usd`."
    E0105 "a text is not closed on its line"
        "Texts ('…') and quoted names (\"…\") end on the line they begin on, but for the definition behind `expect error CODE in`. A quote inside is written twice: 'it''s'. Add the closing quote."
    E0106 "unknown clause"
        "The word begins no clause of this definition. A source has topic, format, schema, event_time, event_id, disorder, ahead, retention, history; a table these and key; a stream from, union, where, let, select, call; a group_by from, lookup, where, let, key, refresh, ttl, unbounded, publish and features (`NAME = sum(x) over 1h`); a join left, features, lookup, mode, hold_for, left_late, publish and derived columns (`NAME = …`); all have doc, owner, tags and deprecated. Constants are `NAME = …`; a test has date, event, row, deleted, no events, clock, expect."
    E0107 "something else was expected here"
        "The text before this place is understood, this is not: the message says what could have followed and what \
         was found. `grammar/README.md` shows each clause with an example."
    E0108 "not how SQL writes it"
        "Expressions are SQL: `=` and not `==`, `<>` and not `!=`, `and`, `or`, `not` and not `&&`, `|`, `!`. `||` \
         joins texts. Comments begin with `#`. Example: `where status = 'settled' and amount <> 0`."
    E0109 "not a name"
        "A name is an ASCII letter or `_`, then letters, digits and `_`, at most 128 bytes. Words of SQL expressions \
         (and, case, in, …) are names only in double quotes: \"case\"."
    E0110 "a clause is given twice"
        "This clause may stand once in a definition. Keep one; several conditions are joined with `and`."
    E0111 "not a duration"
        "A duration is a whole number and a unit, without a blank: 500ms, 10s, 5m, 1h, 7d. Write 90m for an hour and \
         a half."
    E0112 "not a number"
        "Numbers are written 42 (int), 0.5 (decimal) or 1.5e-3 (double), without `_`, and with digits on both sides \
         of a point."
    E0113 "comparisons do not chain"
        "`a < b < c` has no meaning in SQL: write `a < b and b < c`, or `b between a and c`. If `||` was meant as \
         `or`: it joins texts, write `or`."
    E0114 "a text in double quotes"
        "Double quotes hold names, single quotes hold texts: write 'card declined', and 'it''s' for a quote inside."
    E0115 "an aggregate's suffixes are out of order"
        "After an aggregate come, in this order, `where`, `by`, `over`, `tail` and `default`: \
         `big = count() where usd > 500 by currency over 30d tail hop default 0`. \
         A `where` that filters the whole group by begins a line of its own."
    E0116 "a type of the wrong shape"
        "A list has one type inside, a map two, a struct its fields: `list<string?>`, `map<string, int?>`, \
         `struct{street string, zip string?}`. A `?` inside lets elements and values be null; keys never are."
    E0120 "not YAML"
        "The file cannot be read as YAML; the position is where the reader stopped. Look at the indentation, at tabs, \
         and at quotes and brackets that are not closed. A text with `: ` or ` #` inside needs quotes."
    E0121 "the wrong kind of YAML value"
        "A map, a list or a text stands where another of them is expected. Example: `features:` of a group_by is a map \
         of names and aggregates, of a join a list of `g on k`."
    E0122 "a YAML key is given twice"
        "YAML would keep only one of the two values. Rename or remove one."
    E0123 "anchors, aliases and tags are not used"
        "Definitions are plain YAML: no `&anchor`, `*alias`, `<<` or `!tag`. Write the value out. A text that begins \
         with `*`, `&` or `!` needs quotes."
    E0124 "several YAML documents in one file"
        "A file holds one document: `---` may only stand at its beginning. Move the rest to a file of its own; all \
         files of a project form one namespace."
    E0125 "unknown key"
        "The key means nothing here. Correct it, or remove it: keys are never ignored, so that a slip cannot switch \
         a setting off."
    E0126 "a value is missing"
        "The key has no value (or `null`). Write the value behind the colon, or remove the key."
    E0127 "a value that YAML reads in several ways"
        "Some versions of YAML read `no` as false, `1_000` as a thousand and `.nan` as a number; here each is a text. In the \
         rows of a test, where texts and numbers stand side by side, say which is meant: 'no' in quotes, or `false`; `1000`."
    E0128 "a step of a test without its word"
        "Each step is a map with one of the keys `event`, `row`, `deleted`, `no_events`, `clock` and `expect`; what is \
         expected has one of `row`, `no_row`, `dead_letter`, `counter` and `error`. Example: \
         `{expect: {at: '11:00', row: {user_id: u1, spend_1h: 5.00}}}`."
    E0129 "an unknown requirement"
        "`require:` in windrow.yaml lists what every source, table, stream, group by and join of the project has to say of \
         itself: `doc`, `owner`, or both. Example: `require: [doc, owner]`."
    // (end of E01xx)

    // E02xx: names
    E0201 "unknown source or stream"
        "`from`, `left` and `union` name a `source` or `stream` of the project. Check the spelling, or define it; all files below the project's folder form one namespace."
    E0202 "unknown group by"
        "`features NAME on …` in a join names a `group_by` of the project. Check the spelling, or define it."
    E0203 "unknown column"
        "An expression, key or mapping names a column that is not there. A group by sees its input's columns, what it looks up (by bare name, or as `table.column`) and its own `let`s; a join sees the left columns by bare name, `<group_by or alias>.<column>`, where a feature's column is `<feature>_<window>`, `<table or alias>.<column>`, and its derived columns. Constants are seen everywhere."
    E0204 "unknown function"
        "The function is not in the catalog, which `windrow functions` lists. Names are not case-sensitive."
    E0205 "unknown type"
        "Types are string, int, double, bool, bytes, date, decimal(p,s), timestamp, timestamp_s, timestamp_ms, timestamp_us, timestamp_ns, list<T>, map<K, V> and struct{…}; `?` after a type lets it be null."
    E0206 "unknown field"
        "`event_time`, `event_id` and a table's `key` name fields of the definition's own schema."
    E0207 "one name, two definitions"
        "Names are unique across the project, whatever their case: topics, tables and metrics are named after definitions, and not every target tells cases apart. Rename one."
    E0208 "one name, two columns"
        "The columns of a row have different names: fields, `let`s, keys, `<feature>_<window>`, `<alias>_<column>`. Rename one; in a join give the part another alias with `as`."
    E0209 "a clause is missing"
        "A source needs topic, schema and event_time; a table topic, schema and key; a stream from or union; a group by from, key and a feature; a join left, a `features` or `lookup`, and, for each of these, `on`."
    E0210 "unknown format"
        "Records are read as `format json`, or as `format avro \"schema.avsc\"`."
    E0211 "unknown owner"
        "`windrow.yaml` lists the project's owners; a definition's owner is one of them."
    E0212 "too many columns"
        "A definition may have 2000 columns: fields, `let`s, looked-up columns, features times windows, derived columns. Split it; a join brings several group bys together."
    E0216 "a column without a name"
        "In a `select`, a bare column keeps its name; everything else is given one: `select user_id, amount * rate as usd`."
    E0217 "a stream without event time or event id"
        "A stream inherits event time and event id from what it reads, so they must be among its columns, as they are. `ts as at` renames them; what is computed (`ts + 1`) is another value."
    E0218 "a union of different shapes"
        "The rows of a union have one shape: columns of the same names and types in one order, the same event time and event id. Give each input that shape in a stream of its own:\n\n    stream web { from web_orders  select order_id, user_id, total as amount, ts }\n    stream orders { union web, shop_orders }"
    E0219 "not a union"
        "A union names two or more different sources or streams, none of them a union itself, and has no other clauses. What filters or selects stands in the streams that it unites, or in one that reads it:\n\n    stream orders { union web_orders, shop_orders }\n    stream paid { from orders  where status = 'paid' }"
    E0221 "not the Avro schema"
        "The schema file cannot be read, is no Avro schema of a record, or has other types than the fields that are declared. Each declared field is there under its name (or `from` name); `?` stands for a union with null. string is string or enum, int is int or long, double is float or double, bytes is bytes or fixed, decimal(p,s) is bytes or fixed with that scale, timestamp_ms is long with timestamp-millis, date is int with date, list is array, struct is record."
    E0222 "not a history"
        "`history \"purchases/*.parquet\" until '2024-05-01'` names parquet, jsonl or csv files, and the instant (ISO 8601) from which on events are the topic's."
    E0223 "a type that is no key of a map"
        "Keys of maps are written as texts, and equal keys have one text: string, int, bool, date, decimal or timestamp."
    E0224 "not a call"
        "`call \"module:function\" (a, b) returns { score double? } timeout 200ms concurrency 16 retry 2`: a function of a module, columns as arguments, the columns it adds, and whole numbers."
    E0225 "streams in a circle"
        "A stream reads what is made of itself. The message shows the whole way round; cut it at one place: one of these streams reads a source."
    E0226 "a name for two things"
        "A bare name stands for a column that several have (the input, a looked-up table), or for a column and a constant. Write it in full, as `table.column` or `source.column`; or rename the constant."
    E0227 "names that targets cannot tell apart"
        "Classes, files, topics and metrics are named after definitions, some without `_` and some without cases: `user_spend` and `userspend` would become one. Rename one of them."

    E0213 "an undocumented definition"
        "The project demands documentation of every source, table, stream, group by and join: `require: [doc]` in \
         windrow.yaml. Say in a sentence what it is, for those who find it: `doc \"what a user spent\"`."
    E0214 "a definition without an owner"
        "The project demands an owner of every source, table, stream, group by and join: `require: [owner]` in windrow.yaml. \
         Name who answers for it: `owner payments-team`."

    // From E0290: names on the command line.
    E0290 "no such definition or code"
        "`windrow explain` takes the name of a source, group by or join of the project, or a code such as E0002. Names are as in the definition files; `windrow check` shows whether the project itself is sound.\n\nExample: `windrow explain user_spend features`."
    // (end of E02xx)
    // E03xx: types and expressions
    E0301 "wrong type"
        "An operator or function got a type it does not take. Only int → decimal → double widens by itself; write anything else as `cast(x as type)`, or `try_cast` for a string."
    E0302 "wrong number of arguments"
        "The function takes another number of arguments; `windrow functions NAME` shows its form and examples. In a signature, `[, x]` may be left out and `x, …` is one or more."
    E0303 "a condition must be bool"
        "`where`, `case when`, `and`, `or` and `not` take true, false or null. Compare: `amount > 0` instead of `amount`."
    E0304 "a number too large"
        "An int has 64 bits, a decimal 38 digits, a double ends near 1.8e308. Write the number in another type: `1e20` is a double, `1.5` a decimal."
    E0305 "a cast that does not exist"
        "See the table of casts in the language reference. A double has no text that all engines share: cast it to a decimal first."
    E0306 "a cast that could fail"
        "Reading a string may fail at run time, which would stop a stream. Write `try_cast(x as type)`: what cannot be read is null."
    E0307 "the type of null is not known"
        "`null` takes its type from its neighbours. Where there are none write `cast(null as type)`."
    E0308 "an aggregate where a scalar belongs"
        "Aggregates stand alone at a feature: `spend = sum(amount) over 1h`. A `let` or `where` works on one event. To calculate with aggregates, derive a column in a join: `share = spend.spend_1h / spend.spend_7d`."
    E0309 "the parameters of a type"
        "`decimal(precision, scale)`: 1 to 38 digits in all, and at most that many after the point, as in decimal(12,2). Other types take no parameters."
    E0310 "event time must be a timestamp"
        "Declare the field as timestamp_ms (or timestamp_s, _us, _ns, or timestamp for ISO 8601 text)."
    E0311 "event time and event id are never null"
        "An event without its time or its id has no place in any window. Remove the `?`: such records become dead letters."
    E0312 "definitions in a circle"
        "A let, derived column or constant is computed from others that are computed from it. The message shows the whole way round; cut it at one place."
    E0313 "not an event id"
        "Two doubles that print alike may differ in their bits, and lists, maps and structs name nothing, so they do not identify an event. Use string or int."
    E0315 "an argument must be a literal"
        "Patterns, JSON paths, time zones, units, formats and numbers of digits are checked and prepared once, before any row is read. Write the value itself, not a column or a calculation."
    E0316 "a literal that the function cannot use"
        "The function read the pattern, JSON path, time zone, unit, format or number and could not use it; the message says why. `windrow functions NAME` shows the function with examples."
    E0317 "no such time or date"
        "After `timestamp` stands ISO 8601 text (`timestamp '2024-05-01T12:00:00Z'`; without a zone it is UTC), after `date` a day of the calendar (`date '2024-05-01'`)."
    E0318 "no such field in a struct"
        "The struct was declared without a field of that name. Fields are read as `column.field`, and fields of structs in them as `column.field.sub`."
    E0319 "no parts to take"
        "`x.field` takes a field of a struct, `x[1]` an element of a list (from 1), `x['key']` the value of a map's key. The value before the point or bracket is of another type."
    E0320 "no as-of time here"
        "`as_of()` and `time_since(…)` speak of the instant for which a row holds. A join's row has one, the time of its left event; an event of a group by has not: its value holds for all later instants. Compute the difference in a derived column of a join, or take two times of the event itself: `timestamp_diff(a, b, 's')`."
    // (end of E03xx)

    // E04xx: aggregates and windows
    E0401 "unknown aggregate"
        "Aggregates are count, sum, avg, min, max and last."
    E0402 "a scalar where an aggregate belongs"
        "A feature is an aggregate over windows: `name = sum(expression) over 1h`. Put a scalar expression into `let name = …`."
    E0403 "a type that cannot be a key"
        "Keys are string, int, bool or timestamp. Doubles and decimals have several spellings of one value."
    E0404 "no window"
        "A feature without `over` covers a key's whole life, so its state is never let go. Say for how long it is meant to be: `ttl 90d` in the group by drops a key that has had no events for so long, `unbounded` keeps all keys. Or write a window: `orders = count() over 7d`."
    E0405 "a length of 0"
        "Windows, `ttl`, `refresh`, `every`, `timeout` and `retention` are longer than nothing: `over 1h`."
    E0406 "a length of time too long"
        "Lengths of time end at 36500d, so that they can be added to event times."
    E0407 "one window twice"
        "The windows of a feature have different lengths. `24h` and `1d` are one length in two spellings: its column would be there twice."
    E0408 "a window longer than the retention"
        "An exact tail keeps every event of the window, and Kafka no longer has those beyond the retention to rebuild it from. Write `tail hop` (the start is rounded down, a few tiles are kept) or, to pay for it, `tail exact`."
    E0409 "no default hop for a short window"
        "The default hop is 5 min below 12 h, and a hop may be a twelfth of its window at most. Write `tail hop D` with a shorter one, or leave `tail` away: short windows are exact."
    E0410 "a hop too long"
        "A hop is above zero and at most a twelfth of each window of its feature."
    E0411 "an aggregate of that type"
        "sum, avg, variance, stddev and approx_percentile take numbers; the others take any value without parts. Of a list each element is aggregated, of a map each value per key."
    E0412 "the arguments of an aggregate"
        "Aggregates take one expression; count takes one (non-null values) or none (rows); first_k, last_k, top_k and bottom_k also a length, top_k and bottom_k maybe an ordering, approx_percentile a fraction."
    E0413 "ttl and unbounded"
        "`ttl 90d` drops the lifetime columns of a key that has had no events for so long, `unbounded` keeps them forever. Write one of them."
    E0414 "a tail without a window"
        "`tail` says how the old end of a window moves. A feature without `over` covers a key's whole life and has no such end."
    E0415 "not the length of a list"
        "first_k, last_k, top_k and bottom_k give lists of at most k values; k is a whole number from 1 to 1000, written as a literal or a constant: `last_k(merchant, 5)`."
    E0416 "not a percentile"
        "The second argument of approx_percentile is a fraction from 0 to 1, written as a literal or a constant: `approx_percentile(usd, 0.95)`."
    E0417 "not a bucket"
        "`by` makes a map: per value of the expression what the aggregate gives. Its type can be the key of a map (string, int, bool, date, decimal, timestamp). Lists are aggregated element by element and maps key by key, neither with `by`."
    E0418 "not a default of that column"
        "`default` is a value of the column's type, known before any row is: a literal or a constant. It stands where nothing was aggregated, so it is not null."
    E0419 "not an ordering"
        "The third argument of top_k and bottom_k says which values are greater: a number, a text, a time, anything without parts."
    E0420 "a refresh longer than a window"
        "`refresh` bounds how far a value that changes only because events leave its window may trail. Beyond the window's length the value would speak of events that are all gone."
    // (end of E04xx)

    // E05xx: joins
    E0501 "a key is not mapped"
        "`on` supplies every key of the group by or table: `on user_id`, or `on buyer = user_id` if the left column has another name, separated by commas."
    E0502 "not a key"
        "The right side of `on left = key` is a key of the group by or table."
    E0503 "a key of another type"
        "The left column and the key have the same type, to the letter: no widening, since keys are compared by their bytes. Cast in a `select` of a stream, or in a `let` of the group by."
    E0504 "one part, joined twice"
        "Two parts of a join, or two lookups, have one name. Give one an alias: `features NAME on … as other`."
    E0505 "an alias like a left column"
        "`alias.column` and the left column would be told apart only by position. Choose another alias."
    E0506 "a key is mapped twice"
        "Each key of the group by or table is supplied once."
    E0507 "unknown table"
        "`lookup NAME on KEY { COLUMN, … }` names a `table` of the project. Check the spelling, or define it. What comes in events is a source; the newest row per key is a table:\n\n    table users { topic ref.users in ingest  format json  key user_id  schema { user_id string  country string } }"
    E0508 "a let that is computed too late"
        "Lookups come first, then lets, which may use what was looked up. So a lookup goes by columns of the input. Compute the column in a stream, and read that:\n\n    stream priced { from purchases  select purchase_id, upper(currency) as currency, amount, ts }"
    // (end of E05xx)

    // E06xx: publishing, projects and deployments
    E0601 "two publishers of one topic"
        "Rows of two definitions in one topic and group would overwrite each other. Give each its own topic."
    E0602 "a publish mode that makes no sense"
        "A group by is published `as latest` (its newest row per key); a join `as events` (one row per left event) or `as latest` (the newest row per combination of the columns it joins on)."
    E0603 "rows without an identity"
        "`as events` keys each row by the left source's event id. Declare `event_id` in the source."
    E0604 "an empty deployment"
        "A deployment names at least one group by or join that publishes."
    E0605 "an unknown definition in a deployment"
        "A deployment names group bys and joins of the project; sources come along by themselves."
    E0606 "a loop through a topic"
        "A deployment would read the topic it publishes to. Publish to another topic."
    E0607 "one name, two deployments or environments"
        "Names of deployments, and those of environments, are unique, whatever their case."
    E0608 "an incomplete environment"
        "An environment names its topology file and its checkpoint store: `prod: {topology: topology.yaml, checkpoints: /path}`."
    E0609 "not a topic"
        "Topic names have 1 to 249 letters, digits, `.`, `_` and `-`; `.` and `..` are none."
    E0611 "rows left out of one per event"
        "`every 500ms` puts out at most one row per key in that time, the newest. `as events` promises one row per left event; none may be left out."
    // From E0690: what the command line asks of a project.
    E0690 "no such deployment"
        "The project has no deployment of that name. Deployments are listed in windrow.yaml:\n\n    deployments:\n      purchases: [user_spend, checkout]\n\nName one of them, or add one."
    E0691 "no such environment"
        "The project has no environment of that name. Environments are listed in windrow.yaml, each with a topology file and a place for checkpoints:\n\n    environments:\n      local:\n        topology: topology.yaml\n        checkpoints: .windrow/checkpoints"
    E0692 "no project"
        "Deployments and environments need a project: a folder with a windrow.yaml. Definition files alone can be checked, explained, drawn and previewed, but not run.\n\nAdd a windrow.yaml with `name`, `environments` and `deployments` to the folder above the definitions."
    // (end of E06xx)

    E0630 "a test of nothing"
        "A test is about a group by or a join of the project: `test user_spend \"a late purchase counts\" { … }`. Only a test that expects nothing but errors may go without one."
    E0631 "a test names an unknown source or table"
        "Events go to a source, rows to a table, by its name in the project. The message has the nearest name."
    E0632 "a test names an unknown field or column"
        "Events have the fields of their source's schema; expected rows have the columns that the definition puts out, `<feature>_<window>`. `windrow explain NAME` lists them. Each may be given once."
    E0633 "a test's value does not fit its column"
        "The value must be of the column's type, without losing a digit: a text for a string, a number with no more digits behind the point than the decimal has, a time for a timestamp."
    E0634 "a time in a test that is none"
        "Times are instants (`'2024-05-01T10:00:00Z'`, milliseconds) or times of the test's day (`'10:00'`), which `date` sets. Steps stand in order of arrival, and every event has an event time."
    E0635 "a source that the test does not mention"
        "Everything that feeds the tested definition is in the test, so that an input that was forgotten is no silent emptiness. Write its events, or `no events from NAME`."
    E0636 "a required field that the test leaves out"
        "The tested definition reads this field, and the schema requires it, so the event needs a value for it. Fields that are not read may be left out."
    E0637 "two tests with one title"
        "Reports name a test by its definition and its title. Say in the title what each one shows."
    E0638 "a test expects what does not exist"
        "The code of an error or the counter of the ledger that the test expects does not exist. The message has the nearest, or all there are."
    E0639 "an expected row without a key"
        "A row is found by its key: give each key column a value, and name the columns to compare."

    // E07xx: topology
    E0701 "the generation is missing"
        "`generation: 1` at the top of the topology; raise it with every change. A running deployment refuses a lower one."
    E0702 "an empty topology"
        "A topology has regions, a region has groups, a group has clusters: `regions: {west: {groups: {ingest: {west-1: \"host:9092\"}}}}`."
    E0703 "one name, two clusters"
        "Cluster names are unique in the whole topology, whatever their case: positions, lag and state are kept under them."
    E0704 "not a list of brokers"
        "Bootstrap servers are `host:port`, separated by commas; ports are 1 to 65535."
    E0705 "a group that no region has"
        "A definition reads from or publishes to a group that is in no region of the topology."
    E0720 "not a number of slots"
        "A Kubernetes cluster says how many task slots windrow's jobs may have there, and `flink: {parallelism: …}` how many one job has: whole numbers from 1 on. A job's slots are also kept free in a second region.\n\nExample:\n\n    regions:\n      west:\n        kubernetes:\n          west-a: {slots: 32, checkpoints: s3://features-west/flink}"
    E0721 "not a place for checkpoints"
        "A job's checkpoints are kept in its region's object store, in a folder per namespace and job. The place is a URL of s3, gs, abfss, hdfs or file, without credentials and queries: it stands in manifests that many can read. Give the pods an identity that may write there instead."
    E0722 "not a name that Kubernetes takes"
        "Namespaces and Secrets have names of at most 63 lower case letters, digits and `-`. A Secret is named, never written here: `flink: {clients: kafka-clients}` means a Secret `kafka-clients` in the job's namespace, with a `<cluster>.properties` for each Kafka cluster whose clients need any."
    E0723 "not the name of an image"
        "`flink: {image: …}` is the name of the image that a bundle's Dockerfile is built as, without a tag: the tag is the fingerprint of the plan, so that a manifest never runs another plan's image.\n\nExample:\n\n    flink: {image: registry.example.com/features/job}"
    // From E0790: finding the file.
    E0790 "the topology file cannot be read"
        "An environment of windrow.yaml names a topology file that does not exist or cannot be read. Paths are relative to the folder of windrow.yaml.\n\nExample: `environments: {local: {topology: topology.yaml, checkpoints: .windrow/checkpoints}}`."
    // (end of E07xx)

    // E08xx: targets
    E0801 "the target cannot do this yet"
        "A bundle gives the same values as `windrow run`, so what a target cannot do exactly is refused and nothing is written for that deployment. The target flink takes event ids of type string, int, bool and timestamp. Write the definition in another way, make a deployment without it for the target, or run the deployment with `windrow run`.\n\nExample: this id would be refused, as a string it is taken:\n\n    source orders { ... schema { order_id decimal(20,0)  ts timestamp_ms }  event_id order_id }"
    E0802 "an expression without an exact form"
        "Flink SQL computes this function or cast differently in some case, so that a bundle could publish other values than `windrow run`. The message says which and why. Often the value can be had in another way: declare the field with the type it is cast to, or cast a number from a decimal instead of a double."
    E0803 "a disorder too long for the target"
        "In Flink SQL the watermark trails the newest event by an interval of at most three digits of days. Give the source a `disorder` below 1000d."
    E0804 "a name that bundles use themselves"
        "In a bundle, columns whose names begin with `wr_` are windrow's own: `wr_ts` is the event time. Rename the field, let or feature. A field keeps its name on the wire: `user_ts timestamp_ms from \"wr_ts\"`."
    E0805 "two names, one class"
        "Each source and each group by becomes a Java class: `user_spend` is `UserSpendNode`, and so would be `userSpend`. Rename one of the two, or put them into different deployments."
    E0806 "a job without output"
        "No definition of the deployment publishes anything, so a job would compute for nobody. Add `publish TOPIC to GROUP` to a group by."
    E0807 "client properties that a target does not know"
        "The properties of a cluster in the topology are librdkafka's, and they may hold secrets. Flink's Kafka client has names of its own, and a bundle must not hold secrets, so they are not translated. Compile for an environment whose clusters need none: a bundle compiled without an environment reads files only."
    E0808 "cannot be run yet"
        "The definition is right: it is checked, planned and explained. What it uses has no operator in windrow's own engine yet, so `run`, `backfill` and `preview` refuse it instead of computing something else. Leave it out of what is run."
    E0860 "no Kubernetes cluster has room"
        "Each deployment's job gets its slots on one Kubernetes cluster, and as many are kept free in another region for the case that the first is lost. The topology's clusters have not enough for all deployments: give them more `slots`, or jobs a lower `parallelism`."
    E0861 "a deployment whose name Kubernetes cannot take"
        "A job's name in Kubernetes is its deployment's, in lower case with `-` for everything else, and at most 45 characters: Flink's operator takes no longer one. Two deployments that would get one name are refused too. Rename the deployment."
    E0862 "no such region"
        "`windrow compile --failover REGION` writes the manifests for the loss of a region that the topology has Kubernetes clusters in."
    // From E0890: folders of bundles.
    E0890 "the folder is not a bundle"
        "`windrow compile` replaces the folder of an earlier bundle, which it knows by its manifest.json. What else is in the way is left alone. Remove it, or choose another folder with `--out`."
    // (end of E08xx)

    // E09xx: running
    E0901 "the state directory is in use"
        "One process at a time may use a state directory; a lock file says which. Stop the other process, or give this one its own directory with `--state DIR`. A killed process leaves no lock behind."
    E0902 "the state belongs to something else"
        "A state directory belongs to one deployment and one plan: positions, windows and rows in it would be wrong under another. Use a directory per deployment. After a change of definitions, `windrow backfill` builds the state of the new plan in an empty directory."
    E0903 "the lease is lost"
        "Each state directory takes a numbered lease in the environment's checkpoint folder when it is created, and only the newest may run: rows of an older one would lose against the newer one's versions. Run from the newer directory, or start again with an empty one, which takes the next lease."
    E0904 "a group has no clusters"
        "A source or publish names a group that no region of the topology has. Add the group to a region, like `regions: {west: {groups: {ingest: {west-1: \"host:9092\"}}}}`, or correct the name in the definition."
    E0905 "a cluster did not answer"
        "A bounded run (`--until`) needs every cluster: without one, rows would silently lack its events. It waits for `--hold-for` (default: the joins' `hold_for`, else 5 minutes). Start the cluster, or take it out of the topology, and run the command again: it continues where it stopped."
    E0906 "rows were not delivered"
        "A bounded run ended while a region did not take its rows. They are kept in the state: run the same command again once the region answers. Other regions have theirs. It waits for as long as rows are taken, and then for `--hold-for` (default: 1 minute)."
    E0907 "a log has lost records"
        "The next record to read is no longer in the log: retention removed it before it was read, or the topic was deleted and made again. Values would silently lack these events. Build the state anew with `windrow backfill` in an empty directory; raise the topic's retention if reading was simply too slow."
    E0908 "a Kafka client could not be set up"
        "The bootstrap servers or the properties of a cluster in the topology are not what the client library accepts. Correct them there; property names are librdkafka's."
    E0909 "the state or checkpoint folder cannot be used"
        "A file could not be read or written, or holds what this program did not write. Look at the path and the system's reason: permissions, a full disk, a missing mount. A damaged state is rebuilt with `windrow backfill` in an empty directory."
    E0910 "the cut is in the past"
        "Rows as of a later time have been published from this state already, and a row is never published as of an earlier time. Choose a later `--until`."
    E0911 "a part of windrow stopped"
        "A thread ended by itself, which none should. The state is safe: a step is written as a whole or not at all. Please report it with the log, and start again."
    E0912 "a topic does not exist"
        "A topic that is read or written does not exist on a cluster of its group. A bounded run (`--until`) needs every topic that it reads, and ends after `--hold-for`; a live one goes on without. windrow creates no topics: create it with the partitions you want; it is picked up within seconds. Other clusters of the group are used meanwhile, and rows for a topic that exists nowhere wait in the state."
    E0913 "a local cluster cannot serve"
        "A local cluster needs a folder that only it uses and a port of 127.0.0.1 that is free; a real broker also needs a JVM and the jars of Apache Kafka, which `tests/setup --kafka` fetches. The message names what is missing; a broker's own log is `broker.log` in its folder."
    E0914 "the state is live"
        "A backfill reads history into a state and publishes nothing. On a state that has published already, changes of keys and rows of joins would be kept back from readers who wait for them. `windrow run` goes on from such a state by itself, however long it stood still; to build one anew, give `windrow backfill` an empty `--state DIR`."
    E0915 "no such dead letter"
        "`windrow dlq show` and `windrow dlq replay` want the ids of dead letters, or `--all`. `windrow dlq list` shows the ids of those that the deployment's dead-letter topic, `<deployment>.dead_letters`, still holds: source, cluster, topic, partition and offset of the record."
    E0916 "too many records cannot be decoded"
        "More than 5 percent of a partition's records within a minute, and at least 20, could not be decoded: its topic is not what the source says it is, and going on would make dead letters of the whole log. That partition is stopped at its position and holds the watermark like one whose cluster is down; all others go on. `windrow dlq list` shows what is wrong with the records. Correct the source or its producers and start again, which tries again from that position; `--max-bad 100` takes whatever comes."
    E0950 "no such definition"
        "`preview --of NAME` shows the rows of a group by or a join of the project; there is none of that name. `windrow check` lists what there is:\n\n    windrow preview features --source flights=flights.csv --of airport_departures"
    E0951 "a file for an unknown source"
        "`--source NAME=FILE` gives a source its events, by the source's name in the definitions. The definition that is previewed does not read that source: check the spelling, or leave the file out."
    E0952 "a source without a file"
        "A preview computes the definition from files, so every source it reads needs one, also those of the group bys that a join uses:\n\n    --source purchases=purchases.jsonl --source checkouts=checkouts.jsonl"
    E0953 "an input file cannot be read"
        "The file given with `--source` does not exist or cannot be read; the message has the system's reason."
    E0954 "an input file is not of its format"
        "Files are read by their extension: `.csv` with a header line, `.jsonl` or `.ndjson` with one JSON object per line. The line named is not of that form, or its arrival column is missing or no time. A record that is well formed but does not fit the source is no error: it becomes a dead letter and is counted."
    E0955 "the run failed"
        "The engine could not go on; the message says why. With `--until` before what has been computed already, choose a later instant."
    E0983 "nothing was recorded"
        "`windrow test --record NAME --source SOURCE=FILE` writes a test from the events of files: those of one key with `--key`, at most 200, so that a person can read it. The expected rows are what windrow computes: read them before you keep them."
    E0980 "nothing of that name to verify"
        "`windrow verify --of NAME` compares the rows of one group by or join of the project; there is none of that name. `windrow check` lists what there is."
    E0981 "an engine that there is not"
        "`windrow verify --engines` takes the names of engines, separated by commas, which are compared with the oracle. At least one must be another than the oracle itself."
    E0982 "a sabotage that there is not"
        "`windrow verify --sabotage list` names all rules that can be bent, with what a broken engine would do."
    E0920 "the demo could not be shown to its end"
        "`windrow demo` starts clusters and an executor as processes of their own, on free ports of 127.0.0.1, in a scratch folder that it removes. The message says which of them failed or was too slow, with the end of its log. On a machine that is busy with other things, try again."
    // (end of E09xx)

    // W0xxx: warnings
    W0201 "input is at-least-once"
        "Without `event_id` a record that a producer wrote to two clusters counts twice. Declare the field that identifies an event."
    W0202 "a deprecated definition is used"
        "The definition says `deprecated \"…\"`: why, and what to use instead. It still works. A definition that is deprecated itself may go on using it."
    W0301 "a comparison with null"
        "`x = null` is null, never true. Write `x is null` or `x is not null`."
    W0401 "one aggregation, two names"
        "Two features compute the same; consumers will wonder which one to use. Remove one."
    W0402 "a ttl of nothing"
        "`ttl` and `unbounded` speak of features without `over`, which cover a key's whole life. Here every feature has a window, so they do nothing."
    W0601 "an unused definition"
        "The project lists its deployments, and none needs this definition."
    W0602 "a deployed group by that is not published"
        "The deployment names a definition that publishes nothing and feeds no join of it."
    W0701 "a group is missing in a region"
        "The same groups exist in every region; results reach only the regions that have the group."
    // (end of W0xxx)
}

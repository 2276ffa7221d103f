//! Parts of URLs: `scheme://user@host:port/path?name=value&…#fragment`.

struct Url {
    authority: String,
    path: String,
    query: Option<String>,
}

fn parse(text: &str) -> Option<Url> {
    let end = text.find("://")?;
    for (at, letter) in text[..end].char_indices() {
        let is_inner = letter.is_ascii_digit() || ['+', '-', '.'].contains(&letter);
        if !(letter.is_ascii_alphabetic() || at > 0 && is_inner) {
            return None;
        }
    }
    if end == 0 {
        return None;
    }
    let (mut authority, mut path, mut query) = (String::new(), String::new(), None::<String>);
    let mut is_authority = true;
    for letter in text[end + 3..].chars() {
        match letter {
            '#' => break,
            '?' if query.is_none() => (query, is_authority) = (Some(String::new()), false),
            letter => {
                is_authority &= letter != '/';
                match &mut query {
                    Some(query) => query.push(letter),
                    None if is_authority => authority.push(letter),
                    None => path.push(letter),
                }
            }
        }
    }
    Some(Url { authority, path, query })
}

pub(super) fn host(text: &str) -> Option<String> {
    let authority = parse(text)?.authority;
    let behind_user = authority.split('@').next_back().unwrap_or_default();
    let host = match behind_user.split_once(']') {
        Some((address, _)) => format!("{address}]"),
        None => behind_user.split(':').next().unwrap_or_default().to_owned(),
    };
    if host.is_empty() { None } else { Some(host.to_ascii_lowercase()) }
}

pub(super) fn path(text: &str) -> Option<String> {
    parse(text).map(|url| url.path)
}

pub(super) fn parameter(text: &str, name: &str) -> Option<String> {
    for pair in parse(text)?.query?.split('&') {
        let (key, value) = match pair.find('=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, ""),
        };
        if decoded(key) == name {
            return Some(decoded(value));
        }
    }
    None
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push(u8::try_from(high * 16 + low).expect("two digits"));
                at += 3;
            }
            (byte, _, _) => {
                plain.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

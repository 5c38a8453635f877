//! Small tools for the headers of the SIP library's messages: by name, as text.

use rsipstack::sip::{Header, Headers, headers::make_header};

/// All values of a header, in order. Compact names were made long by the library.
pub(super) fn values<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |h| h.name().eq_ignore_ascii_case(name)).map(|h| h.value().trim())
}

/// The first value of a header.
pub(super) fn value<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    values(headers, name).next()
}

/// Comma-separated tokens of a header, over all its lines, in lower case.
pub(super) fn tokens(headers: &Headers, name: &str) -> Vec<String> {
    let all = values(headers, name).flat_map(|v| v.split(','));
    all.map(|t| t.trim().to_ascii_lowercase()).filter(|t| !t.is_empty()).collect()
}

/// A header from its text. Line breaks would let one header become two: they are taken out.
pub(super) fn header(name: &str, value: impl Into<String>) -> Header {
    let value: String = value.into();
    make_header(name, value.replace(['\r', '\n'], " "))
}

/// A parameter after the `>` of an address header, or anywhere when there is no `<…>`.
pub(super) fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let parameters = value.rfind('>').map_or(value, |end| &value[end..]);
    parameters.split(';').skip(1).find_map(|p| {
        let (n, v) = p.split_once('=').unwrap_or((p, ""));
        n.trim().eq_ignore_ascii_case(name).then(|| v.trim().trim_matches('"'))
    })
}

/// Splits a header with several values at the commas that are outside quotes and `<…>`.
pub(super) fn split_list(value: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut angle, mut escaped) = (Vec::new(), 0, false, false, false);
    for (i, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            ',' if !quoted && !angle => {
                parts.push(value[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(value[start..].trim());
    parts.retain(|p| !p.is_empty());
    parts
}

/// The URI inside an address header: between `<` and `>`, or up to the first `;`.
pub(super) fn uri_of(value: &str) -> &str {
    let after_name = skip_display(value);
    match after_name.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default().trim(),
        None => after_name.split(';').next().unwrap_or_default().trim(),
    }
}

/// The display name of an address header, unquoted.
pub(super) fn display_of(value: &str) -> Option<String> {
    let value = value.trim();
    let name = if let Some(rest) = value.strip_prefix('"') {
        let mut name = String::new();
        let mut escaped = false;
        for c in rest.chars() {
            match c {
                _ if escaped => {
                    name.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => break,
                c => name.push(c),
            }
        }
        name
    } else {
        value.split_once('<').map(|(name, _)| name.trim().to_owned())?
    };
    let name = name.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn skip_display(value: &str) -> &str {
    let value = value.trim();
    let Some(rest) = value.strip_prefix('"') else { return value };
    let mut escaped = false;
    for (i, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return rest[i + 1..].trim_start(),
            _ => {}
        }
    }
    value
}

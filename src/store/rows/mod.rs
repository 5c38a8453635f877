//! Domain types to rows and back, one file per table.

pub(super) mod alerts;
pub(super) mod calls;
pub(super) mod extras;
pub(super) mod leads;
pub(super) mod outbox;
pub(super) mod shops;
pub(super) mod steps;
pub(super) mod tries;
pub(super) mod turns;

use jiff::Timestamp;
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};

use super::error::StoreError;

/// Reads one row; the same for every table.
type FromRow<T> = fn(&Row<'_>) -> Result<T, StoreError>;

/// All rows of a query.
fn all<T>(
    db: &rusqlite::Connection,
    doing: &'static str,
    sql: &str,
    values: impl rusqlite::Params,
    read: FromRow<T>,
) -> Result<Vec<T>, StoreError> {
    let sqlite = |e| StoreError::from_sqlite(doing, e);
    let mut query = db.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = query.query(values).map_err(sqlite)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Runs one statement; the number of changed rows.
fn change(
    db: &rusqlite::Connection,
    doing: &'static str,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<usize, StoreError> {
    db.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(|e| StoreError::from_sqlite(doing, e))
}

/// One column, as SQLite stores it.
fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, name: &'static str) -> Result<T, StoreError> {
    row.get(name).map_err(|e| StoreError::from_sqlite(name, e))
}

/// One column that holds the written form of an id or a number.
fn parsed<T: std::str::FromStr>(row: &Row<'_>, name: &'static str) -> Result<T, StoreError> {
    let text: String = column(row, name)?;
    text.parse().map_err(|_| StoreError::Unreadable { what: name, value: text })
}

/// The same, where the column may be empty.
fn parsed_option<T: std::str::FromStr>(row: &Row<'_>, name: &'static str) -> Result<Option<T>, StoreError> {
    let Some(text) = column::<Option<String>>(row, name)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| StoreError::Unreadable { what: name, value: text })
}

/// One column that holds a word of a closed list.
fn worded<T: DeserializeOwned>(row: &Row<'_>, name: &'static str) -> Result<T, StoreError> {
    let text: String = column(row, name)?;
    serde_json::from_value(serde_json::Value::String(text.clone()))
        .map_err(|_| StoreError::Unreadable { what: name, value: text })
}

/// The same, where the column may be empty.
fn worded_option<T: DeserializeOwned>(row: &Row<'_>, name: &'static str) -> Result<Option<T>, StoreError> {
    if column::<Option<String>>(row, name)?.is_some() { worded(row, name).map(Some) } else { Ok(None) }
}

/// One column that holds JSON.
fn json<T: DeserializeOwned>(row: &Row<'_>, name: &'static str) -> Result<T, StoreError> {
    let text: String = column(row, name)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { what: name, value: text })
}

/// The word that a closed list writes for a value: `in_progress`, `hvac`, `P1`.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(), // cannot happen: the domain's lists write strings
    }
}

/// JSON text of a list.
fn json_text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default() // cannot fail: no maps with odd keys in the domain
}

/// UTC to the millisecond, always with three decimals, so that text order is time order.
pub(super) fn time(at: Timestamp) -> String {
    let printer = jiff::fmt::temporal::DateTimePrinter::new().precision(Some(3));
    printer.timestamp_to_string(&at)
}

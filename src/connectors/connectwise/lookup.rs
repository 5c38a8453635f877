//! Who a caller is at the desk, and what the company had lately.

use domain::PhoneNumber;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;

use super::{super::SendFailure, Reference, desk::Desk};

/// A caller whom the desk knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCaller {
    /// The person, if the number is a person's.
    pub contact_id: Option<u64>,
    /// The person's name.
    pub contact_name: Option<String>,
    /// The company.
    pub company_id: u64,
    /// Its name.
    pub company_name: String,
}

/// A ticket of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTicket {
    /// The desk's number.
    pub id: u64,
    /// One line.
    pub summary: String,
    /// The desk's name for its priority.
    pub priority: String,
    /// The desk's name for its status.
    pub status: String,
    /// Whether it is done.
    pub closed: bool,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
struct Identified {
    id: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    id: u64,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    company: Option<Reference>,
    #[serde(default)]
    communication_items: Vec<Communication>,
}

#[derive(Debug, Deserialize)]
struct Communication {
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    id: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone_number: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    id: u64,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    priority: Reference,
    #[serde(default)]
    status: Reference,
    #[serde(default, rename = "closedFlag")]
    closed: bool,
    #[serde(default, rename = "_info")]
    info: Info,
}

#[derive(Debug, Default, Deserialize)]
struct Info {
    #[serde(default, rename = "dateEntered")]
    entered: Option<String>,
}

/// The id of the one thing that fits; several are none.
pub(super) async fn one_id(desk: &Desk, path: &str, conditions: &str) -> Result<Option<u64>, SendFailure> {
    let query = [("conditions", conditions), ("pageSize", "2"), ("fields", "id")];
    let found: Vec<Identified> = desk.get(path, &query).await?.json()?;
    Ok(if let [only] = found.as_slice() { Some(only.id) } else { None })
}

/// The desk keeps numbers as somebody typed them: they are searched in the usual ways of writing the last seven
/// digits, and compared digit by digit here.
pub(super) async fn caller(desk: &Desk, phone: &PhoneNumber) -> Result<Option<KnownCaller>, SendFailure> {
    let values = ways_of_writing(phone);
    let any = |field: &str| {
        values.iter().map(|v| format!("{field} like \"%{v}%\"")).collect::<Vec<_>>().join(" or ")
    };
    let child =
        format!("({}) and communicationItems/communicationType=\"Phone\"", any("communicationItems/value"));
    let contacts: Vec<Contact> =
        desk.get("/company/contacts", &[("childConditions", &child), ("pageSize", "50")]).await?.json()?;
    let mut people: Vec<Contact> = contacts
        .into_iter()
        .filter(|c| c.company.is_some() && c.communication_items.iter().any(|i| same_number(&i.value, phone)))
        .collect();
    let companies: Vec<u64> = people.iter().filter_map(|c| c.company.as_ref()).map(|c| c.id).collect();
    if companies.first().is_some_and(|first| companies.iter().all(|c| c == first)) {
        let alone = people.len() == 1;
        let Some(person) = people.pop() else { return Ok(None) };
        let company = person.company.unwrap_or_default();
        let name = [person.first_name, person.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        return Ok(Some(KnownCaller {
            contact_id: alone.then_some(person.id),
            contact_name: Some(name).filter(|n| alone && !n.trim().is_empty()),
            company_id: company.id,
            company_name: company.name,
        }));
    }
    if !companies.is_empty() {
        return Ok(None); // people of several companies share the number
    }
    let conditions = any("phoneNumber");
    let companies: Vec<Company> =
        desk.get("/company/companies", &[("conditions", &conditions), ("pageSize", "50")]).await?.json()?;
    let fits = |c: &Company| c.phone_number.as_ref().is_some_and(|n| same_number(n, phone));
    let mut fitting: Vec<Company> = companies.into_iter().filter(fits).collect();
    let only = if fitting.len() == 1 { fitting.pop() } else { None };
    Ok(only.map(|c| KnownCaller {
        contact_id: None,
        contact_name: None,
        company_id: c.id,
        company_name: c.name,
    }))
}

pub(super) async fn recent_tickets(
    desk: &Desk,
    company_id: u64,
    since: Timestamp,
    max: u32,
) -> Result<Vec<PastTicket>, SendFailure> {
    let since = since.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ");
    let conditions = format!("company/id={company_id} and dateEntered>=[{since}]");
    let size = max.clamp(1, 1000).to_string();
    let query = [("conditions", conditions.as_str()), ("orderBy", "id desc"), ("pageSize", &size)];
    let listed: Vec<Listed> = desk.get("/service/tickets", &query).await?.json()?;
    let past = |t: Listed| PastTicket {
        id: t.id,
        summary: t.summary,
        priority: t.priority.name,
        status: t.status.name,
        closed: t.closed,
        opened_at: t.info.entered.and_then(|at| at.parse().ok()),
    };
    Ok(listed.into_iter().map(past).collect())
}

/// The last seven digits as people type them.
fn ways_of_writing(phone: &PhoneNumber) -> Vec<String> {
    let digits = &phone.e164()[1..];
    let last = &digits[digits.len().saturating_sub(7)..];
    let (exchange, line) = last.split_at(last.len().saturating_sub(4));
    ["", "-", " ", "."].map(|between| format!("{exchange}{between}{line}")).to_vec()
}

/// The same number, however it was typed; an extension behind it does not count.
fn same_number(typed: &str, phone: &PhoneNumber) -> bool {
    let bare = typed.split(|c: char| c.is_alphabetic() || "#,;".contains(c)).next().unwrap_or_default();
    bare.parse::<PhoneNumber>().is_ok_and(|number| number == *phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_compared_by_their_digits() {
        let phone: PhoneNumber = "+15553450100".parse().unwrap();
        for same in [
            "5553450100",
            "(555) 345-0100",
            "1-555-345-0100",
            "+1 555 345 0100",
            "555.345.0100 x12",
            "555-345-0100 ext 4",
        ] {
            assert!(same_number(same, &phone), "{same}");
        }
        for other in ["345-0100", "(556) 345-0100", "main line", "", "555-345-01001"] {
            assert!(!same_number(other, &phone), "{other}");
        }
        assert_eq!(ways_of_writing(&phone), ["3450100", "345-0100", "345 0100", "345.0100"]);
    }
}

//! Tickets in ConnectWise PSA (REST 3.0, facts from its published client libraries).
//!
//! ConnectWise has no idempotency key, so our own goes into `externalXRef` and is searched for before a repeat;
//! a note carries it in its last line. What is looked up first (contact, company, priority) may be missing or
//! forbidden: the ticket is opened all the same, with what the caller said.

mod desk;
mod lookup;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use domain::{Outgoing, PhoneNumber, Priority, Ticket, TicketNote};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Connector, ConnectorFault, Hidden, NeverReason, SendFailure, Sent, Trust};
use desk::Desk;

pub use lookup::{KnownCaller, PastTicket};

/// Longest values that the desk takes (class Ticket of its API description).
const SUMMARY_CHARS_MAX: usize = 100;
const XREF_CHARS_MAX: usize = 100;
const CONTACT_NAME_CHARS_MAX: usize = 62;
const PHONE_CHARS_MAX: usize = 20;
/// The note of a ticket that the call itself settled (source B:54).
const RESOLVED: &str = "Resolved by NightDesk";

/// The account, and how its desk is arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `https://api-na.myconnectwise.net`, or the MSP's own server. `na.` is read as `api-na.`.
    pub server: String,
    /// The MSP's login company.
    pub company_id: String,
    /// API member's public key.
    pub public_key: String,
    /// API member's private key.
    pub private_key: Hidden,
    /// From developer.connectwise.com, a GUID.
    pub client_id: String,
    /// `v4_6_release`; `None`: asked of the server, and again when it has moved.
    pub codebase: Option<String>,
    /// Name of the service board.
    pub board: String,
    /// Boards of single businesses, by profile id.
    pub boards: BTreeMap<String, String>,
    /// Short name of the company that gets tickets of callers whom nobody knows.
    pub unknown_company: String,
    /// The desk's names for P1, P2 and P3.
    pub priorities: [String; 3],
    /// Status of a ticket that somebody works on.
    pub in_progress_status: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request.
    pub deadline: Duration,
}

impl Settings {
    /// For a server and an API member, with ConnectWise's own names for the rest.
    pub fn new(
        server: &str,
        company_id: &str,
        public_key: &str,
        private_key: Hidden,
        client_id: &str,
    ) -> Self {
        Self {
            server: server.into(),
            company_id: company_id.into(),
            public_key: public_key.into(),
            private_key,
            client_id: client_id.into(),
            codebase: None,
            board: "Help Desk".into(),
            boards: BTreeMap::new(),
            unknown_company: "Catchall".into(),
            priorities: ["Priority 1 - Critical", "Priority 2 - High", "Priority 3 - Medium"]
                .map(str::to_owned),
            in_progress_status: "In Progress".into(),
            trust: Trust::default(),
            deadline: Duration::from_secs(15),
        }
    }
}

/// The desk.
#[derive(Debug)]
pub struct ConnectWise {
    settings: Settings,
    desk: Desk,
}

/// A ticket as the desk shows it.
#[derive(Debug, Deserialize)]
struct Open {
    id: u64,
    #[serde(default)]
    board: Reference,
    #[serde(default, rename = "closedFlag")]
    closed: bool,
}

/// The desk's way to point at something.
#[derive(Debug, Default, Clone, Deserialize)]
struct Reference {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Status {
    id: u64,
    #[serde(default)]
    name: String,
    #[serde(default, rename = "closedStatus")]
    closed: bool,
}

#[derive(Debug, Deserialize)]
struct Note {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    text: Option<String>,
}

impl ConnectWise {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// An address, key or name that cannot be right.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let wrong = |key, what| Err(ConnectorFault::Value { key, what });
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"+:/".contains(c));
        if !plain(&settings.company_id) {
            return wrong(
                "company_id",
                "write the login company, one word, as on ConnectWise's sign-in page",
            );
        }
        if !plain(&settings.public_key) {
            return wrong("public_key", "write the API member's public key");
        }
        let guid = settings.client_id.len() == 36
            && settings.client_id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if !guid {
            return wrong(
                "client_id",
                "write the client ID from developer.connectwise.com, 36 characters with dashes",
            );
        }
        Ok(Self { desk: Desk::new(&settings)?, settings })
    }

    async fn open(&self, ticket: &Ticket, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let there = if repeat { self.by_key(key).await? } else { None };
        let (open, new) = match there {
            Some(open) => (open, false),
            None => {
                let body = self.ticket_body(ticket, key).await?;
                (self.desk.post("/service/tickets", &body).await?.json::<Open>()?, true)
            }
        };
        self.then(&open, ticket, key, !new).await.map_err(super::partly)?;
        let far_id = open.id.to_string();
        Ok(if new { Sent::Accepted { far_id } } else { Sent::AlreadyThere { far_id } })
    }

    async fn ticket_body(&self, ticket: &Ticket, key: &str) -> Result<Value, SendFailure> {
        let board = self.settings.boards.get(&ticket.profile_id).unwrap_or(&self.settings.board);
        let mut internal = ticket.internal.clone();
        let mut body = json!({
            "summary": cut(&ticket.summary, SUMMARY_CHARS_MAX),
            "board": {"name": board},
            "initialDescription": ticket.description,
            "recordType": "ServiceTicket",
            "externalXRef": xref(key),
        });
        if let Some(name) = &ticket.caller_name {
            body["contactName"] = json!(cut(name, CONTACT_NAME_CHARS_MAX));
        }
        if let Some(phone) = &ticket.caller_phone {
            let digits = phone.national().unwrap_or(phone.e164());
            body["contactPhoneNumber"] = json!(cut(digits, PHONE_CHARS_MAX));
        }
        let known = match &ticket.caller_phone {
            Some(phone) => allowed_to_miss(self.caller(phone).await)?.flatten(),
            None => None,
        };
        let company = match (&known, &ticket.company) {
            (Some(known), _) => Some(known.company_id),
            (None, Some(name)) => allowed_to_miss(self.company(name).await)?.flatten(),
            (None, None) => None,
        };
        body["company"] = match company {
            Some(id) => json!({"id": id}),
            None => json!({"identifier": self.settings.unknown_company}),
        };
        if let Some(contact) = known.and_then(|k| k.contact_id) {
            body["contact"] = json!({"id": contact});
        }
        let wanted = self.priority_name(ticket.priority);
        match allowed_to_miss(self.named("/service/priorities", wanted).await)?.flatten() {
            Some(id) => body["priority"] = json!({"id": id}),
            None => internal.push_str(&format!(
                "\nNightDesk: {:?}; the desk has no priority {wanted:?}.",
                ticket.priority
            )),
        }
        if !internal.trim().is_empty() {
            body["initialInternalAnalysis"] = json!(internal.trim());
        }
        Ok(body)
    }

    /// What follows the opening. Each step is looked at first when it may have been done already.
    async fn then(&self, open: &Open, ticket: &Ticket, key: &str, look: bool) -> Result<(), SendFailure> {
        if ticket.resolved {
            self.close(open, key, look).await
        } else if ticket.escalated {
            self.give_to(open, ticket.owner.as_deref()).await
        } else {
            Ok(())
        }
    }

    /// ESCALATE: "In Progress", and the on-call person's.
    async fn give_to(&self, open: &Open, owner: Option<&str>) -> Result<(), SendFailure> {
        let status = self.status(open.board.id, |s| s.name == self.settings.in_progress_status).await?;
        let mut changes: Vec<_> = status.map(|s| replace("status", s)).into_iter().collect();
        if let Some(owner) = owner
            && let Some(member) = allowed_to_miss(self.member(owner).await)?.flatten()
        {
            changes.push(replace("owner", member));
        }
        if changes.is_empty() { Ok(()) } else { self.patch(open.id, changes).await }
    }

    /// RESOLVE: the note first, then the board's closed status (decision K16).
    async fn close(&self, open: &Open, key: &str, look: bool) -> Result<(), SendFailure> {
        self.write_note(open.id, RESOLVED, "resolutionFlag", &format!("{key}:closed"), look).await?;
        if open.closed {
            return Ok(());
        }
        let closed = self
            .status(open.board.id, |s| s.closed)
            .await?
            .ok_or_else(|| no_closed_status(&open.board.name))?;
        self.patch(open.id, vec![replace("status", closed)]).await
    }

    async fn note(&self, note: &TicketNote, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        let ticket = self.by_key(&note.ticket_key).await?.ok_or_else(|| SendFailure::Later {
            why: "ConnectWise does not have the ticket of this note yet".into(),
            retry_after: None,
        })?;
        let flag = if note.internal { "internalAnalysisFlag" } else { "detailDescriptionFlag" };
        self.write_note(ticket.id, &note.text, flag, key, repeat).await
    }

    /// `flag` says who reads it: the desk's discussion, its internal analysis, or its resolution.
    async fn write_note(
        &self,
        ticket: u64,
        text: &str,
        flag: &str,
        key: &str,
        look: bool,
    ) -> Result<Sent, SendFailure> {
        let path = format!("/service/tickets/{ticket}/notes");
        let mark = format!("NightDesk ref {key}");
        if look {
            let notes: Vec<Note> = self.desk.get(&path, &[("pageSize", "1000")]).await?.json()?;
            if let Some(there) =
                notes.iter().find(|n| n.text.as_ref().is_some_and(|t| t.trim_end().ends_with(&mark)))
            {
                return Ok(Sent::AlreadyThere { far_id: there.id.to_string() });
            }
        }
        let body = json!({"text": format!("{}\n\n{mark}", text.trim_end()), flag: true});
        let written: Note = self.desk.post(&path, &body).await?.json()?;
        Ok(Sent::Accepted { far_id: written.id.to_string() })
    }

    async fn by_key(&self, key: &str) -> Result<Option<Open>, SendFailure> {
        let conditions = format!("externalXRef={}", quoted(&xref(key)));
        let found: Vec<Open> = self
            .desk
            .get("/service/tickets", &[("conditions", &conditions), ("pageSize", "1")])
            .await?
            .json()?;
        Ok(found.into_iter().next())
    }

    async fn status(&self, board: u64, wanted: impl Fn(&Status) -> bool) -> Result<Option<u64>, SendFailure> {
        let path = format!("/service/boards/{board}/statuses");
        let all: Vec<Status> = self.desk.get(&path, &[("pageSize", "1000")]).await?.json()?;
        Ok(all.into_iter().find(|s| wanted(s)).map(|s| s.id))
    }

    async fn patch(&self, ticket: u64, changes: Vec<Value>) -> Result<(), SendFailure> {
        self.desk.patch(&format!("/service/tickets/{ticket}"), &Value::Array(changes)).await.map(|_| ())
    }

    fn priority_name(&self, priority: Priority) -> &str {
        let [p1, p2, p3] = &self.settings.priorities;
        match priority {
            Priority::P1 => p1,
            Priority::P2 => p2,
            Priority::P3 => p3,
        }
    }

    /// The caller by number, as a contact or a company of the desk; `None` when nobody or several could be meant.
    ///
    /// # Errors
    /// The desk could not be asked.
    pub async fn caller(&self, phone: &PhoneNumber) -> Result<Option<KnownCaller>, SendFailure> {
        lookup::caller(&self.desk, phone).await
    }

    /// A company's tickets since a day, newest first, at most `max`: for triage and briefing.
    ///
    /// # Errors
    /// The desk could not be asked.
    pub async fn recent_tickets(
        &self,
        company_id: u64,
        since: jiff::Timestamp,
        max: u32,
    ) -> Result<Vec<PastTicket>, SendFailure> {
        lookup::recent_tickets(&self.desk, company_id, since, max).await
    }

    async fn company(&self, name: &str) -> Result<Option<u64>, SendFailure> {
        lookup::one_id(&self.desk, "/company/companies", &format!("identifier={0} or name={0}", quoted(name)))
            .await
    }

    async fn member(&self, name: &str) -> Result<Option<u64>, SendFailure> {
        let first = name.split_whitespace().next().unwrap_or(name);
        let last = name.split_whitespace().nth(1);
        let named = match last {
            Some(last) => format!("(firstName={} and lastName={})", quoted(first), quoted(last)),
            None => format!("firstName={}", quoted(first)),
        };
        let conditions = format!("identifier={} or {named}", quoted(name));
        lookup::one_id(&self.desk, "/system/members", &conditions).await
    }

    async fn named(&self, path: &str, name: &str) -> Result<Option<u64>, SendFailure> {
        lookup::one_id(&self.desk, path, &format!("name={}", quoted(name))).await
    }

    async fn must_have(
        &self,
        path: &str,
        conditions: &str,
        what: &str,
        setting: &str,
    ) -> Result<u64, SendFailure> {
        lookup::one_id(&self.desk, path, conditions).await?.ok_or_else(|| SendFailure::Never {
            why: format!("ConnectWise has no {what}: see channels.connectwise.{setting}"),
            reason: NeverReason::Rejected,
        })
    }
}

#[async_trait]
impl Connector for ConnectWise {
    fn name(&self) -> &'static str {
        "ConnectWise"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Ticket(_) | Outgoing::TicketNote(_))
    }

    async fn send(&self, what: &Outgoing, key: &str, repeat: bool) -> Result<Sent, SendFailure> {
        match what {
            Outgoing::Ticket(ticket) => self.open(ticket, key, repeat).await,
            Outgoing::TicketNote(note) => self.note(note, key, repeat).await,
            Outgoing::Sms { .. }
            | Outgoing::Push { .. }
            | Outgoing::Slack(_)
            | Outgoing::Email { .. }
            | Outgoing::Webhook { .. } => Err(super::not_this_way("ConnectWise")),
        }
    }

    async fn check(&self) -> Result<String, SendFailure> {
        let settings = &self.settings;
        let named = |name: &str| format!("name={}", quoted(name));
        for board in settings.boards.values().chain([&settings.board]) {
            let id = self
                .must_have("/service/boards", &named(board), &format!("board {board:?}"), "board")
                .await?;
            if self.status(id, |s| s.closed).await?.is_none() {
                return Err(no_closed_status(board));
            }
        }
        for name in &settings.priorities {
            let what = format!("priority {name:?}");
            self.must_have("/service/priorities", &named(name), &what, "priorities").await?;
        }
        let company = &settings.unknown_company;
        let conditions = format!("identifier={}", quoted(company));
        let what = format!("company with the short name {company:?}");
        self.must_have("/company/companies", &conditions, &what, "unknown_company").await?;
        Ok(format!("board {}, three priorities and the company {company} are there", settings.board))
    }
}

/// A look-up that the account may not make, or that the desk does not know, is no reason to open no ticket.
fn allowed_to_miss<T>(looked_up: Result<T, SendFailure>) -> Result<Option<T>, SendFailure> {
    match looked_up {
        Ok(found) => Ok(Some(found)),
        Err(SendFailure::Never { reason: NeverReason::Credentials, why }) if why.contains("401") => {
            Err(SendFailure::Never { why, reason: NeverReason::Credentials })
        }
        Err(SendFailure::Never { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn no_closed_status(board: &str) -> SendFailure {
    let why = format!("the board {board:?} of ConnectWise has no closed status: give it one");
    SendFailure::Never { why, reason: NeverReason::Rejected }
}

fn replace(path: &str, id: u64) -> Value {
    json!({"op": "replace", "path": path, "value": {"id": id}})
}

fn xref(key: &str) -> String {
    key.chars().take(XREF_CHARS_MAX).collect()
}

/// A text inside a condition; what could end it is left out.
fn quoted(text: &str) -> String {
    let safe: String = text.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
    format!("\"{safe}\"")
}

/// At most `max` characters, cut after a whole word where there is one.
fn cut(text: &str, max: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max - 1).collect();
    let whole = head.rfind(' ').map_or(head.as_str(), |at| &head[..at]);
    format!("{}…", whole.trim_end_matches([',', '.', ' ']))
}

//! A ConnectWise desk as `connectors::connectwise` sees it: keys, codebase, boards, tickets, conditions.

use serde_json::{Value, json};

use super::{Reply, Request, Service};

/// A desk with one board.
#[derive(Debug)]
pub struct ConnectWise {
    company_id: String,
    authorization: (String, String),
    client_id: String,
    /// Part of the address; a hosted desk changes it with every upgrade.
    pub codebase: String,
    /// Opened tickets, oldest first, as the desk shows them.
    pub tickets: Vec<Value>,
    /// Notes: ticket's id and the note.
    pub notes: Vec<(u64, Value)>,
    /// `{id, firstName, lastName, company{id,name}, communicationItems[{value, communicationType}]}`
    pub contacts: Vec<Value>,
    /// `{id, identifier, name, phoneNumber}`
    pub companies: Vec<Value>,
    /// `{id, identifier, firstName, lastName}`
    pub members: Vec<Value>,
    /// `{id, name}`
    pub priorities: Vec<Value>,
    /// `{id, name, closedStatus}`
    pub statuses: Vec<Value>,
    /// Paths that this member's role may not ask for.
    pub forbidden: Vec<&'static str>,
}

const BOARD: &str = "Help Desk";

impl ConnectWise {
    /// A desk that works, with the board "Help Desk" and the company "Catchall".
    pub fn new(company_id: &str, public_key: &str, private_key: &str, client_id: &str) -> Self {
        Self {
            company_id: company_id.into(),
            authorization: (format!("{company_id}+{public_key}"), private_key.into()),
            client_id: client_id.into(),
            codebase: "v2026_2".into(),
            tickets: Vec::new(),
            notes: Vec::new(),
            contacts: Vec::new(),
            companies: vec![
                json!({"id": 2, "identifier": "Catchall", "name": "Catchall (for unknown)", "phoneNumber": ""}),
            ],
            members: vec![json!({"id": 155, "identifier": "mike", "firstName": "Mike", "lastName": "Reyes"})],
            priorities: vec![
                json!({"id": 6, "name": "Priority 1 - Critical"}),
                json!({"id": 7, "name": "Priority 2 - High"}),
                json!({"id": 8, "name": "Priority 3 - Medium"}),
            ],
            statuses: vec![
                json!({"id": 501, "name": "New", "closedStatus": false}),
                json!({"id": 502, "name": "In Progress", "closedStatus": false}),
                json!({"id": 503, "name": ">Closed", "closedStatus": true}),
            ],
            forbidden: Vec::new(),
        }
    }

    fn open(&mut self, body: &Value) -> Reply {
        let text = |field: &str| body[field].as_str().unwrap_or_default().chars().count();
        let limits =
            [("summary", 100), ("externalXRef", 100), ("contactName", 62), ("contactPhoneNumber", 20)];
        if let Some((field, _)) = limits.iter().find(|(field, max)| text(field) > *max) {
            return invalid("MaxLength", field);
        }
        if text("summary") == 0 {
            return invalid("MissingRequiredField", "summary");
        }
        if body["board"]["name"] != BOARD {
            return invalid("InvalidReference", "board/name");
        }
        let company = &body["company"];
        let known = self
            .companies
            .iter()
            .find(|c| c["id"] == company["id"] || c["identifier"] == company["identifier"]);
        let Some(company) = known.cloned() else { return invalid("InvalidReference", "company/identifier") };
        let id = 1001 + self.tickets.len() as u64;
        let mut ticket = body.clone();
        ticket["id"] = json!(id);
        ticket["company"] =
            json!({"id": company["id"], "identifier": company["identifier"], "name": company["name"]});
        ticket["board"] = json!({"id": 1, "name": BOARD});
        ticket["status"] = json!({"id": 501, "name": "New"});
        ticket["closedFlag"] = json!(false);
        ticket["priority"] = self.reference(&self.priorities, &body["priority"]["id"], 8);
        ticket["_info"] =
            json!({"dateEntered": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
        let reply = Reply::json(201, &ticket);
        if self.tickets.len() < 10_000 {
            self.tickets.push(ticket);
        }
        reply
    }

    fn reference(&self, list: &[Value], id: &Value, otherwise: u64) -> Value {
        let found =
            list.iter().find(|e| e["id"] == *id).or_else(|| list.iter().find(|e| e["id"] == otherwise));
        found.map_or(Value::Null, |e| json!({"id": e["id"], "name": e["name"]}))
    }

    fn patch(&mut self, id: u64, changes: &Value) -> Reply {
        let statuses = self.statuses.clone();
        let members = self.members.clone();
        let Some(ticket) = self.tickets.iter_mut().find(|t| t["id"] == id) else { return missing() };
        for change in changes.as_array().into_iter().flatten() {
            match (change["op"].as_str(), change["path"].as_str()) {
                (Some("replace"), Some("status")) => {
                    let Some(status) = statuses.iter().find(|s| s["id"] == change["value"]["id"]) else {
                        return invalid("InvalidReference", "status/id");
                    };
                    ticket["status"] = json!({"id": status["id"], "name": status["name"]});
                    ticket["closedFlag"] = status["closedStatus"].clone();
                }
                (Some("replace"), Some("owner")) => {
                    let Some(member) = members.iter().find(|m| m["id"] == change["value"]["id"]) else {
                        return invalid("InvalidReference", "owner/id");
                    };
                    ticket["owner"] = json!({"id": member["id"], "identifier": member["identifier"]});
                }
                _ => return invalid("InvalidOperation", "op"),
            }
        }
        Reply::json(200, ticket)
    }

    fn note(&mut self, ticket: u64, body: &Value) -> Reply {
        if !self.tickets.iter().any(|t| t["id"] == ticket) {
            return missing();
        }
        if body["text"].as_str().is_none_or(str::is_empty) {
            return invalid("MissingRequiredField", "text");
        }
        let mut note = body.clone();
        note["id"] = json!(self.notes.len() + 1);
        let reply = Reply::json(201, &note);
        if self.notes.len() < 10_000 {
            self.notes.push((ticket, note));
        }
        reply
    }

    fn list(&self, request: &Request, rest: &[&str]) -> Reply {
        let conditions = request.query("conditions").or(request.query("childConditions")).unwrap_or_default();
        let size = request.query("pageSize").and_then(|s| s.parse().ok()).unwrap_or(25);
        let matching = |list: &[Value]| {
            let mut fitting: Vec<Value> = list.iter().filter(|e| fits(e, conditions)).cloned().collect();
            if request.query("orderBy").is_some_and(|o| o.ends_with("desc")) {
                fitting.reverse();
            }
            fitting.truncate(size);
            Reply::json(200, &Value::Array(fitting))
        };
        match rest {
            ["service", "tickets"] => matching(&self.tickets),
            ["service", "boards"] => matching(&[json!({"id": 1, "name": BOARD})]),
            ["service", "boards", "1", "statuses"] => matching(&self.statuses),
            ["service", "priorities"] => matching(&self.priorities),
            ["company", "companies"] => matching(&self.companies),
            ["company", "contacts"] => matching(&self.contacts),
            ["system", "members"] => matching(&self.members),
            ["service", "tickets", id, "notes"] => {
                let own =
                    self.notes.iter().filter(|(t, _)| t.to_string() == *id).map(|(_, note)| note.clone());
                Reply::json(200, &own.collect())
            }
            _ => missing(),
        }
    }
}

impl Service for ConnectWise {
    fn answer(&mut self, request: &Request) -> Reply {
        let parts = request.parts();
        if let ["login", "companyinfo", company] = parts.as_slice() {
            let info =
                json!({"CompanyName": "Acme", "Codebase": format!("{}/", self.codebase), "IsCloud": true});
            return Reply::json(200, if *company == self.company_id { &info } else { &Value::Null });
        }
        let [codebase, "apis", "3.0", rest @ ..] = parts.as_slice() else { return missing() };
        if *codebase != self.codebase {
            return Reply::text(404, "<html>Not Found</html>");
        }
        let client = request.header("clientid") == Some(self.client_id.as_str());
        if request.basic_auth().as_ref() != Some(&self.authorization) || !client {
            return Reply::json(401, &json!({"code": "Unauthorized", "message": "Unauthorized"}));
        }
        let path = format!("/{}", rest.join("/"));
        if self.forbidden.iter().any(|f| path.starts_with(f)) {
            let words = "You do not have security permission to perform this action.";
            return Reply::json(403, &json!({"code": "SecurityPermissions", "message": words}));
        }
        match (request.method.as_str(), rest) {
            ("GET", rest) => self.list(request, rest),
            ("POST", ["service", "tickets"]) => self.open(&request.json()),
            ("POST", ["service", "tickets", id, "notes"]) => {
                self.note(id.parse().unwrap_or(0), &request.json())
            }
            ("PATCH", ["service", "tickets", id]) => self.patch(id.parse().unwrap_or(0), &request.json()),
            _ => missing(),
        }
    }
}

/// `a="x" or b like "%y%" and …`: "and" binds looser than "or" here, because our questions are written so.
fn fits(entry: &Value, conditions: &str) -> bool {
    let bare = conditions.replace(['(', ')'], "");
    bare.split(" and ")
        .filter(|c| !c.trim().is_empty())
        .all(|group| group.split(" or ").any(|one| holds(entry, one.trim())))
}

fn holds(entry: &Value, condition: &str) -> bool {
    let (field, operator, wanted) = if let Some((field, value)) = condition.split_once(" like ") {
        (field, "like", value)
    } else if let Some((field, value)) = condition.split_once(">=") {
        (field, ">=", value)
    } else if let Some((field, value)) = condition.split_once('=') {
        (field, "=", value)
    } else {
        return false;
    };
    let wanted = wanted.trim_matches(['"', '[', ']']);
    let field = if field == "dateEntered" { "_info/dateEntered" } else { field };
    let values = reach(entry, &field.split('/').collect::<Vec<_>>());
    values.iter().any(|value| match operator {
        "like" => value.contains(wanted.trim_matches('%')),
        ">=" => value.as_str() >= wanted,
        _ => value.eq_ignore_ascii_case(wanted),
    })
}

/// All values below a path; lists are looked through.
fn reach(value: &Value, path: &[&str]) -> Vec<String> {
    match (value, path) {
        (Value::Array(list), path) => list.iter().flat_map(|v| reach(v, path)).collect(),
        (Value::String(text), []) => vec![text.clone()],
        (Value::Null, []) => vec![],
        (other, []) => vec![other.to_string()],
        (other, [first, rest @ ..]) => reach(&other[*first], rest),
    }
}

fn invalid(code: &str, field: &str) -> Reply {
    let error =
        json!({"code": code, "message": format!("{field} is wrong"), "resource": "ticket", "field": field});
    Reply::json(
        400,
        &json!({"code": "InvalidObject", "message": "ticket object is invalid", "errors": [error]}),
    )
}

fn missing() -> Reply {
    Reply::json(404, &json!({"code": "NotFound", "message": "not found"}))
}

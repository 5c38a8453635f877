//! A roster and alerts that tests share.

use domain::{
    Alert, AlertId, AlertState, CallId, Contact, ContactId, Issue, ReplyCode, Roster, Service, Skill,
};
use jiff::Timestamp;

/// A short name.
pub fn id(text: &str) -> ContactId {
    text.parse().expect("tests write short names")
}

/// Somebody with telephone only.
pub fn person(short: &str, phone: &str) -> Contact {
    Contact {
        id: id(short),
        name: short.to_string(),
        phone: phone.parse().ok(),
        email: None,
        push: None,
        skills: Vec::new(),
        tier: 1,
        languages: Vec::new(),
    }
}

/// Somebody who knows these trades.
pub fn skilled(short: &str, phone: &str, skills: &[(Service, u8)]) -> Contact {
    let skills = skills.iter().map(|(service, level)| Skill { service: *service, level: *level }).collect();
    Contact { skills, ..person(short, phone) }
}

/// Metro Plumbing: Mike on call, Sam backup, Dave the owner.
pub fn metro() -> Roster {
    Roster {
        people: vec![
            person("mike", "+15558870002"),
            person("sam", "+15558870003"),
            person("dave", "+15558870001"),
        ],
        backup: Some(id("sam")),
        owner: id("dave"),
    }
}

/// An alert that was opened at this moment.
pub fn alert(n: u64, code: &str, opened_at: Timestamp) -> Alert {
    Alert {
        id: AlertId::new(n, [0; 10]),
        call_id: CallId::new(n, [0; 10]),
        profile_id: "metro-plumbing".into(),
        code: ReplyCode(code.into()),
        drill: false,
        issue: Issue::Water,
        caller_name: Some("Jim Kowalski".into()),
        caller_phone: "+15555550415".parse().ok(),
        address: Some("218 Oak Lane".into()),
        issue_summary: "Water spraying out of a pipe.".into(),
        state: AlertState::Open,
        opened_at,
        seen_at: opened_at,
        acknowledged_at: None,
        acknowledged_by: None,
        acknowledged_via: None,
        acknowledged_words: None,
        closed_at: None,
    }
}

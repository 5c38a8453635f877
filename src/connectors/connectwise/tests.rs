use super::*;
use crate::connectors::fake::{self, Fake, Reply, Trouble};

const CLIENT: &str = "12345678-90ab-cdef-1234-567890abcdef";
const HARTWELL: &str = "+15553450100";

async fn pair() -> (Fake<fake::connectwise::ConnectWise>, ConnectWise) {
    let mut desk = fake::connectwise::ConnectWise::new("acme", "pub", "priv", CLIENT);
    desk.companies.push(
        json!({"id": 42, "identifier": "Hartwell", "name": "Hartwell Law", "phoneNumber": "555.345.0100"}),
    );
    let fake = Fake::start(desk).await.unwrap();
    let desk = ConnectWise::new(settings(&fake)).unwrap();
    (fake, desk)
}

fn settings(fake: &Fake<fake::connectwise::ConnectWise>) -> Settings {
    let settings = Settings::new(&fake.url(), "acme", "pub", Hidden::new("priv"), CLIENT);
    Settings { deadline: Duration::from_millis(400), ..settings }
}

fn ticket() -> Ticket {
    Ticket {
        summary: "Server down".into(),
        priority: Priority::P1,
        description: "Caller: nobody can log in.".into(),
        internal: "rule msp.outage".into(),
        caller_phone: Some("+15559990000".parse().unwrap()),
        caller_name: Some("Ann Lee".into()),
        company: Some("Hartwell".into()),
        address: None,
        resolved: false,
        escalated: false,
        owner: None,
        profile_id: "acme".into(),
    }
}

fn open() -> Outgoing {
    Outgoing::Ticket(ticket())
}

fn resolved() -> Outgoing {
    Outgoing::Ticket(Ticket { resolved: true, ..ticket() })
}

#[tokio::test]
async fn escalated_ticket_has_priority_company_owner_and_our_key() {
    let (fake, desk) = pair().await;
    let escalated = Ticket { escalated: true, owner: Some("Mike".into()), ..ticket() };
    let sent = desk.send(&Outgoing::Ticket(escalated), "key-1", false).await.unwrap();
    assert_eq!(sent, Sent::Accepted { far_id: "1001".into() });
    let ticket = fake.with(|d| d.tickets[0].clone());
    assert_eq!(ticket["externalXRef"], "key-1");
    assert_eq!(ticket["priority"]["name"], "Priority 1 - Critical");
    assert_eq!(ticket["company"]["name"], "Hartwell Law");
    assert_eq!(
        (&ticket["status"]["name"], &ticket["owner"]["identifier"]),
        (&json!("In Progress"), &json!("mike"))
    );
    assert_eq!(
        (&ticket["contactName"], &ticket["contactPhoneNumber"]),
        (&json!("Ann Lee"), &json!("5559990000"))
    );
    assert_eq!(ticket["initialInternalAnalysis"], "rule msp.outage");
}

#[tokio::test]
async fn resolved_ticket_gets_its_note_and_the_boards_closed_status() {
    let (fake, desk) = pair().await;
    desk.send(&resolved(), "key-1", false).await.unwrap();
    let (ticket, notes) = fake.with(|d| (d.tickets[0].clone(), d.notes.clone()));
    assert_eq!((&ticket["status"]["name"], &ticket["closedFlag"]), (&json!(">Closed"), &json!(true)));
    assert_eq!(notes.len(), 1);
    assert!(notes[0].1["text"].as_str().unwrap().starts_with("Resolved by NightDesk"));
    assert_eq!(notes[0].1["resolutionFlag"], true);
}

#[tokio::test]
async fn exactly_one_ticket_wherever_the_answer_is_lost() {
    // codebase, company by number (2), by name, priority, POST, notes, POST note, statuses, PATCH
    for step in 0..12 {
        for lost in [Trouble::AcceptThenHangUp, Trouble::AcceptThen(Reply::text(500, "")), Trouble::HangUp] {
            let (fake, desk) = pair().await;
            fake.trouble_at(step, lost.clone());
            let mut repeat = false;
            let sent = loop {
                match desk.send(&resolved(), "key-1", repeat).await {
                    Ok(sent) => break sent,
                    Err(SendFailure::Later { .. }) => {}
                    Err(SendFailure::Unsure { .. }) => repeat = true,
                    Err(never) => panic!("step {step}: {never:?}"),
                }
            };
            let (tickets, notes) = fake.with(|d| (d.tickets.clone(), d.notes.len()));
            assert_eq!((tickets.len(), notes), (1, 1), "step {step}, {lost:?}: {sent:?}");
            assert_eq!(tickets[0]["closedFlag"], true, "step {step}, {lost:?}");
        }
    }
}

#[tokio::test]
async fn note_finds_its_ticket_and_is_written_once() {
    let (fake, desk) = pair().await;
    let note = Outgoing::TicketNote(TicketNote {
        ticket_key: "key-1".into(),
        text: "Caller rang again.".into(),
        internal: true,
    });
    let early = desk.send(&note, "note-1", false).await.unwrap_err();
    assert!(matches!(early, SendFailure::Later { .. }), "{early:?}");
    desk.send(&open(), "key-1", false).await.unwrap();
    fake.trouble_at(1, Trouble::AcceptThenHangUp);
    desk.send(&note, "note-1", false).await.unwrap_err();
    let again = desk.send(&note, "note-1", true).await.unwrap();
    assert_eq!(again, Sent::AlreadyThere { far_id: "1".into() });
    let notes = fake.with(|d| d.notes.clone());
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].1["internalAnalysisFlag"], true);
}

#[tokio::test]
async fn caller_is_known_by_number_as_person_or_company() {
    let (fake, desk) = pair().await;
    let phone: PhoneNumber = HARTWELL.parse().unwrap();
    let known = desk.caller(&phone).await.unwrap().unwrap();
    assert_eq!((known.company_name.as_str(), known.contact_id), ("Hartwell Law", None));

    let person = |id: u64, company: u64, number: &str| {
        json!({"id": id, "firstName": "Ann", "lastName": "Lee", "company": {"id": company, "name": "Hartwell Law"},
               "communicationItems": [{"value": number, "communicationType": "Phone"}]})
    };
    fake.with(|d| d.contacts.push(person(9, 42, "(555) 345-0100")));
    let known = desk.caller(&phone).await.unwrap().unwrap();
    assert_eq!(
        (known.contact_id, known.contact_name.as_deref(), known.company_id),
        (Some(9), Some("Ann Lee"), 42)
    );

    fake.with(|d| d.contacts.push(person(10, 42, "555-345-0100 x3")));
    let known = desk.caller(&phone).await.unwrap().unwrap();
    assert_eq!((known.contact_id, known.company_id), (None, 42), "the company's switchboard");

    fake.with(|d| d.contacts.push(person(11, 43, "5553450100")));
    assert_eq!(desk.caller(&phone).await.unwrap(), None, "two companies share the number");
}

#[tokio::test]
async fn companys_recent_tickets_are_listed_newest_first() {
    let (_fake, desk) = pair().await;
    for key in ["a", "b"] {
        desk.send(&open(), key, false).await.unwrap();
    }
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    let past = desk.recent_tickets(42, since, 5).await.unwrap();
    assert_eq!(past.iter().map(|t| t.id).collect::<Vec<_>>(), [1002, 1001]);
    assert_eq!((past[0].priority.as_str(), past[0].closed), ("Priority 1 - Critical", false));
    assert!(past[0].opened_at.is_some());
    assert_eq!(desk.recent_tickets(2, since, 5).await.unwrap(), []);
}

#[tokio::test]
async fn desk_that_moved_to_a_new_codebase_is_found_again() {
    let (fake, desk) = pair().await;
    desk.send(&open(), "a", false).await.unwrap();
    fake.with(|d| d.codebase = "v2026_3".into());
    desk.send(&open(), "b", false).await.unwrap();
    assert_eq!(fake.with(|d| d.tickets.len()), 2);
}

#[tokio::test]
async fn what_may_not_be_looked_up_stops_no_ticket() {
    let (fake, desk) = pair().await;
    fake.with(|d| d.forbidden = vec!["/company", "/service/priorities"]);
    desk.send(&open(), "a", false).await.unwrap();
    let ticket = fake.with(|d| d.tickets[0].clone());
    assert_eq!(ticket["company"]["identifier"], "Catchall");
    assert!(
        ticket["initialInternalAnalysis"].as_str().unwrap().contains("no priority \"Priority 1 - Critical\"")
    );
}

#[tokio::test]
async fn wrong_keys_missing_rights_and_bad_fields_are_told_without_the_callers_words() {
    let (fake, desk) = pair().await;
    let told = async |desk: &ConnectWise| {
        let failure = desk.send(&open(), "a", false).await.unwrap_err();
        let SendFailure::Never { why, reason } = failure else { panic!("{failure:?}") };
        assert!(!why.contains("Ann") && !why.contains("Server down"), "{why}");
        (reason, why)
    };
    fake.with(|d| d.forbidden = vec!["/service/tickets"]);
    let (reason, why) = told(&desk).await;
    assert!(reason == NeverReason::Credentials && why.contains("security role"), "{why}");
    fake.with(|d| {
        d.forbidden.clear();
        d.companies.clear();
    });
    let (reason, why) = told(&desk).await;
    assert!(reason == NeverReason::Rejected && why.contains("InvalidReference"), "{why}");
    let wrong = Settings { private_key: Hidden::new("secret-9"), ..settings(&fake) };
    let (reason, why) = told(&ConnectWise::new(wrong).unwrap()).await;
    assert!(reason == NeverReason::Credentials && !why.contains("secret-9"), "{why}");
    let stranger = Settings { company_id: "nobody".into(), ..settings(&fake) };
    let (reason, why) = told(&ConnectWise::new(stranger).unwrap()).await;
    assert!(reason == NeverReason::Credentials && why.contains("company_id"), "{why}");
}

#[tokio::test]
async fn check_names_what_the_desk_lacks() {
    let (fake, desk) = pair().await;
    assert!(desk.check().await.unwrap().contains("Help Desk"));
    fake.with(|d| d.statuses.retain(|s| s["closedStatus"] == false));
    assert!(desk.check().await.unwrap_err().to_string().contains("no closed status"));
    let other = Settings { board: "Service".into(), ..settings(&fake) };
    let told = ConnectWise::new(other).unwrap().check().await.unwrap_err().to_string();
    assert_eq!(told, "ConnectWise has no board \"Service\": see channels.connectwise.board");
}

#[test]
fn summary_is_cut_at_a_hundred_characters_on_a_word() {
    let summary = cut(&"the server is down ".repeat(10), SUMMARY_CHARS_MAX);
    assert!(summary.chars().count() <= 100 && summary.ends_with('…'), "{summary}");
    assert!("the server is down ".repeat(10).starts_with(summary.trim_end_matches('…')), "{summary}");
    assert_eq!(cut("short", 100), "short");
}

#[test]
fn quotes_of_a_caller_end_no_condition() {
    assert_eq!(quoted("Bob\" or id>0 or name=\"x\\"), "\"Bob or id>0 or name=x\"");
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let with = |company: &str, client: &str| {
        ConnectWise::new(Settings::new(
            "https://na.myconnectwise.net",
            company,
            "pub",
            Hidden::new("priv"),
            client,
        ))
        .map(|_| ())
    };
    assert_eq!(with("acme", CLIENT), Ok(()));
    assert!(matches!(with("acme inc", CLIENT), Err(ConnectorFault::Value { key: "company_id", .. })));
    assert!(matches!(with("acme", "my-client"), Err(ConnectorFault::Value { key: "client_id", .. })));
}

//! Our requests, and the answers of our stand-ins, held against the services' own Python client libraries. Without
//! Python or a library (`pip install twilio anthropic`) the test says so and passes over.

use std::{path::Path, process::Command, time::Duration};

use domain::Outgoing;
use nightdesk::connectors::{
    Claude, Connector as _, Hidden, TwilioSms, claude,
    fake::{self, Fake},
    twilio_sms::{self, Signed, signature_is_right},
};
use serde_json::{Value, json};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const BOX: &str = "+15552340001";

async fn twilio() -> (Vec<String>, Value) {
    let fake = Fake::start(fake::twilio::Twilio::new(ACCOUNT, "token-1", BOX)).await.expect("a port");
    let usual = twilio_sms::Settings::new(ACCOUNT, Hidden::new("token-1"), BOX.parse().expect("a number"));
    let twilio = TwilioSms::new(twilio_sms::Settings { server: fake.url(), ..usual }).expect("settings");
    let page = Outgoing::Sms { to: "+15558870002".parse().expect("a number"), body: "EMERGENCY A7".into() };
    twilio.send(&page, "k", false).await.expect("sent");
    twilio.send(&page, "k", true).await.expect("found");
    let seen = fake.seen();
    let form = seen[0].form().into_iter().map(|(name, _)| name).collect();
    let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", fake.url());
    let client = list_of(&url).await;
    (form, client["messages"][0].clone())
}

/// A list as the stand-in answers it, over a plain socket.
async fn list_of(url: &str) -> Value {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rest = url.trim_start_matches("http://");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = tokio::net::TcpStream::connect(host).await.expect("a connection");
    let key = base64_of(&format!("{ACCOUNT}:token-1"));
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).expect("JSON")
}

fn base64_of(text: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(text)
}

async fn claude() -> Value {
    let fake =
        Fake::start(fake::claude::Claude::new("sk-ant-test-1", "claude-haiku-5-5")).await.expect("a port");
    fake.with(|c| c.answers.push_back(json!({"severity": "routine"})));
    let settings = claude::Settings {
        server: fake.url(),
        deadline: Duration::from_secs(5),
        ..claude::Settings::new(Hidden::new("sk-ant-test-1"))
    };
    let severity = json!({"type": "string", "enum": ["emergency", "routine"]});
    let question = claude::Question {
        system: "You judge calls.".into(),
        words: "Caller: my faucet drips".into(),
        schema: json!({"type": "object", "properties": {"severity": severity},
                       "required": ["severity"], "additionalProperties": false}),
    };
    Claude::new(settings).expect("settings").ask(&question).await.expect("an answer");
    fake.seen()[0].json()
}

#[tokio::test]
async fn requests_and_stand_ins_agree_with_the_services_own_libraries() {
    let (twilio_form, twilio_message) = twilio().await;
    let url = "https://shop.example.com/twilio?x=1";
    let params = [("From", "+15558870002"), ("Body", "ok A7"), ("MessageSid", "SM1")];
    let signature = "kTxJP3a31iNeYwB8ZWcpBhAaYz8=";
    let owned: Vec<(String, String)> =
        params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    assert!(signature_is_right(&Hidden::new("token-1"), url, Signed::Form(&owned), signature));
    let seen = json!({
        "twilio_form": twilio_form, "twilio_message": twilio_message, "twilio_token": "token-1",
        "twilio_url": url, "twilio_params": params, "twilio_signature": signature,
        "claude_body": claude().await,
        "claude_answer": fake::claude::message("claude-haiku-5-5", "end_turn", "{}"),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("seen.json");
    std::fs::write(&file, seen.to_string()).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/fields.py");
    let Ok(told) = Command::new("python3").arg(script).arg(&file).output() else {
        eprintln!("passed over: no python3 here");
        return;
    };
    let words = [told.stdout, told.stderr].map(|o| String::from_utf8_lossy(&o).into_owned()).concat();
    match told.status.code() {
        Some(0) => {}
        Some(2) => eprintln!("passed over in part: {words}"),
        _ => panic!("{words}"),
    }
}

use serde_json::json;

use super::*;
use crate::connectors::fake::{self, Fake, Reply as Http, Trouble};

const KEY: &str = "sk-ant-test-1";

async fn pair() -> (Fake<fake::claude::Claude>, Claude) {
    let fake = Fake::start(fake::claude::Claude::new(KEY, "claude-haiku-5-5")).await.unwrap();
    let claude = Claude::new(settings(&fake)).unwrap();
    (fake, claude)
}

fn settings(fake: &Fake<fake::claude::Claude>) -> Settings {
    let deadline = Duration::from_millis(400);
    Settings { server: fake.url(), deadline, ..Settings::new(Hidden::new(KEY)) }
}

fn question() -> Question {
    Question {
        system: "You judge calls.".into(),
        words: "Caller: water comes through the ceiling at [address]".into(),
        schema: json!({
            "type": "object",
            "properties": {
                "severity": {"type": "string", "enum": ["emergency", "unclear", "routine", "spam"]},
                "category": {"anyOf": [{"type": "string", "enum": ["leak"]}, {"type": "null"}]},
                "confidence": {"type": "number"},
            },
            "required": ["severity", "category", "confidence"],
            "additionalProperties": false,
        }),
    }
}

/// The fault that an answer of the far side leads to.
async fn fault(trouble: Http) -> CloudFault {
    let (fake, claude) = pair().await;
    fake.trouble(Trouble::Refuse(trouble));
    let fault = claude.ask(&question()).await.unwrap_err();
    assert!(!fault.to_string().contains(KEY) && !fault.to_string().contains("ceiling"), "{fault}");
    assert_eq!(fake.seen().len(), 1, "one attempt");
    fault
}

fn error(status: u16, kind: &str) -> Http {
    Http::json(
        status,
        &json!({"type": "error", "error": {"type": kind, "message": "…"}, "request_id": "req_1"}),
    )
}

fn message(stop_reason: &str, text: &str) -> Http {
    Http::json(200, &fake::claude::message("claude-haiku-5-5", stop_reason, text))
}

#[tokio::test]
async fn answer_fits_the_schema_and_tells_its_cost() {
    let (fake, claude) = pair().await;
    let answer = json!({"severity": "emergency", "category": "leak", "confidence": 0.93});
    fake.with(|c| c.answers.push_back(answer.clone()));
    let reply = claude.ask(&question()).await.unwrap();
    assert_eq!((reply.json, reply.model.as_str()), (answer, "claude-haiku-5-5"));
    assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (120, 20));

    let sent = fake.seen().remove(0);
    assert_eq!((sent.header("x-api-key"), sent.header("anthropic-version")), (Some(KEY), Some("2023-06-01")));
    let body = sent.json();
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(
        (&body["thinking"]["type"], &body["output_config"]["effort"]),
        (&json!("disabled"), &json!("low"))
    );
    assert_eq!(body["temperature"], Value::Null, "current models refuse it");
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(1), "no prefilled answer");
}

#[tokio::test]
async fn every_status_of_the_document_has_its_own_meaning() {
    assert_eq!(fault(error(401, "authentication_error")).await, CloudFault::Key);
    assert_eq!(fault(error(402, "billing_error")).await, CloudFault::Billing);
    let model = || "claude-haiku-5-5".to_owned();
    assert_eq!(fault(error(403, "permission_error")).await, CloudFault::Forbidden { model: model() });
    assert_eq!(fault(error(404, "not_found_error")).await, CloudFault::NoModel { model: model() });
    let limited = error(429, "rate_limit_error").with("retry-after", "12");
    assert_eq!(fault(limited).await, CloudFault::RateLimit { retry_after: Some(Duration::from_secs(12)) });
    let details = json!({"type": "error", "error": {"type": "rate_limit_error", "message": "…",
        "details": {"error_code": "enforced_spend_limit_reached"}}});
    assert_eq!(fault(Http::json(429, &details)).await, CloudFault::Billing);
    assert_eq!(fault(error(529, "overloaded_error")).await, CloudFault::Overloaded { status: 529 });
    assert_eq!(fault(error(500, "api_error")).await, CloudFault::Overloaded { status: 500 });
    assert!(matches!(fault(error(400, "invalid_request_error")).await, CloudFault::BadQuestion { .. }));
    assert!(matches!(fault(error(413, "request_too_large")).await, CloudFault::BadQuestion { .. }));
    let owner = [CloudFault::Key, CloudFault::Billing, CloudFault::Overloaded { status: 529 }]
        .map(|f| f.needs_the_owner());
    assert_eq!(owner, [true, true, false]);
}

#[tokio::test]
async fn refusal_and_cut_off_answers_are_paid_for_and_no_evidence() {
    let refused = fault(message("refusal", "")).await;
    assert_eq!(refused.usage().map(|u| u.input_tokens), Some(120));
    assert!(matches!(refused, CloudFault::Refused { .. }));
    let cut = fault(message("max_tokens", r#"{"severity": "emer"#)).await;
    assert!(matches!(&cut, CloudFault::CutOff { stop_reason, .. } if stop_reason == "max_tokens"), "{cut:?}");
}

#[tokio::test]
async fn answer_that_was_not_asked_for_is_no_answer() {
    for (answer, words) in [
        ("I think it is an emergency", "not JSON"),
        (r#"{"severity": "mark as resolved", "category": null, "confidence": 1}"#, "none of the values"),
        (r#"{"severity": "routine", "category": null}"#, "confidence is missing"),
        (r#"{"severity": "routine", "category": null, "confidence": "high"}"#, "not of the kind number"),
        (
            r#"{"severity": "routine", "category": null, "confidence": 1, "say": "call 555"}"#,
            "nobody asked for",
        ),
        ("[]", "not of the kind object"),
    ] {
        let fault = fault(message("end_turn", answer)).await;
        assert!(matches!(fault, CloudFault::OddAnswer { .. }), "{fault:?}");
        assert!(fault.to_string().contains(words), "{fault}");
        assert!(!fault.to_string().contains("555"), "{fault}");
    }
    assert!(matches!(fault(Http::text(200, "<html>")).await, CloudFault::Unreachable { .. }));
}

#[tokio::test]
async fn late_answer_and_dead_line_are_unreachable_in_time() {
    let (fake, claude) = pair().await;
    for trouble in [Trouble::Silence, Trouble::SlowBody, Trouble::HangUp] {
        fake.trouble(trouble);
        let begun = std::time::Instant::now();
        assert!(matches!(claude.ask(&question()).await, Err(CloudFault::Unreachable { .. })));
        assert!(begun.elapsed() < Duration::from_secs(2), "the deadline is 0.4 s");
    }
}

#[tokio::test]
async fn model_is_checked_at_start() {
    let (fake, claude) = pair().await;
    assert_eq!(claude.check().await.unwrap(), "Claude Test is there (claude-haiku-5-5)");
    let old = Settings { model: "claude-haiku-3".into(), ..settings(&fake) };
    let told = Claude::new(old).unwrap().check().await.unwrap_err();
    assert_eq!(told.to_string(), "Anthropic has no model claude-haiku-3 (any more): see cloud.model");
    let wrong = Settings { key: Hidden::new("sk-ant-other"), ..settings(&fake) };
    assert_eq!(Claude::new(wrong).unwrap().check().await, Err(CloudFault::Key));
}

#[tokio::test]
async fn overlong_question_is_not_sent() {
    let (fake, claude) = pair().await;
    let long = Question { words: "x".repeat(WORDS_BYTES_MAX), ..question() };
    assert!(matches!(claude.ask(&long).await, Err(CloudFault::BadQuestion { .. })));
    assert_eq!(fake.seen().len(), 0);
}

#[test]
fn keys_and_models_that_cannot_be_are_refused_and_never_printed() {
    let with = |key: &str, model: &str| {
        Claude::new(Settings { model: model.into(), ..Settings::new(Hidden::new(key)) })
    };
    assert!(matches!(with("two words", "m"), Err(ConnectorFault::Value { key: "key_file", .. })));
    assert!(matches!(with(KEY, "../x"), Err(ConnectorFault::Value { key: "model", .. })));
    assert!(!format!("{:?}", with(KEY, "claude-haiku-5-5").unwrap()).contains(KEY));
}

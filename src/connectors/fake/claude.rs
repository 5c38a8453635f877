//! Anthropic's Messages API: one key, one model, answers that somebody put ready.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Reply, Request, Service};

/// The service.
#[derive(Debug)]
pub struct Claude {
    key: String,
    model: String,
    /// Given one after the other; without one the answer is an empty object.
    pub answers: VecDeque<Value>,
}

impl Claude {
    /// A service that works.
    pub fn new(key: &str, model: &str) -> Self {
        Self { key: key.into(), model: model.into(), answers: VecDeque::new() }
    }

    fn judge(&mut self, body: &Value) -> Reply {
        let prefilled =
            body["messages"].as_array().and_then(|m| m.last()).is_none_or(|m| m["role"] != "user");
        let warm = body.get("temperature").is_some_and(|t| t != 1.0);
        let shaped = body["output_config"]["format"]["schema"]["additionalProperties"] == false;
        match () {
            () if body["model"] != self.model.as_str() => return error(404, "not_found_error"),
            () if body["max_tokens"].as_u64().is_none() || prefilled || warm || !shaped => {
                return error(400, "invalid_request_error");
            }
            () => {}
        }
        let answer = self.answers.pop_front().unwrap_or_else(|| json!({}));
        Reply::json(200, &message(&self.model, "end_turn", &answer.to_string()))
    }
}

impl Service for Claude {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.header("x-api-key") != Some(self.key.as_str()) {
            return error(401, "authentication_error");
        }
        if request.header("anthropic-version") != Some("2023-06-01") {
            return error(400, "invalid_request_error");
        }
        match request.parts().as_slice() {
            ["v1", "messages"] => self.judge(&request.json()),
            ["v1", "models", id] if *id == self.model => {
                let at = "2026-10-07T00:00:00Z";
                Reply::json(
                    200,
                    &json!({"type": "model", "id": id, "display_name": "Claude Test", "created_at": at}),
                )
            }
            _ => error(404, "not_found_error"),
        }
    }
}

/// An answer as the API gives it.
pub fn message(model: &str, stop_reason: &str, text: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "stop_reason": stop_reason,
        "stop_sequence": null, "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 120, "output_tokens": 20, "cache_creation_input_tokens": null,
                  "cache_read_input_tokens": 0, "service_tier": "standard"},
    })
}

fn error(status: u16, kind: &str) -> Reply {
    Reply::json(
        status,
        &json!({"type": "error", "error": {"type": kind, "message": "…"}, "request_id": "req_1"}),
    )
}

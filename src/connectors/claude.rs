//! The language model in the cloud: Anthropic's Messages API with structured output. One attempt, one deadline,
//! never alone in charge.
//!
//! What is asked has been redacted before it comes here; the answer is checked against the schema that was asked for,
//! whatever the far side promises. Sends no temperature and no prefilled answer: current models refuse both.

mod schema;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ConnectorFault, Hidden, NeverReason, SendFailure, Trust,
    http::{Answer, Way, Web},
};

pub use schema::SchemaFault;

/// The API's version that this file is written for.
const VERSION: &str = "2023-06-01";
/// Longest request: a call and a runbook. More is not sent.
const WORDS_BYTES_MAX: usize = 64 * 1024;

/// The account, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// API key.
    pub key: Hidden,
    /// Model id; checked at start.
    pub model: String,
    /// `https://api.anthropic.com`.
    pub server: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For the whole question, answer included.
    pub deadline: Duration,
    /// Most tokens of an answer.
    pub max_tokens: u32,
}

impl Settings {
    /// The current small model and the deadline of a live turn.
    pub fn new(key: Hidden) -> Self {
        Self {
            key,
            model: "claude-haiku-5-5".into(),
            server: "https://api.anthropic.com".into(),
            trust: Trust::default(),
            deadline: Duration::from_millis(2500),
            max_tokens: 300,
        }
    }
}

/// What is asked. Redacted already: nothing here is looked at for names or numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who the model is and how it judges.
    pub system: String,
    /// The call, redacted.
    pub words: String,
    /// JSON schema of the answer: objects with every property required and none besides, strings with `enum`,
    /// numbers, booleans, arrays.
    pub schema: Value,
}

/// A whole answer that fits the schema, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// As the schema has it.
    pub json: Value,
    /// The model that answered.
    pub model: String,
    /// For the meter.
    pub usage: Usage,
}

/// Tokens that the account pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Usage {
    /// Read, apart from the cache.
    #[serde(default)]
    pub input_tokens: u64,
    /// Written.
    #[serde(default)]
    pub output_tokens: u64,
    /// Written to the cache.
    #[serde(default, deserialize_with = "null_is_none")]
    pub cache_creation_input_tokens: u64,
    /// Read from the cache.
    #[serde(default, deserialize_with = "null_is_none")]
    pub cache_read_input_tokens: u64,
}

/// Why there is no answer; each says whether asking again in the next turn makes sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudFault {
    /// 401: the key. Ask no more until it is changed.
    #[error("Anthropic does not accept the API key: see cloud.key_file")]
    Key,
    /// 402, or the account's own spend limit. Ask no more until somebody pays.
    #[error("the Anthropic account has no credit left, or its spend limit is reached: see its console")]
    Billing,
    /// 403. Ask no more until the key gets the right.
    #[error("the API key may not use the model {model}: see its workspace in Anthropic's console")]
    Forbidden {
        /// Which.
        model: String,
    },
    /// 404. Ask no more until the setting is changed.
    #[error("Anthropic has no model {model} (any more): see cloud.model")]
    NoModel {
        /// Which.
        model: String,
    },
    /// 429: ask again after this, if it says so.
    #[error("Anthropic is being asked too often")]
    RateLimit {
        /// The far side's wish.
        retry_after: Option<Duration>,
    },
    /// 529 or 5xx: the next turn may have more luck.
    #[error("Anthropic is overloaded or in trouble ({status})")]
    Overloaded {
        /// HTTP status.
        status: u16,
    },
    /// It has not answered in time, or cannot be reached: the box is offline for it.
    #[error("{why}")]
    Unreachable {
        /// For the owner.
        why: String,
    },
    /// The model declined. The same words will be declined again.
    #[error("the cloud model declined to judge this call")]
    Refused {
        /// It is paid for all the same.
        usage: Usage,
    },
    /// The answer was cut off.
    #[error("the cloud model's answer was cut off ({stop_reason})")]
    CutOff {
        /// `max_tokens`, `model_context_window_exceeded` …
        stop_reason: String,
        /// It is paid for all the same.
        usage: Usage,
    },
    /// The answer is not what was asked for.
    #[error("the cloud model's answer is not what was asked for: {what}")]
    OddAnswer {
        /// Where it differs; none of its words.
        what: String,
        /// It is paid for all the same.
        usage: Usage,
    },
    /// The question is too long or of a form that the API refuses (400, 413, 422).
    #[error("the question cannot be put to the cloud model: {what}")]
    BadQuestion {
        /// Which part.
        what: String,
    },
}

/// The way to the model.
#[derive(Debug)]
pub struct Claude {
    settings: Settings,
    web: Web,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    model: String,
    #[serde(default)]
    content: Vec<Block>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Debug, Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    error: ProblemDetail,
}

#[derive(Debug, Default, Deserialize)]
struct ProblemDetail {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    details: Value,
}

#[derive(Debug, Deserialize)]
struct Model {
    id: String,
    #[serde(default)]
    display_name: String,
}

impl Claude {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// A key, model id or address that cannot be right.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let wrong = |key, what| Err(ConnectorFault::Value { key, what });
        if !settings.key.reveal().chars().all(|c| c.is_ascii_graphic()) || settings.key.reveal().len() < 8 {
            return wrong("key_file", "an API key is one word, as Anthropic's console shows it");
        }
        let id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
        if settings.model.is_empty() || !settings.model.chars().all(id) {
            return wrong("model", "write a model id, such as claude-haiku-5-5");
        }
        let way = Way {
            service: "Anthropic",
            key: "server",
            server: &settings.server,
            trust: &settings.trust,
            deadline: settings.deadline,
        };
        Ok(Self { web: Web::new(way)?, settings })
    }

    /// One attempt.
    ///
    /// # Errors
    /// The turn goes on without this stage.
    pub async fn ask(&self, question: &Question) -> Result<Reply, CloudFault> {
        if question.words.len() + question.system.len() > WORDS_BYTES_MAX {
            return Err(CloudFault::BadQuestion { what: "call and runbook are longer than 64 KiB".into() });
        }
        let request = self.web.post("/v1/messages").json(&self.body(question));
        let answer = self.exchange(request).await?;
        if !answer.is_success() {
            return Err(self.refusal(&answer));
        }
        let message: Message = answer.json().map_err(unreachable)?;
        let usage = message.usage;
        match message.stop_reason.as_deref() {
            Some("refusal") => return Err(CloudFault::Refused { usage }),
            Some("end_turn" | "stop_sequence") => {}
            other => {
                let stop_reason = other.unwrap_or("no reason").chars().take(40).collect();
                return Err(CloudFault::CutOff { stop_reason, usage });
            }
        }
        let text: String =
            message.content.iter().filter(|b| b.kind == "text").map(|b| b.text.as_str()).collect();
        let odd = |what: String| CloudFault::OddAnswer { what, usage };
        let json: Value = serde_json::from_str(text.trim()).map_err(|_| odd("it is not JSON".into()))?;
        schema::check(&json, &question.schema).map_err(|fault| odd(fault.to_string()))?;
        Ok(Reply { json, model: message.model, usage })
    }

    /// Whether the key works and the model exists: one line for the owner.
    ///
    /// # Errors
    /// Why it would not answer.
    pub async fn check(&self) -> Result<String, CloudFault> {
        let answer = self.exchange(self.web.get(&format!("/v1/models/{}", self.settings.model))).await?;
        if !answer.is_success() {
            return Err(self.refusal(&answer));
        }
        let model: Model = answer.json().map_err(unreachable)?;
        let name = if model.display_name.is_empty() { &model.id } else { &model.display_name };
        Ok(format!("{name} is there ({})", model.id))
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Answer, CloudFault> {
        let request =
            request.header("x-api-key", self.settings.key.reveal()).header("anthropic-version", VERSION);
        self.web.ask(request).await.map_err(unreachable)
    }

    fn body(&self, question: &Question) -> Value {
        json!({
            "model": self.settings.model,
            "max_tokens": self.settings.max_tokens,
            "system": question.system,
            "messages": [{"role": "user", "content": question.words}],
            "thinking": {"type": "disabled"},
            "output_config": {
                "effort": "low",
                "format": {"type": "json_schema", "schema": question.schema},
            },
        })
    }

    fn refusal(&self, answer: &Answer) -> CloudFault {
        let Problem { error } = answer.json_or_default();
        let model = self.settings.model.clone();
        // without a time to come back at, a limit is one of money (until the 1st of next month)
        let spent = error.details["error_code"] == "enforced_spend_limit_reached";
        match (answer.status(), error.kind.as_str()) {
            (401, _) => CloudFault::Key,
            (402, _) | (_, "billing_error") => CloudFault::Billing,
            (429, _) if spent => CloudFault::Billing,
            (403, _) => CloudFault::Forbidden { model },
            (404, _) => CloudFault::NoModel { model },
            (429, _) => CloudFault::RateLimit { retry_after: answer.retry_after() },
            (413, _) => CloudFault::BadQuestion { what: "it is too long (413)".into() },
            (status @ (400 | 422), _) => CloudFault::BadQuestion {
                what: format!(
                    "the API refuses its form ({status}); is cloud.model one with structured output?"
                ),
            },
            (status @ 500.., _) => CloudFault::Overloaded { status },
            _ => unreachable(answer.refusal()),
        }
    }
}

impl CloudFault {
    /// What was paid for although it was of no use.
    pub fn usage(&self) -> Option<Usage> {
        match self {
            Self::Refused { usage } | Self::CutOff { usage, .. } | Self::OddAnswer { usage, .. } => {
                Some(*usage)
            }
            Self::Key
            | Self::Billing
            | Self::Forbidden { .. }
            | Self::NoModel { .. }
            | Self::RateLimit { .. }
            | Self::Overloaded { .. }
            | Self::Unreachable { .. }
            | Self::BadQuestion { .. } => None,
        }
    }

    /// Whether only the owner can mend it: asking again is no use until then.
    pub fn needs_the_owner(&self) -> bool {
        matches!(self, Self::Key | Self::Billing | Self::Forbidden { .. } | Self::NoModel { .. })
    }
}

fn unreachable(failure: SendFailure) -> CloudFault {
    match failure {
        SendFailure::Never { reason: NeverReason::Rejected, why } => CloudFault::BadQuestion { what: why },
        SendFailure::Later { why, .. } | SendFailure::Unsure { why } | SendFailure::Never { why, .. } => {
            CloudFault::Unreachable { why }
        }
    }
}

fn null_is_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(Option::<u64>::deserialize(from)?.unwrap_or_default())
}

//! Requests to the desk: address with its codebase, keys, and what its errors mean.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Method, RequestBuilder, header};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    super::{
        ConnectorFault, Hidden, NeverReason, SendFailure,
        http::{Answer, Way, Web},
    },
    Settings,
};

/// Of a server that does not tell its own.
const USUAL_CODEBASE: &str = "v4_6_release";
/// The version of the API that our fields are from.
const ACCEPT: &str = "application/vnd.connectwise.com+json; version=2021.1, application/json";

#[derive(Debug)]
pub(super) struct Desk {
    web: Web,
    company_id: String,
    authorization: Hidden,
    client_id: String,
    fixed_codebase: Option<String>,
    /// As the server told it last.
    codebase: Mutex<Option<String>>,
}

#[derive(Debug, Deserialize)]
struct CompanyInfo {
    #[serde(rename = "Codebase")]
    codebase: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Debug, Default, Deserialize)]
struct FieldProblem {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    field: Option<String>,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConnectorFault> {
        let keys =
            format!("{}+{}:{}", settings.company_id, settings.public_key, settings.private_key.reveal());
        let web = Web::new(Way {
            service: "ConnectWise",
            key: "server",
            server: &api_server(&settings.server),
            trust: &settings.trust,
            deadline: settings.deadline,
        })?;
        Ok(Self {
            web,
            company_id: settings.company_id.clone(),
            authorization: Hidden::new(format!("Basic {}", BASE64_STANDARD.encode(keys))),
            client_id: settings.client_id.clone(),
            fixed_codebase: settings.codebase.clone(),
            codebase: Mutex::new(None),
        })
    }

    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, SendFailure> {
        self.exchange(Method::GET, path, |r| r.query(query)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, SendFailure> {
        self.exchange(Method::POST, path, |r| r.json(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Answer, SendFailure> {
        self.exchange(Method::PATCH, path, |r| r.json(body)).await
    }

    /// One request; when its address is gone because the hosted codebase has moved on, once more at the new one.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, SendFailure> {
        let codebase = self.codebase().await?;
        let answer = self.attempt(&method, &codebase, path, &fill).await?;
        let answer = match answer.status() {
            404 if self.fixed_codebase.is_none() => {
                *self.codebase.lock().await = None;
                let now = self.codebase().await?;
                if now == codebase { answer } else { self.attempt(&method, &now, path, &fill).await? }
            }
            _ => answer,
        };
        if answer.is_success() { Ok(answer) } else { Err(refusal(&answer)) }
    }

    async fn attempt(
        &self,
        method: &Method,
        codebase: &str,
        path: &str,
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, SendFailure> {
        let request = self.web.request(method.clone(), &format!("/{codebase}/apis/3.0{path}"));
        let request = request
            .header(header::AUTHORIZATION, self.authorization.reveal())
            .header("clientId", &self.client_id)
            .header(header::ACCEPT, ACCEPT);
        self.web.ask(fill(request)).await
    }

    /// The part of the address that changes with every upgrade of a hosted desk. Asking for it needs no key.
    async fn codebase(&self) -> Result<String, SendFailure> {
        if let Some(fixed) = &self.fixed_codebase {
            return Ok(fixed.trim_matches('/').to_owned());
        }
        let mut known = self.codebase.lock().await;
        if let Some(known) = known.as_ref() {
            return Ok(known.clone());
        }
        let answer = self.web.ask(self.web.get(&format!("/login/companyinfo/{}", self.company_id))).await?;
        let told = match answer.status() {
            404 => None, // an own server of an older make
            200..=299 => {
                let info: Option<CompanyInfo> = answer.json()?;
                let info = info.ok_or_else(|| SendFailure::Never {
                    why: "ConnectWise does not know this company_id".into(),
                    reason: NeverReason::Credentials,
                })?;
                info.codebase
            }
            _ => return Err(answer.refusal()),
        };
        let fine = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let told: Option<String> = told.map(|c| c.trim_matches('/').chars().filter(fine).collect());
        let codebase = told.filter(|c| !c.is_empty()).unwrap_or_else(|| USUAL_CODEBASE.to_owned());
        *known = Some(codebase.clone());
        Ok(codebase)
    }
}

/// The hosted desks have an address for people and one for programs.
fn api_server(server: &str) -> String {
    let server = server.trim().trim_end_matches('/');
    match server.strip_prefix("https://") {
        Some(host) if host.ends_with(".myconnectwise.net") && !host.starts_with("api-") => {
            format!("https://api-{host}")
        }
        _ => server.to_owned(),
    }
}

/// The desk's own messages repeat what was sent, so only codes and names of fields are told.
fn refusal(answer: &Answer) -> SendFailure {
    let never = |why: String, reason| SendFailure::Never { why, reason };
    match answer.status() {
        401 => never(
            "ConnectWise does not accept company_id, keys or client_id (401)".into(),
            NeverReason::Credentials,
        ),
        403 => never(
            "the API member's security role in ConnectWise does not allow this (403): it needs Service Tickets \
             (add, edit, inquire), Company Maintenance and Contacts (inquire)"
                .into(),
            NeverReason::Credentials,
        ),
        404 => never("ConnectWise does not have what was asked for (404)".into(), NeverReason::BadDestination),
        400 | 405..=407 | 409..=424 => {
            let problem: Problem = answer.json_or_default();
            let word = |text: &Option<String>| -> String {
                let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.');
                text.iter().flat_map(|t| t.chars()).filter(plain).take(60).collect()
            };
            let fields: Vec<String> = problem
                .errors
                .iter()
                .take(5)
                .map(|e| format!("{} {}{}", word(&e.code), word(&e.resource), word(&e.field)).trim().to_owned())
                .collect();
            let what = if fields.is_empty() { word(&problem.code) } else { fields.join(", ") };
            never(format!("ConnectWise refuses it ({}): {what}", answer.status()), NeverReason::Rejected)
        }
        _ => answer.refusal(),
    }
}

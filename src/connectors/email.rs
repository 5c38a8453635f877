//! E-mail over SMTP submission (RFC 6409): STARTTLS on 587 or TLS on 465, never a password in the clear.
//!
//! `Message-ID` is made from our key, so that a repeat is the same letter to every mail program. The steps of SMTP
//! are taken one by one, because only what breaks after the words have gone is unsure.

use std::{error::Error as _, fmt, time::Duration};

use async_trait::async_trait;
use domain::Outgoing;
use lettre::{
    Address, Message,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};

use super::{
    Connector, ConnectorFault, Hidden, NeverReason, SendFailure, Sent, Trust,
    http::{
        failure::{What, sorted},
        in_this_building,
    },
};

/// Longest wait for the answer to a goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(2);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Encrypted from the first byte; port 465.
    Tls,
    /// Encrypted after a greeting; port 587.
    StartTls,
    /// Not at all; only to a server in this building.
    Plain,
}

/// Whose server, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name or address of the mail server.
    pub host: String,
    /// 587, 465 or 25.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// Name and password; `None`: the server knows us by our address.
    pub sign_in: Option<(String, Hidden)>,
    /// `NightDesk <nightdesk@shop.example>`, or the address alone.
    pub from: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For getting ready, and once more for the letter itself.
    pub deadline: Duration,
}

/// The way out.
pub struct Email {
    settings: Settings,
    from: Mailbox,
    tls: Option<TlsParameters>,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    SignIn,
    Sender,
    Receiver,
    Content,
}

impl Email {
    /// Reads the settings; nothing is sent.
    ///
    /// # Errors
    /// A sender that is no address, a password without protection, certificates that cannot be read.
    pub fn new(settings: Settings) -> Result<Self, ConnectorFault> {
        let wrong = |key, what| ConnectorFault::Value { key, what };
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| wrong("from", "write an address, as in \"NightDesk <nightdesk@shop.example>\""))?;
        if settings.security == Security::Plain && !in_this_building(&settings.host) {
            return Err(wrong(
                "security",
                "\"plain\" is only for a mail server in this building: write \"starttls\"",
            ));
        }
        let tls = match settings.security {
            Security::Plain => None,
            Security::Tls | Security::StartTls => Some(tls(&settings)?),
        };
        Ok(Self { settings, from, tls })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendFailure> {
        let settings = &self.settings;
        let own_name = ClientId::default();
        let server = (settings.host.as_str(), settings.port);
        let at_once = self.tls.clone().filter(|_| settings.security == Security::Tls);
        let connected =
            AsyncSmtpConnection::connect_tokio1(server, Some(settings.deadline), &own_name, at_once, None)
                .await;
        let mut connection = connected.map_err(|e| self.failure(Step::Connect, &e))?;
        if let (Security::StartTls, Some(tls)) = (settings.security, &self.tls) {
            if !connection.can_starttls() {
                let why = format!(
                    "the mail server {} offers no STARTTLS: try security = \"tls\" and port 465",
                    settings.host
                );
                return Err(SendFailure::Never { why, reason: NeverReason::Credentials });
            }
            connection.starttls(tls.clone(), &own_name).await.map_err(|e| self.failure(Step::Connect, &e))?;
        }
        if let Some((name, password)) = &settings.sign_in {
            let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signed_in = connection.auth(&mechanisms, &credentials).await;
            signed_in.map_err(|e| self.failure(Step::SignIn, &e))?;
        }
        Ok(connection)
    }

    /// Everything before the words: sender and receiver are agreed, and the server waits for the letter.
    async fn prepare(&self, message: &Message, bytes: &[u8]) -> Result<AsyncSmtpConnection, SendFailure> {
        let mut connection = self.connect().await?;
        let mut options = Vec::new();
        if !bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let sender = Mail::new(Some(self.from.email.clone()), options);
        connection.command(sender).await.map_err(|e| self.failure(Step::Sender, &e))?;
        for receiver in message.envelope().to() {
            let receiver = Rcpt::new(receiver.clone(), Vec::new());
            connection.command(receiver).await.map_err(|e| self.failure(Step::Receiver, &e))?;
        }
        connection.command(Data).await.map_err(|e| self.failure(Step::Sender, &e))?;
        Ok(connection)
    }

    async fn deliver(&self, message: &Message) -> Result<(), SendFailure> {
        let bytes = message.formatted();
        let mut connection = self.within(Step::Connect, self.prepare(message, &bytes)).await?;
        let words = async { connection.message(&bytes).await.map_err(|e| self.failure(Step::Content, &e)) };
        self.within(Step::Content, words).await?;
        // it has the letter; a goodbye changes nothing
        let _ = tokio::time::timeout(GOODBYE_MAX, connection.quit()).await;
        Ok(())
    }

    /// What to do about an error. The server's own words may repeat the receiver's address and are not told.
    fn failure(&self, step: Step, error: &SmtpError) -> SendFailure {
        let host = &self.settings.host;
        let Some(code) = error.status().map(u16::from) else {
            if error.is_client() && step == Step::SignIn {
                let why =
                    format!("the mail server {host} offers no way to sign in that we know (PLAIN, LOGIN)");
                return SendFailure::Never { why, reason: NeverReason::Credentials };
            }
            let what = What::of_causes(error);
            let what = match (what, step) {
                (Some(what), _) => what,
                (None, Step::Connect) if error.is_timeout() || error.source().is_none() => {
                    What::ConnectTimeout
                }
                (None, _) => What::ClosedEarly,
            };
            return sorted(format!("mail: {}", what.words(host)), step == Step::Content);
        };
        let never = |why: String, reason| SendFailure::Never { why: format!("{why} ({code})"), reason };
        match (code, step) {
            (400..=499, _) => SendFailure::Later {
                why: format!("the mail server {host} wants it later ({code})"),
                retry_after: None,
            },
            (530 | 534 | 535 | 538, _) | (_, Step::SignIn) => never(
                format!(
                    "the mail server {host} does not accept name and password; some providers want an app password"
                ),
                NeverReason::Credentials,
            ),
            (_, Step::Connect) => {
                never(format!("the mail server {host} does not talk to this box"), NeverReason::Rejected)
            }
            (_, Step::Sender) => never(
                format!(
                    "the mail server {host} does not let us send as this sender: see channels.email.from"
                ),
                NeverReason::Rejected,
            ),
            (_, Step::Receiver) => {
                never("the mail server knows no such receiver".into(), NeverReason::BadDestination)
            }
            (_, Step::Content) => never(
                format!("the mail server {host} refuses the letter, perhaps as spam"),
                NeverReason::Rejected,
            ),
        }
    }

    fn message(&self, to: &str, subject: &str, text: &str, key: &str) -> Result<Message, SendFailure> {
        let bad = |what: &str| SendFailure::Never {
            why: format!("mail: {what}"),
            reason: NeverReason::BadDestination,
        };
        let to: Address = to.trim().parse().map_err(|_| bad("the receiver is not an e-mail address"))?;
        let one_line: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line)
            .message_id(Some(self.message_id(key)))
            .date_now()
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|_| bad("the letter cannot be written in the form that mail needs"))
    }

    /// The same for every attempt.
    fn message_id(&self, key: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
        let key: String = key.chars().map(plain).take(100).collect();
        format!("<nightdesk.{key}@{}>", self.from.email.domain())
    }

    async fn within<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, SendFailure>>,
    ) -> Result<T, SendFailure> {
        match tokio::time::timeout(self.settings.deadline, work).await {
            Ok(result) => result,
            Err(_) => {
                let (host, seconds) = (&self.settings.host, self.settings.deadline.as_secs_f32());
                let why = format!("the mail server {host} was not done within {seconds} s");
                Err(sorted(why, step == Step::Content))
            }
        }
    }
}

#[async_trait]
impl Connector for Email {
    fn name(&self) -> &'static str {
        "E-mail"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Email { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, _repeat: bool) -> Result<Sent, SendFailure> {
        let Outgoing::Email { to, subject, text } = what else { return Err(super::not_this_way("E-mail")) };
        let message = self.message(to, subject, text, key)?;
        self.deliver(&message).await?;
        Ok(Sent::Accepted { far_id: self.message_id(key) })
    }

    async fn check(&self) -> Result<String, SendFailure> {
        let mut connection = self.within(Step::Connect, self.connect()).await?;
        let _ = tokio::time::timeout(GOODBYE_MAX, connection.quit()).await;
        let protected = if self.settings.security == Security::Plain { "unprotected" } else { "encrypted" };
        let signed_in = if self.settings.sign_in.is_some() { ", signed in" } else { "" };
        Ok(format!("{} answers, {protected}{signed_in}", self.settings.host))
    }
}

fn tls(settings: &Settings) -> Result<TlsParameters, ConnectorFault> {
    let fault = |e: SmtpError| ConnectorFault::Tls { cause: e.to_string() };
    // a second installation in one process finds the first one in place, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.trust.extra_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(fault)?);
    }
    builder.build_rustls().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::fake::smtp::{Smtp, Trouble};

    async fn pair() -> (Smtp, Email) {
        let server = Smtp::start(Some(("nightdesk", "pw-7"))).await.unwrap();
        let email = Email::new(settings(&server)).unwrap();
        (server, email)
    }

    fn settings(server: &Smtp) -> Settings {
        Settings {
            host: "127.0.0.1".into(),
            port: server.port(),
            security: Security::Plain,
            sign_in: Some(("nightdesk".into(), Hidden::new("pw-7"))),
            from: "NightDesk <nightdesk@metro.example>".into(),
            trust: Trust::default(),
            deadline: Duration::from_millis(400),
        }
    }

    fn letter() -> Outgoing {
        let text = "Good morning.\n.\nTwo calls – one urgent: Señor Núñez, 4 °C.\n";
        Outgoing::Email {
            to: "dave@metro.example".into(),
            subject: "Digest\r\nBcc: x@y.z".into(),
            text: text.into(),
        }
    }

    fn kind(result: Result<Sent, SendFailure>) -> String {
        match result {
            Ok(_) => "sent".into(),
            Err(SendFailure::Later { .. }) => "later".into(),
            Err(SendFailure::Unsure { .. }) => "unsure".into(),
            Err(SendFailure::Never { reason, why }) => {
                assert!(!why.contains("dave") && !why.contains("pw-7"), "{why}");
                format!("{reason:?}")
            }
        }
    }

    #[tokio::test]
    async fn letter_arrives_whole_with_our_key_and_no_stolen_header() {
        let (server, email) = pair().await;
        let sent = email.send(&letter(), "key/1", false).await.unwrap();
        assert_eq!(sent, Sent::Accepted { far_id: "<nightdesk.key-1@metro.example>".into() });
        let letters = server.letters();
        assert_eq!((letters[0].to.as_str(), letters.len()), ("dave@metro.example", 1));
        let raw = &letters[0].raw;
        assert!(raw.contains("Message-ID: <nightdesk.key-1@metro.example>"), "{raw}");
        assert!(raw.contains("Subject: Digest Bcc: x@y.z\r\n"), "{raw}");
        assert!(!raw.contains("\r\nBcc:"), "{raw}");
        assert!(email.check().await.unwrap().contains("signed in"));
    }

    #[tokio::test]
    async fn only_what_breaks_after_the_words_is_unsure() {
        let (server, email) = pair().await;
        let told = async |trouble| {
            server.trouble(trouble);
            kind(email.send(&letter(), "k", false).await)
        };
        assert_eq!(told(Trouble::Busy).await, "later");
        assert_eq!(told(Trouble::UnknownReceiver).await, "BadDestination");
        assert_eq!(told(Trouble::HangUpBeforeData).await, "later");
        assert_eq!(told(Trouble::HangUpAfterData).await, "unsure");
        assert_eq!(told(Trouble::SilentAfterData).await, "unsure");
        assert_eq!(told(Trouble::Spam).await, "Rejected");
        assert_eq!(server.letters().len(), 2, "both that were unsure had arrived");
    }

    #[tokio::test]
    async fn wrong_password_and_dead_server_are_told() {
        let (server, _) = pair().await;
        let wrong =
            Settings { sign_in: Some(("nightdesk".into(), Hidden::new("pw-8"))), ..settings(&server) };
        assert_eq!(kind(Email::new(wrong).unwrap().send(&letter(), "k", false).await), "Credentials");
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let dead = Settings { port, ..settings(&server) };
        let told = Email::new(dead).unwrap().send(&letter(), "k", false).await.unwrap_err();
        assert!(told.to_string().contains("refuses the connection"), "{told}");
        let unknown = Settings {
            host: "mail.invalid".into(),
            security: Security::StartTls,
            deadline: Duration::from_secs(5),
            ..settings(&server)
        };
        let told = Email::new(unknown).unwrap().send(&letter(), "k", false).await.unwrap_err();
        assert!(told.to_string().contains("cannot be looked up"), "{told}");
    }

    #[test]
    fn password_never_leaves_the_building_in_the_clear() {
        let settings = Settings {
            host: "smtp.example.com".into(),
            port: 25,
            security: Security::Plain,
            sign_in: None,
            from: "a@b.example".into(),
            trust: Trust::default(),
            deadline: Duration::from_secs(1),
        };
        assert!(matches!(Email::new(settings.clone()), Err(ConnectorFault::Value { key: "security", .. })));
        let nobody = Settings { from: "nobody".into(), host: "127.0.0.1".into(), ..settings };
        assert!(matches!(Email::new(nobody), Err(ConnectorFault::Value { key: "from", .. })));
    }
}

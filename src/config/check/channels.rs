//! `[channels.…]` and `[cloud]`.

use domain::PhoneNumber;

use super::{
    super::{
        channels::{
            Channels, CloudSettings, ConnectWiseSettings, EmailSettings, MailSecurity, ModemSettings,
            NtfySettings, PushoverSettings, SlackSettings, TwilioSettings, WebhookSettings,
        },
        checked::Secret,
        fault::Place,
        raw::{self, At},
    },
    Check,
};

const PRIORITIES: [&str; 3] = ["Priority 1 - Critical", "Priority 2 - High", "Priority 3 - Medium"];

impl Check<'_, '_> {
    pub(super) fn channels(&mut self, written: Option<At<raw::Channels>>) -> Channels {
        let Some(At { value: written, .. }) = written else { return Channels::default() };
        Channels {
            twilio: written.twilio.as_ref().and_then(|s| self.twilio(s)),
            modem: written.modem.as_ref().and_then(|s| self.modem(s)),
            connectwise: written.connectwise.as_ref().and_then(|s| self.connectwise(s)),
            slack: written.slack.as_ref().and_then(|s| self.slack(s)),
            email: written.email.as_ref().and_then(|s| self.email(s)),
            ntfy: written.ntfy.as_ref().and_then(|s| self.ntfy(s)),
            pushover: written.pushover.as_ref().and_then(|s| self.pushover(s)),
            webhook: written.webhook.as_ref().and_then(|s| self.webhook(s)),
        }
    }

    fn twilio(&mut self, At { value: written, place: at }: &At<raw::Twilio>) -> Option<TwilioSettings> {
        let account =
            self.required(at, "account_sid", &written.account_sid, "AC0123456789abcdef0123456789abcdef");
        let account = self.read(
            account,
            |t| sid(t, "AC"),
            "AC and 32 characters, from the first page of Twilio's console",
        );
        let from = self.required(at, "from", &written.from, "+15552345678");
        let from =
            self.read(from, PhoneNumber::parse_dialable, "the number that Twilio gave you: \"+15552345678\"");
        let secret = self.secret(at, "secret_file", written.secret_file.as_ref(), "twilio-secret");
        let settings = (
            self.read(
                written.api_key_sid.as_ref(),
                |t| sid(t, "SK"),
                "SK and 32 characters, or leave the line out",
            ),
            self.read(
                written.messaging_service_sid.as_ref(),
                |t| sid(t, "MG"),
                "MG and 32 characters, or leave the line out",
            ),
            self.whole(&written.validity_s, 1..=36_000, "seconds", 600),
            self.server(written.server.as_ref(), "https://api.twilio.com"),
            self.ca(written.ca_file.as_ref()),
        );
        let (api_key_sid, messaging_service_sid, validity_s, server, ca_pem) = settings;
        Some(TwilioSettings {
            account_sid: account?,
            api_key_sid,
            secret: secret?,
            from: from?,
            messaging_service_sid,
            validity_s,
            server,
            ca_pem,
        })
    }

    fn modem(&mut self, At { value: written, place: at }: &At<raw::Modem>) -> Option<ModemSettings> {
        let example = "/dev/serial/by-id/usb-Quectel_EC25-if02-port0";
        let device = self.required(at, "device", &written.device, example);
        if let Some(At { value, place }) = device.filter(|d| d.value.trim().starts_with("/dev/tty")) {
            let what =
                format!("{value} is another modem, or none, when the plugs were swapped or after a start");
            self.faults.warn(place, what, "the name that stays: `ls /dev/serial/by-id/` lists it");
        }
        let device = self.read(device, device_path, "the whole path of the modem's port for commands");
        let pin = match &written.pin_file {
            Some(file) => {
                let pin = self.secret(at, "pin_file", Some(file), "")?;
                let digits = pin.reveal();
                if !(4..=8).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    let what = format!("the file of {} holds no PIN", file.place.key);
                    self.faults.error(&file.place, what, "four to eight digits in that file");
                }
                Some(pin)
            }
            None => None,
        };
        let validity_s = self.whole(&written.validity_s, 300..=86_400, "seconds", 600);
        Some(ModemSettings { device: device?, pin, validity_s })
    }

    fn connectwise(
        &mut self,
        At { value: written, place: at }: &At<raw::ConnectWise>,
    ) -> Option<ConnectWiseSettings> {
        let example = "https://api-na.myconnectwise.net";
        let server = self.required(at, "server", &written.server, example).is_some();
        let server_url = self.server(written.server.as_ref(), example);
        let company_id = self.required(at, "company_id", &written.company_id, "acme");
        let company_id =
            self.read(company_id, one_word, "the company of ConnectWise's sign-in page, one word");
        let public_key = self.required(at, "public_key", &written.public_key, "AbCdEfGhIjKlMnOp");
        let public_key = self.read(public_key, one_word, "the API member's public key");
        let private_key =
            self.secret(at, "private_key_file", written.private_key_file.as_ref(), "connectwise-key");
        let client_id =
            self.required(at, "client_id", &written.client_id, "12345678-90ab-cdef-1234-567890abcdef");
        let client_id =
            self.read(client_id, guid, "36 characters with dashes, from developer.connectwise.com");
        let word = |text: Option<&At<String>>, usual: &str| {
            text.map_or(usual.to_owned(), |t| t.value.trim().to_owned())
        };
        let settings = ConnectWiseSettings {
            server: server_url,
            company_id: String::new(),
            public_key: String::new(),
            private_key: private_key?,
            client_id: String::new(),
            codebase: self.text(&written.codebase).map(|c| c.value.trim().to_owned()),
            board: word(self.text(&written.board), "Help Desk"),
            boards: self.boards(written.boards.as_ref()),
            unknown_company: word(self.text(&written.unknown_company), "Catchall"),
            priorities: self.priorities(written.priorities.as_ref()),
            in_progress_status: word(self.text(&written.in_progress_status), "In Progress"),
            ca_pem: self.ca(written.ca_file.as_ref()),
        };
        let settings = ConnectWiseSettings {
            company_id: company_id?,
            public_key: public_key?,
            client_id: client_id?,
            ..settings
        };
        server.then_some(settings)
    }

    fn boards(&mut self, written: Option<&At<Vec<At<String>>>>) -> Vec<(String, String)> {
        let list = written.map(|l| l.value.as_slice()).unwrap_or_default();
        let read = |text: &str| {
            let (shop, board) = text.split_once(':').ok_or("no shop id with a colon and a board")?;
            let (shop, board) = (shop.trim(), board.trim());
            if shop.is_empty() || board.is_empty() {
                Err("half of it is empty")
            } else {
                Ok((shop.to_owned(), board.to_owned()))
            }
        };
        list.iter()
            .filter_map(|one| self.read(Some(one), read, "shop id and board: \"acme: Help Desk\""))
            .collect()
    }

    fn priorities(&mut self, written: Option<&At<Vec<At<String>>>>) -> [String; 3] {
        let usual = PRIORITIES.map(str::to_owned);
        let Some(At { value: list, place }) = written else { return usual };
        let names: Vec<String> = list.iter().map(|n| n.value.trim().to_owned()).collect();
        <[String; 3]>::try_from(names).unwrap_or_else(|names| {
            let what = format!("{} has {} names, but there are three priorities", place.key, names.len());
            self.faults.error(place, what, "the desk's names for P1, P2 and P3, in this order");
            usual
        })
    }

    fn slack(&mut self, At { value: written, place: at }: &At<raw::Slack>) -> Option<SlackSettings> {
        let advice = "either webhook_file, or token_file and channel";
        match (&written.webhook_file, &written.token_file) {
            (Some(file), None) => {
                let url = self.secret(at, "webhook_file", Some(file), "slack-webhook")?;
                if !url.reveal().starts_with("https://") {
                    self.faults.error(
                        &file.place,
                        "the webhook file holds no address that begins with https://",
                        advice,
                    );
                    return None;
                }
                Some(SlackSettings::Webhook(url))
            }
            (None, Some(file)) => {
                let token = self.secret(at, "token_file", Some(file), "slack-token");
                let channel = self.required(at, "channel", &written.channel, "C0123456789");
                let channel = self.read(channel, slack_channel, "the channel's id, such as \"C0123456789\"");
                Some(SlackSettings::Bot { token: token?, channel: channel? })
            }
            (Some(file), Some(_)) => {
                self.faults.error(&file.place, "both a webhook and a bot are given", advice);
                None
            }
            (None, None) => {
                self.faults.error(at, "channels.slack has neither a webhook nor a bot", advice);
                None
            }
        }
    }

    fn email(&mut self, At { value: written, place: at }: &At<raw::Email>) -> Option<EmailSettings> {
        let words = [
            ("starttls", MailSecurity::StartTls),
            ("tls", MailSecurity::Tls),
            ("plain", MailSecurity::Plain),
        ];
        let security = self.one_of(&written.security, &words, MailSecurity::StartTls);
        let usual_port = match security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::Plain => 25,
        };
        let host = self.required(at, "host", &written.host, "smtp.example.com");
        let host = self.read(
            host,
            super::line::host_name,
            "a name or an address without port: \"smtp.example.com\"",
        );
        let from = self.required(at, "from", &written.from, "NightDesk <nightdesk@shop.example>");
        let from =
            self.read(from, mailbox, "\"nightdesk@shop.example\" or \"NightDesk <nightdesk@shop.example>\"");
        let port = self.whole(&written.port, 1..=65_535, "port", usual_port);
        let sign_in = match self.text(&written.user) {
            Some(user) => {
                let password =
                    self.secret(at, "password_file", written.password_file.as_ref(), "mail-password")?;
                Some((user.value.trim().to_owned(), password))
            }
            None => None,
        };
        Some(EmailSettings {
            host: host?,
            port,
            security,
            sign_in,
            from: from?,
            ca_pem: self.ca(written.ca_file.as_ref()),
        })
    }

    fn ntfy(&mut self, At { value: written, place: at }: &At<raw::Ntfy>) -> Option<NtfySettings> {
        let topic = self.secret(at, "topic_file", written.topic_file.as_ref(), "ntfy-topic");
        let mut optional = |key: &str, file: &Option<At<String>>| {
            file.as_ref().and_then(|f| self.secret(at, key, Some(f), ""))
        };
        let ack_topic = optional("ack_topic_file", &written.ack_topic_file);
        let token = optional("token_file", &written.token_file);
        let ack_token = optional("ack_token_file", &written.ack_token_file);
        Some(NtfySettings {
            server: self.server(written.server.as_ref(), "https://ntfy.sh"),
            topic: topic?,
            ack_topic,
            token,
            ack_token,
            ca_pem: self.ca(written.ca_file.as_ref()),
        })
    }

    fn pushover(&mut self, At { value: written, place: at }: &At<raw::Pushover>) -> Option<PushoverSettings> {
        let token = self.secret(at, "token_file", written.token_file.as_ref(), "pushover-token");
        let user = self.secret(at, "user_file", written.user_file.as_ref(), "pushover-user");
        let retry_s = self.whole(&written.retry_s, 30..=10_800, "seconds", 60);
        let expire_s = self.whole(&written.expire_s, 30..=10_800, "seconds", 1800);
        if expire_s < retry_s {
            let example = "expire_s above retry_s, such as 1800 and 60";
            self.faults.error(at, "channels.pushover gives up before it rings a second time", example);
        }
        Some(PushoverSettings { token: token?, user: user?, retry_s, expire_s })
    }

    fn webhook(&mut self, At { value: written, place: at }: &At<raw::Webhook>) -> Option<WebhookSettings> {
        let url = self.secret(at, "url_file", written.url_file.as_ref(), "webhook-url");
        let secret = self.secret(at, "secret_file", written.secret_file.as_ref(), "webhook-secret");
        let ca_pem = self.ca(written.ca_file.as_ref());
        let (url, secret) = (url?, secret?);
        if let Some(file) = written.secret_file.as_ref().filter(|_| secret.reveal().len() < 16) {
            self.faults.error(
                &file.place,
                "the webhook's secret can be guessed",
                "at least 16 characters in that file",
            );
            return None;
        }
        Some(WebhookSettings { url, secret, ca_pem })
    }

    pub(super) fn cloud(&mut self, written: Option<At<raw::Cloud>>) -> Option<CloudSettings> {
        let At { value: written, place: at } = written?;
        let deadline_ms = self.whole(&written.deadline_ms, 500..=10_000, "milliseconds", 2500);
        let server = self.server(written.server.as_ref(), "https://api.anthropic.com");
        let model = self.text(&written.model).map_or("claude-haiku-5-5", |m| m.value.trim()).to_owned();
        let input = self.price(written.input_usd_per_mtok.as_ref(), 0.10);
        let output = self.price(written.output_usd_per_mtok.as_ref(), 0.50);
        if !written.enabled.as_ref().is_some_and(|e| e.value) {
            return None;
        }
        let key = self.secret(&at, "key_file", written.key_file.as_ref(), "anthropic-key")?;
        let after_call = written.after_call.as_ref().is_some_and(|a| a.value);
        Some(CloudSettings {
            key,
            model,
            server,
            deadline_ms,
            after_call,
            input_usd_per_mtok: input,
            output_usd_per_mtok: output,
        })
    }

    fn price(&mut self, written: Option<&At<f64>>, usual: f64) -> f64 {
        let Some(At { value, place }) = written else { return usual };
        if (0.0..=1000.0).contains(value) {
            return *value;
        }
        self.faults.error(
            place,
            format!("{} is {value}, which is no price", place.key),
            "US dollars for a million tokens, such as 0.10",
        );
        usual
    }

    /// A key, token or password: one line in a file of its own, or a credential of systemd's with that name.
    fn secret(
        &mut self,
        section: &Place,
        key: &str,
        file: Option<&At<String>>,
        example: &str,
    ) -> Option<Secret> {
        let Some(file) = file else {
            let place = section.below(key, section.span.clone());
            let advice =
                format!("{key} = \"{example}\": a file beside this one with the secret in its first line");
            self.faults.error(&place, format!("{} is missing", place.key), advice);
            return None;
        };
        let path = self.around.path(&file.value);
        match self.around.secret(&file.value) {
            Err(error) => {
                let what = format!("{} {} cannot be read: {error}", file.place.key, path.display());
                let advice = "the path of a file with the secret in its first line, relative to this file";
                self.faults.error(&file.place, what, advice);
                None
            }
            Ok((text, open_to_all)) => {
                if open_to_all {
                    let what = format!("everybody on this machine may read {}", path.display());
                    self.faults.warn(
                        &file.place,
                        what,
                        format!("in a terminal: chmod 640 {}", path.display()),
                    );
                }
                let secret = text.lines().next().unwrap_or_default().trim();
                if secret.is_empty() || text.trim().lines().count() > 1 {
                    let what = format!("{} must hold one line", path.display());
                    self.faults.error(&file.place, what, "the secret in the first line, nothing else");
                    return None;
                }
                Some(Secret(secret.to_owned()))
            }
        }
    }

    /// Address of a service.
    fn server(&mut self, written: Option<&At<String>>, usual: &str) -> String {
        let example = format!("\"{usual}\"; http:// only for an address in this building");
        self.read(written, service_address, &example).unwrap_or_else(|| usual.to_owned())
    }

    /// Certificates of a server of the owner's own.
    fn ca(&mut self, file: Option<&At<String>>) -> Option<Vec<u8>> {
        let file = file?;
        let path = self.around.path(&file.value);
        let fine = |pem: &Vec<u8>| pem.windows(27).any(|w| w == b"-----BEGIN CERTIFICATE-----");
        match self.around.document(&file.value) {
            Ok(pem) if fine(&pem) => Some(pem),
            Ok(_) => {
                let what = format!("{} holds no certificate", path.display());
                self.faults.error(&file.place, what, "a file in PEM form: -----BEGIN CERTIFICATE----- …");
                None
            }
            Err(error) => {
                let what = format!("{} cannot be read: {error}", path.display());
                self.faults.error(&file.place, what, "the path of a file in PEM form, relative to this file");
                None
            }
        }
    }
}

fn sid(text: &str, kind: &str) -> Result<String, String> {
    let rest = text.strip_prefix(kind).unwrap_or_default();
    let fine = rest.len() == 32 && rest.chars().all(|c| c.is_ascii_hexdigit());
    if fine { Ok(text.to_owned()) } else { Err(format!("not {kind} and 32 characters")) }
}

fn device_path(text: &str) -> Result<std::path::PathBuf, &'static str> {
    if text.starts_with("/dev/") { Ok(text.into()) } else { Err("a device's path begins with /dev/") }
}

fn one_word(text: &str) -> Result<String, &'static str> {
    let fine = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"+:/".contains(c));
    if fine { Ok(text.to_owned()) } else { Err("not one word") }
}

fn guid(text: &str) -> Result<String, &'static str> {
    let fine = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if fine { Ok(text.to_owned()) } else { Err("not a client ID") }
}

fn slack_channel(text: &str) -> Result<String, &'static str> {
    let fine = text.len() >= 9 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if fine { Ok(text.to_owned()) } else { Err("a channel's name is not enough") }
}

fn mailbox(text: &str) -> Result<String, &'static str> {
    let address = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
    let (user, domain) = address.split_once('@').ok_or("there is no @ in it")?;
    let fine =
        !user.is_empty() && !domain.is_empty() && !address.contains([' ', '>', ',']) && !domain.contains('@');
    if fine { Ok(text.to_owned()) } else { Err("not an e-mail address") }
}

fn service_address(text: &str) -> Result<String, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("an address begins with https://")?;
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.is_empty() || host.contains(['@', ' ']) {
        return Err("not the address of a service");
    }
    match scheme {
        "https" | "http" => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("an address begins with https://"),
    }
}

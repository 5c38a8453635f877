//! The connectors that the owner has set up, each with its settings from the configuration.

use std::{sync::Arc, time::Duration};

use domain::Channel;

use super::outbox::Routes;
use crate::{
    config::{Channels, Config, MailSecurity, SlackSettings},
    connectors::{
        Connector, ConnectorFault, Hidden, Trust, claude, connectwise, email, modem_sms, ntfy, pushover,
        slack, twilio_sms, webhook,
    },
};

/// A mail server may take its time over a letter.
const MAIL_DEADLINE: Duration = Duration::from_secs(30);

/// Every way out that can be opened. One that cannot is told in the log and left out: the others still page.
pub(crate) fn routes(config: &Config) -> Routes {
    let channels = &config.channels;
    let mut routes = Routes::default();
    let mut add =
        |channel: Channel, way: &str, made: Option<Result<Arc<dyn Connector>, ConnectorFault>>| match made {
            None => {}
            Some(Ok(connector)) => routes.add(channel, connector),
            Some(Err(fault)) => tracing::error!(way, %fault, "this way out cannot be used"),
        };
    add(Channel::Sms, "twilio", twilio(channels));
    add(Channel::SmsModem, "modem", modem(channels));
    add(Channel::Push, "pushover", pushover(channels));
    add(Channel::Push, "ntfy", ntfy(channels));
    add(Channel::Ticket, "connectwise", connectwise(channels));
    add(Channel::Slack, "slack", slack(channels));
    add(Channel::Email, "email", email(channels));
    add(Channel::Webhook, "webhook", webhook(channels));
    routes
}

/// The model in the cloud, if the owner wants it.
pub(crate) fn cloud(config: &Config) -> Option<claude::Settings> {
    let cloud = config.cloud.as_ref()?;
    Some(claude::Settings {
        model: cloud.model.clone(),
        server: cloud.server.clone(),
        deadline: Duration::from_millis(u64::from(cloud.deadline_ms)),
        ..claude::Settings::new(Hidden::new(cloud.key.reveal()))
    })
}

type Made = Option<Result<Arc<dyn Connector>, ConnectorFault>>;

fn made<C: Connector + 'static>(connector: Result<C, ConnectorFault>) -> Made {
    Some(connector.map(|c| Arc::new(c) as Arc<dyn Connector>))
}

fn trust(ca_pem: &Option<Vec<u8>>) -> Trust {
    Trust { extra_pem: ca_pem.clone() }
}

fn twilio(channels: &Channels) -> Made {
    let set = channels.twilio.as_ref()?;
    let usual = twilio_sms::Settings::new(
        set.account_sid.clone(),
        Hidden::new(set.secret.reveal()),
        set.from.clone(),
    );
    made(twilio_sms::TwilioSms::new(twilio_sms::Settings {
        api_key_sid: set.api_key_sid.clone(),
        messaging_service_sid: set.messaging_service_sid.clone(),
        validity_s: set.validity_s,
        server: set.server.clone(),
        trust: trust(&set.ca_pem),
        ..usual
    }))
}

fn modem(channels: &Channels) -> Made {
    let set = channels.modem.as_ref()?;
    made(modem_sms::ModemSms::new(modem_sms::Settings {
        pin: set.pin.as_ref().map(|pin| Hidden::new(pin.reveal())),
        validity_s: set.validity_s,
        ..modem_sms::Settings::new(&set.device)
    }))
}

fn connectwise(channels: &Channels) -> Made {
    let set = channels.connectwise.as_ref()?;
    let key = Hidden::new(set.private_key.reveal());
    let usual =
        connectwise::Settings::new(&set.server, &set.company_id, &set.public_key, key, &set.client_id);
    made(connectwise::ConnectWise::new(connectwise::Settings {
        codebase: set.codebase.clone(),
        board: set.board.clone(),
        boards: set.boards.iter().cloned().collect(),
        unknown_company: set.unknown_company.clone(),
        priorities: set.priorities.clone(),
        in_progress_status: set.in_progress_status.clone(),
        trust: trust(&set.ca_pem),
        ..usual
    }))
}

fn slack(channels: &Channels) -> Made {
    let access = match channels.slack.as_ref()? {
        SlackSettings::Webhook(url) => slack::Access::Webhook(Hidden::new(url.reveal())),
        SlackSettings::Bot { token, channel } => {
            slack::Access::Bot { token: Hidden::new(token.reveal()), channel: channel.clone() }
        }
    };
    made(slack::Slack::new(slack::Settings::new(access)))
}

fn email(channels: &Channels) -> Made {
    let set = channels.email.as_ref()?;
    made(email::Email::new(email::Settings {
        host: set.host.clone(),
        port: set.port,
        security: match set.security {
            MailSecurity::Tls => email::Security::Tls,
            MailSecurity::StartTls => email::Security::StartTls,
            MailSecurity::Plain => email::Security::Plain,
        },
        sign_in: set.sign_in.as_ref().map(|(user, password)| (user.clone(), Hidden::new(password.reveal()))),
        from: set.from.clone(),
        trust: trust(&set.ca_pem),
        deadline: MAIL_DEADLINE,
    }))
}

fn ntfy(channels: &Channels) -> Made {
    let set = channels.ntfy.as_ref()?;
    let hidden = |secret: &Option<crate::config::Secret>| secret.as_ref().map(|s| Hidden::new(s.reveal()));
    made(ntfy::Ntfy::new(ntfy::Settings {
        server: set.server.clone(),
        ack_topic: hidden(&set.ack_topic),
        token: hidden(&set.token),
        ack_token: hidden(&set.ack_token),
        trust: trust(&set.ca_pem),
        ..ntfy::Settings::new(Hidden::new(set.topic.reveal()))
    }))
}

fn pushover(channels: &Channels) -> Made {
    let set = channels.pushover.as_ref()?;
    let usual = pushover::Settings::new(Hidden::new(set.token.reveal()), Hidden::new(set.user.reveal()));
    made(pushover::Pushover::new(pushover::Settings {
        retry_s: set.retry_s,
        expire_s: set.expire_s,
        ..usual
    }))
}

fn webhook(channels: &Channels) -> Made {
    let set = channels.webhook.as_ref()?;
    let usual = webhook::Settings::new(Hidden::new(set.url.reveal()), Hidden::new(set.secret.reveal()));
    made(webhook::Webhook::new(webhook::Settings { trust: trust(&set.ca_pem), ..usual }))
}

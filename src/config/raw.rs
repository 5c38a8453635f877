//! What the owner wrote: every section and key, with its place in the file, nothing checked but the kind of value.
//!
//! A key is one line in one of the tables below. Unknown keys and values of a wrong kind are collected as
//! faults and reading goes on, so that the owner sees all of them at once.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::{Faults, Place, nearest};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// A kind of value that can stand in the file.
pub(super) trait Written: Sized {
    /// "a text in quotes"; for messages.
    const KIND: &'static str;
    /// An example of its kind.
    const EXAMPLE: &'static str;
    /// Reads it, or `None` when it is of another kind. Faults inside are collected.
    fn read(value: &DeValue<'_>, place: &Place, faults: &mut Faults<'_>) -> Option<Self>;
}

macro_rules! sections {
    ($($(#[$about:meta])* $name:ident { $($(#[$key_about:meta])* $key:ident: $kind:ty,)* })*) => {
        $(
            $(#[$about])*
            #[derive(Debug, Default)]
            pub(super) struct $name {
                $($(#[$key_about])* pub(super) $key: Option<At<$kind>>,)*
            }

            impl Written for $name {
                const KIND: &'static str = "a section";
                const EXAMPLE: &'static str = "a line with its name in square brackets, then its keys";
                fn read(value: &DeValue<'_>, place: &Place, faults: &mut Faults<'_>) -> Option<Self> {
                    let table = value.as_table()?;
                    unknown_keys(table, &[$(key_name(stringify!($key))),*], place, faults);
                    Some(Self { $($key: key(table, key_name(stringify!($key)), place, faults),)* })
                }
            }
        )*

        /// Every section with its keys, as they are written.
        pub(super) const SECTIONS: &[(&str, &[&str])] =
            &[$((stringify!($name), &[$(key_name(stringify!($key))),*])),*];
    };
}

/// A key as it is written in the file: one that is a word of Rust has a mark before it in the table below.
const fn key_name(written: &'static str) -> &'static str {
    match written.as_bytes() {
        [b'r', b'#', ..] => written.split_at(2).1,
        _ => written,
    }
}

sections! {
    /// The file.
    File {
        line: Line,
        shop: Vec<At<Shop>>,
        hearing: Hearing,
        thinking: Thinking,
        voice: Voice,
        storage: Storage,
        channels: Channels,
        cloud: Cloud,
        panel: Panel,
    }
    /// `[line]`
    Line {
        listen: Vec<At<String>>,
        transport: String,
        codecs: Vec<At<String>>,
        busy_limit: i64,
        advertised: String,
        rtp_ports: String,
        allow: Vec<At<String>>,
        unknown_number: String,
        pbx: Pbx,
    }
    /// `[line.pbx]`
    Pbx {
        host: String,
        port: i64,
        transport: String,
        extension: String,
        auth_id: String,
        password_file: String,
        password: String,
        outbound_proxy: String,
        expires_s: i64,
        dial: String,
        dial_prefix: String,
        refer: bool,
    }
    /// `[[shop]]`
    Shop {
        id: String,
        business_name: String,
        owner_name: String,
        agent_name: String,
        trade: String,
        services: Vec<At<String>>,
        time_zone: String,
        called_numbers: Vec<At<String>>,
        caller_numbers: Vec<At<String>>,
        business_number: String,
        always_active: bool,
        in_hours: String,
        runbook: String,
        pricing_answer: String,
        disclosure: String,
        spanish: String,
        record: bool,
        recording_notice: bool,
        max_call_s: i64,
        hours: Hours,
        oncall: Oncall,
    }
    /// `[shop.hours]`
    Hours {
        mon: String,
        tue: String,
        wed: String,
        thu: String,
        fri: String,
        sat: String,
        sun: String,
        holidays: Vec<At<Day>>,
    }
    /// `[shop.oncall]`
    Oncall {
        primary_name: String,
        primary_phone: String,
        backup_name: String,
        backup_phone: String,
        owner_phone: String,
        warm_transfer: bool,
        transfer_ring_s: i64,
        text_after_s: i64,
        call_after_s: i64,
        backup_after_s: i64,
        owner_after_s: i64,
        primary: String,
        backup: String,
        owner: String,
        means: Vec<At<String>>,
        means_wait_s: i64,
        call_ring_s: i64,
        call_tries: i64,
        call_again_s: i64,
        callback_within_min: i64,
        callback_grace_min: i64,
        repeat_every_min: i64,
        repeat_by_call: bool,
        expires_after_h: i64,
        calendar: String,
        holiday_people: Vec<At<String>>,
        person: Vec<At<Person>>,
        rotation: Rotation,
        shift: Vec<At<Shift>>,
        r#override: Vec<At<Override>>,
        maintenance: Vec<At<Maintenance>>,
    }
    /// `[[shop.oncall.person]]`
    Person {
        id: String,
        name: String,
        phone: String,
        sip: String,
        email: String,
        push: String,
        skills: Vec<At<String>>,
        tier: i64,
        languages: Vec<At<String>>,
    }
    /// `[shop.oncall.rotation]`
    Rotation {
        people: Vec<At<String>>,
        starts: Day,
        handover: String,
        every_days: i64,
    }
    /// `[[shop.oncall.shift]]`
    Shift {
        who: String,
        days: Vec<At<String>>,
        hours: String,
    }
    /// `[[shop.oncall.override]]`
    Override {
        who: String,
        from: Moment,
        to: Moment,
        instead_of: String,
    }
    /// `[[shop.oncall.maintenance]]`
    Maintenance {
        from: Moment,
        to: Moment,
        services: Vec<At<String>>,
        about: String,
    }
    /// `[hearing]`
    Hearing {
        model: String,
        threads: i64,
        memory_mb: i64,
    }
    /// `[thinking]`
    Thinking {
        sense: String,
        heads: String,
        judge: String,
        write: bool,
        threads: i64,
        memory_mb: i64,
    }
    /// `[voice]`
    Voice {
        engine: String,
        voice: String,
        spanish_engine: String,
        spanish_voice: String,
        recordings_folder: String,
    }
    /// `[storage]`
    Storage {
        data_dir: String,
        recordings_days: i64,
        transcripts_days: i64,
    }
    /// `[channels]`
    Channels {
        twilio: Twilio,
        modem: Modem,
        connectwise: ConnectWise,
        slack: Slack,
        email: Email,
        ntfy: Ntfy,
        pushover: Pushover,
        webhook: Webhook,
    }
    /// `[channels.twilio]`
    Twilio {
        account_sid: String,
        api_key_sid: String,
        secret_file: String,
        from: String,
        messaging_service_sid: String,
        validity_s: i64,
        server: String,
        ca_file: String,
    }
    /// `[channels.modem]`
    Modem {
        device: String,
        pin_file: String,
        validity_s: i64,
    }
    /// `[channels.connectwise]`
    ConnectWise {
        server: String,
        company_id: String,
        public_key: String,
        private_key_file: String,
        client_id: String,
        codebase: String,
        board: String,
        boards: Vec<At<String>>,
        unknown_company: String,
        priorities: Vec<At<String>>,
        in_progress_status: String,
        ca_file: String,
    }
    /// `[channels.slack]`
    Slack {
        webhook_file: String,
        token_file: String,
        channel: String,
    }
    /// `[channels.email]`
    Email {
        host: String,
        port: i64,
        security: String,
        user: String,
        password_file: String,
        from: String,
        ca_file: String,
    }
    /// `[channels.ntfy]`
    Ntfy {
        server: String,
        topic_file: String,
        ack_topic_file: String,
        token_file: String,
        ack_token_file: String,
        ca_file: String,
    }
    /// `[channels.pushover]`
    Pushover {
        token_file: String,
        user_file: String,
        retry_s: i64,
        expire_s: i64,
    }
    /// `[channels.webhook]`
    Webhook {
        url_file: String,
        secret_file: String,
        ca_file: String,
    }
    /// `[cloud]`
    Cloud {
        enabled: bool,
        model: String,
        key_file: String,
        server: String,
        deadline_ms: i64,
        after_call: bool,
        input_usd_per_mtok: f64,
        output_usd_per_mtok: f64,
    }
    /// `[panel]`
    Panel {
        board: String,
        led_red: String,
        led_green: String,
        relay: String,
        button: String,
        active_low: Vec<At<String>>,
        relay_max_s: i64,
        quiet_hours: String,
        sounds_for: String,
        sim_file: String,
    }
}

/// A calendar day, with or without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day(pub(super) String);

/// A day and a time of it, with or without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment(pub(super) String);

/// Reads the whole file; `None` when it is not TOML (nothing else can be told then).
pub(super) fn read(text: &str, faults: &mut Faults<'_>) -> Option<File> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    for error in &syntax {
        let place = Place { key: String::new(), span: error.span().unwrap_or(0..0) };
        let what = format!("this is not TOML: {}", error.message().trim());
        faults.error(&place, what, "key = value, with texts in quotes, as in docs/config.md");
    }
    if !syntax.is_empty() {
        return None;
    }
    let top = Place::default();
    File::read(&DeValue::Table(table.into_inner()), &top, faults)
}

fn key<T: Written>(
    table: &DeTable<'_>,
    name: &str,
    section: &Place,
    faults: &mut Faults<'_>,
) -> Option<At<T>> {
    let value = table.get(name)?;
    read_at(value, section.below(name, value.span()), faults)
}

fn read_at<T: Written>(value: &Spanned<DeValue<'_>>, place: Place, faults: &mut Faults<'_>) -> Option<At<T>> {
    let read = T::read(value.get_ref(), &place, faults);
    if read.is_none() {
        let found = value.get_ref().type_str();
        faults.error(
            &place,
            format!("{} must be {}, but this is of the kind {found}", place.key, T::KIND),
            T::EXAMPLE,
        );
    }
    read.map(|value| At { value, place })
}

fn unknown_keys(table: &DeTable<'_>, known: &[&str], section: &Place, faults: &mut Faults<'_>) {
    for written in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
        let name = written.get_ref().as_ref();
        let place = section.below(name, written.span());
        let elsewhere = SECTIONS.iter().find(|(_, keys)| keys.contains(&name));
        let write_instead = match (nearest(name, known), elsewhere) {
            (Some(meant), _) => format!("did you mean {meant}?"),
            (None, Some((other, _))) => format!("{name} belongs in {}", heading(other)),
            (None, None) => format!("one of {}", known.join(", ")),
        };
        faults.error(&place, format!("{} is not a key that NightDesk knows", place.key), write_instead);
    }
}

/// How a section's name is written in the file.
pub(super) fn heading(section: &str) -> &'static str {
    match section {
        "Line" => "[line]",
        "Pbx" => "[line.pbx]",
        "Shop" => "[[shop]]",
        "Hours" => "[shop.hours]",
        "Oncall" => "[shop.oncall]",
        "Person" => "[[shop.oncall.person]]",
        "Rotation" => "[shop.oncall.rotation]",
        "Shift" => "[[shop.oncall.shift]]",
        "Override" => "[[shop.oncall.override]]",
        "Maintenance" => "[[shop.oncall.maintenance]]",
        "Hearing" => "[hearing]",
        "Thinking" => "[thinking]",
        "Voice" => "[voice]",
        "Storage" => "[storage]",
        "Channels" => "[channels]",
        "Twilio" => "[channels.twilio]",
        "Modem" => "[channels.modem]",
        "ConnectWise" => "[channels.connectwise]",
        "Slack" => "[channels.slack]",
        "Email" => "[channels.email]",
        "Ntfy" => "[channels.ntfy]",
        "Pushover" => "[channels.pushover]",
        "Webhook" => "[channels.webhook]",
        "Cloud" => "[cloud]",
        "Panel" => "[panel]",
        _ => "the file",
    }
}

impl Written for String {
    const KIND: &'static str = "a text in quotes";
    const EXAMPLE: &'static str = "\"…\"";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Written for i64 {
    const KIND: &'static str = "a whole number";
    const EXAMPLE: &'static str = "digits without quotes, such as 30";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        let number = value.as_integer()?;
        Some(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX)) // too large for any range
    }
}

impl Written for f64 {
    const KIND: &'static str = "a number";
    const EXAMPLE: &'static str = "a number without quotes, such as 0.10";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        let whole = value.as_integer().and_then(|i| i.as_str().parse().ok());
        whole.or_else(|| value.as_float().and_then(|f| f.as_str().parse().ok()))
    }
}

impl Written for bool {
    const KIND: &'static str = "true or false";
    const EXAMPLE: &'static str = "true or false, without quotes";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        value.as_bool()
    }
}

impl Written for Day {
    const KIND: &'static str = "a date";
    const EXAMPLE: &'static str = "2026-12-25";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        let date = value.as_datetime().map(ToString::to_string);
        date.or_else(|| value.as_str().map(str::to_owned)).map(Day)
    }
}

impl Written for Moment {
    const KIND: &'static str = "a day and a time";
    const EXAMPLE: &'static str = "\"2026-12-24 17:00\"";
    fn read(value: &DeValue<'_>, _: &Place, _: &mut Faults<'_>) -> Option<Self> {
        let moment = value.as_datetime().map(ToString::to_string);
        moment.or_else(|| value.as_str().map(str::to_owned)).map(Moment)
    }
}

impl<T: Written> Written for Vec<At<T>> {
    const KIND: &'static str = "a list";
    const EXAMPLE: &'static str = "values in square brackets: [\"…\", \"…\"]";
    fn read(value: &DeValue<'_>, place: &Place, faults: &mut Faults<'_>) -> Option<Self> {
        let list = value.as_array()?;
        let at = |v: &Spanned<DeValue<'_>>| Place { key: place.key.clone(), span: v.span() };
        Some(list.iter().filter_map(|v| read_at(v, at(v), faults)).collect())
    }
}

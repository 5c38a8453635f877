//! The modem's side of the talk (3GPP TS 27.007 and 27.005): lines out of bytes, answers out of lines, with what the
//! modem says unasked in the middle of them. Pure: no port, no clock.

/// A line longer than this is none that we asked for: a PDU of 176 bytes has 352 digits.
const LINE_MAX: usize = 1024;
/// Lines of one answer; a full SIM lists 2 × 255.
const ANSWER_MAX: usize = 1024;

/// Bytes that have come, cut into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Within a line that is too long.
    skipping: bool,
}

/// What the bytes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    Line(String),
    /// "> ": the modem wants the message.
    Prompt,
}

impl Lines {
    /// Takes what was read; read all lines before the next push.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > LINE_MAX && !self.bytes.iter().any(|b| matches!(b, b'\r' | b'\n')) {
            self.bytes.clear();
            self.skipping = true;
        }
    }

    /// The next line that is not empty; a prompt only where one is `awaited`.
    pub(super) fn next(&mut self, awaited: bool) -> Option<Heard> {
        loop {
            let blank = self.bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n' | 0)).count();
            if blank > 0 && !self.skipping {
                self.bytes.drain(..blank);
            }
            if awaited && !self.skipping && self.bytes.first() == Some(&b'>') {
                let space = usize::from(self.bytes.get(1) == Some(&b' '));
                self.bytes.drain(..=space);
                return Some(Heard::Prompt);
            }
            let end = self.bytes.iter().position(|b| matches!(b, b'\r' | b'\n'))?;
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if !line.is_empty() {
                return Some(Heard::Line(line));
            }
        }
    }
}

/// Why the modem did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// "ERROR", without a reason.
    Plain,
    /// "+CMS ERROR: n": the message service.
    Cms(u16),
    /// "+CME ERROR: n": the modem or its SIM.
    Cme(u16),
}

/// How far an answer has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// More is to come.
    More,
    /// Unasked: a delivery report.
    Report(String),
    /// The answer is complete.
    Done(Result<Vec<String>, Refusal>),
}

/// Takes the answer to one command out of what the modem says.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// As it was sent: a modem may repeat it.
    command: String,
    /// What the lines of its answer begin with; empty: no such line, or any.
    prefix: &'static str,
    lines: Vec<String>,
    next_is: NextIs,
}

/// Some lines have a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum NextIs {
    #[default]
    Anything,
    /// The PDU of a listed message.
    Ours,
    /// The PDU of a report that came unasked.
    Report,
    /// The PDU of something else that came unasked.
    Noise,
}

impl Answer {
    /// To a command. With an empty `command`: to none, everything is unasked.
    pub(super) fn to(command: &str, prefix: &'static str) -> Self {
        Self { command: command.to_owned(), prefix, ..Self::default() }
    }

    /// What has come of the answer until now.
    pub(super) fn so_far(&self) -> &[String] {
        &self.lines
    }

    /// Takes a line.
    pub(super) fn hear(&mut self, line: &str) -> Step {
        let is_pdu = line.len() > 20 && line.bytes().all(|b| b.is_ascii_hexdigit());
        match std::mem::take(&mut self.next_is) {
            NextIs::Ours if is_pdu => self.keep(line),
            NextIs::Report if is_pdu => return Step::Report(line.to_owned()),
            NextIs::Noise if is_pdu => return Step::More,
            // the second line is missing: this is already the next
            _ => return self.first_line(line),
        }
        Step::More
    }

    fn first_line(&mut self, line: &str) -> Step {
        if let Some(end) = end_of(line) {
            // nobody asked: the end of an answer that was given up
            return if self.command.is_empty() {
                Step::More
            } else {
                Step::Done(end.map(|()| self.lines.split_off(0)))
            };
        }
        if line == self.command {
            return Step::More;
        }
        if !self.prefix.is_empty() && line.starts_with(self.prefix) {
            self.keep(line);
            if self.prefix == "+CMGL:" {
                self.next_is = NextIs::Ours;
            }
            return Step::More;
        }
        if line.starts_with("+CDS:") {
            self.next_is = NextIs::Report;
        } else if line.starts_with("+CMT:") || line.starts_with("+CBM:") {
            self.next_is = NextIs::Noise;
        } else if !self.command.is_empty()
            && self.prefix.is_empty()
            && !line.starts_with(['+', '^', '*', '%'])
        {
            self.keep(line);
        }
        Step::More
    }

    fn keep(&mut self, line: &str) {
        if self.lines.len() < ANSWER_MAX {
            self.lines.push(line.to_owned());
        }
    }
}

/// The line that ends an answer.
fn end_of(line: &str) -> Option<Result<(), Refusal>> {
    let code = |text: &str| text.trim().parse().ok();
    match line {
        "OK" => return Some(Ok(())),
        "ERROR" | "COMMAND NOT SUPPORT" => return Some(Err(Refusal::Plain)),
        _ => {}
    }
    if let Some(rest) = line.strip_prefix("+CMS ERROR:") {
        return Some(Err(code(rest).map_or(Refusal::Plain, Refusal::Cms)));
    }
    line.strip_prefix("+CME ERROR:").map(|rest| Err(code(rest).map_or(Refusal::Plain, Refusal::Cme)))
}

/// The numbers and quoted texts after the colon: `+CREG: 0,1` is ["0", "1"].
pub(super) fn fields(line: &str) -> Vec<String> {
    let rest = line.split_once(':').map_or("", |(_, rest)| rest);
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in rest.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            _ => {
                if let Some(last) = out.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    out.into_iter().map(|field| field.trim().to_owned()).collect()
}

/// For the owner: what happened, and what to do.
pub(super) fn words(refusal: Refusal) -> String {
    let known = match refusal {
        Refusal::Plain => "the modem refuses without a reason",
        Refusal::Cms(310) | Refusal::Cme(10) => "there is no SIM card in the modem: put one in",
        Refusal::Cms(311) | Refusal::Cme(11) => {
            "the SIM card wants its PIN: set channels.modem.pin_file, or take the PIN off the card"
        }
        Refusal::Cms(312 | 316..=318) | Refusal::Cme(5 | 12 | 17 | 18) => {
            "the SIM card is locked: put it into a telephone and unlock it with its PUK"
        }
        Refusal::Cms(313 | 315) | Refusal::Cme(13 | 15) => {
            "the SIM card does not work: try it in a telephone"
        }
        Refusal::Cme(16) => "the PIN is wrong: correct it in the file that channels.modem.pin_file names",
        Refusal::Cms(314) | Refusal::Cme(14) => "the SIM card is busy",
        Refusal::Cms(322) | Refusal::Cme(20) => "the SIM card's message store is full",
        Refusal::Cms(330) => {
            "the SIM card does not know its message centre: set it once with a telephone, or ask the operator"
        }
        Refusal::Cms(331 | 332 | 17 | 38 | 41 | 42 | 47) | Refusal::Cme(30 | 31) => {
            "the mobile network does not answer: is the antenna connected and is there reception?"
        }
        Refusal::Cme(32) => "the mobile network allows emergency calls only: is the SIM card active?",
        Refusal::Cms(1 | 28) => "there is no such number",
        Refusal::Cms(8 | 10 | 29 | 30 | 50 | 69) => {
            "the operator does not let this SIM card send text messages: ask for them in the contract"
        }
        Refusal::Cms(21 | 27) => "the receiver's telephone does not take it",
        Refusal::Cms(304 | 305) => "the modem does not understand the message",
        Refusal::Cms(_) => "the mobile network does not take the message",
        Refusal::Cme(_) => "the modem is not able to",
    };
    match refusal {
        Refusal::Plain => known.to_owned(),
        Refusal::Cms(code) => format!("{known} (+CMS ERROR {code})"),
        Refusal::Cme(code) => format!("{known} (+CME ERROR {code})"),
    }
}

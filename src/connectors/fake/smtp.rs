//! A mail server without encryption, for the demo and for faults that a real one hardly makes. STARTTLS and TLS are
//! tested against a real server (`tests/mail.rs`).

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

const LETTER_BYTES_MAX: usize = 1024 * 1024;
const LETTERS_MAX: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(60);

/// A letter that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The receiver.
    pub to: String,
    /// Headers and body.
    pub raw: String,
}

/// What goes wrong with the next letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// 451 at MAIL.
    Busy,
    /// 550 at RCPT.
    UnknownReceiver,
    /// Ends before DATA.
    HangUpBeforeData,
    /// Takes the letter and ends.
    HangUpAfterData,
    /// Takes the letter and says nothing.
    SilentAfterData,
    /// 554 after the letter.
    Spam,
}

/// The server; it ends with this value.
#[derive(Debug)]
pub struct Smtp {
    port: u16,
    shared: Arc<Shared>,
    at_work: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    /// base64 of "\0name\0password".
    sign_in: Option<String>,
    letters: Mutex<Vec<Letter>>,
    troubles: Mutex<VecDeque<Trouble>>,
}

impl Smtp {
    /// Opens a port on loopback; with a name and password it takes letters from nobody else.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(sign_in: Option<(&str, &str)>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let sign_in = sign_in.map(|(name, password)| BASE64_STANDARD.encode(format!("\0{name}\0{password}")));
        let shared = Arc::new(Shared { sign_in, letters: Mutex::default(), troubles: Mutex::default() });
        let serving = Arc::clone(&shared);
        let at_work = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move { tokio::time::timeout(PATIENCE, converse(&shared, stream)).await });
            }
        });
        Ok(Self { port, shared, at_work: at_work.abort_handle() })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What was taken, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts trouble in the way of the next letter.
    pub fn trouble(&self, trouble: Trouble) {
        self.shared.troubles.lock().unwrap_or_else(PoisonError::into_inner).push_back(trouble);
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.at_work.abort();
    }
}

async fn converse(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    let mut line = BufStream::new(stream);
    say(&mut line, "220 fake ESMTP").await?;
    let mut known = shared.sign_in.is_none();
    let (mut to, mut trouble) = (String::new(), None);
    loop {
        let mut command = String::new();
        if (&mut line).take(4096).read_line(&mut command).await? == 0 {
            return Ok(());
        }
        let command = command.trim_end();
        match command.split(' ').next().unwrap_or_default().to_uppercase().as_str() {
            "EHLO" => say(&mut line, "250-fake\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
            "AUTH" => {
                known = command.strip_prefix("AUTH PLAIN ") == shared.sign_in.as_deref();
                say(&mut line, if known { "235 welcome" } else { "535 5.7.8 no" }).await?;
            }
            "MAIL" if !known => say(&mut line, "530 5.7.0 sign in first").await?,
            "MAIL" => {
                trouble = shared.troubles.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                say(&mut line, if trouble == Some(Trouble::Busy) { "451 4.3.2 later" } else { "250 ok" })
                    .await?;
            }
            "RCPT" => {
                to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let unknown = trouble == Some(Trouble::UnknownReceiver);
                say(&mut line, if unknown { "550 5.1.1 no such user" } else { "250 ok" }).await?;
            }
            "DATA" if trouble == Some(Trouble::HangUpBeforeData) => return Ok(()),
            "DATA" => {
                say(&mut line, "354 go on").await?;
                let raw = letter(&mut line).await?;
                if trouble == Some(Trouble::Spam) {
                    say(&mut line, "554 5.7.1 spam").await?;
                    continue;
                }
                keep(shared, Letter { to: to.clone(), raw });
                match trouble {
                    Some(Trouble::HangUpAfterData) => return Ok(()),
                    Some(Trouble::SilentAfterData) => tokio::time::sleep(PATIENCE).await,
                    _ => say(&mut line, "250 taken").await?,
                }
            }
            "QUIT" => return say(&mut line, "221 bye").await,
            "NOOP" | "RSET" => say(&mut line, "250 ok").await?,
            _ => say(&mut line, "502 what?").await?,
        }
    }
}

/// Lines up to a lone dot; a doubled dot at a line's start is one.
async fn letter(line: &mut BufStream<TcpStream>) -> io::Result<String> {
    let mut raw = String::new();
    loop {
        let mut next = Vec::new();
        if line.read_until(b'\n', &mut next).await? == 0 || raw.len() + next.len() > LETTER_BYTES_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let next = String::from_utf8_lossy(&next);
        if next == ".\r\n" {
            return Ok(raw);
        }
        raw.push_str(next.strip_prefix('.').unwrap_or(&next));
    }
}

async fn say(line: &mut BufStream<TcpStream>, words: &str) -> io::Result<()> {
    line.write_all(format!("{words}\r\n").as_bytes()).await?;
    line.flush().await
}

fn keep(shared: &Shared, letter: Letter) {
    let mut letters = shared.letters.lock().unwrap_or_else(PoisonError::into_inner);
    if letters.len() < LETTERS_MAX {
        letters.push(letter);
    }
}

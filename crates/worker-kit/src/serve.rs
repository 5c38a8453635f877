//! The reader thread and the way back.

use std::{
    io::{Read, Write},
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use worker_wire::{Decoder, Failed, Frame, Message, Pong, Why};

use crate::{Desk, Request, desk::failed, limits};

/// Reads requests until `source` ends. `accept` looks at each and says what to put on the desk; `None` = it
/// is no request for this worker.
pub fn serve<W>(
    source: &mut impl Read,
    desk: &Desk<W>,
    out: &Out,
    mut accept: impl FnMut(&Message, Vec<u8>) -> Option<Result<(Request, W), Failed>>,
) -> anyhow::Result<()> {
    let mut decoder = Decoder::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let count = source.read(&mut chunk).context("stdin cannot be read")?;
        if count == 0 {
            return Ok(());
        }
        let mut bytes = &chunk[..count];
        while !bytes.is_empty() {
            if let Some(frame) = decoder.feed(&mut bytes).context("stdin does not speak worker-wire")? {
                receive(frame, desk, out, &mut accept);
            }
        }
    }
}

fn receive<W>(
    frame: Frame,
    desk: &Desk<W>,
    out: &Out,
    accept: &mut impl FnMut(&Message, Vec<u8>) -> Option<Result<(Request, W), Failed>>,
) {
    let Frame { message, body } = frame;
    if let Message::Ping(ping) = message {
        let (rss_kib, overdue_ms) = (limits::rss_kib(), desk.overdue_ms());
        return out.send(&Frame::plain(Message::Pong(Pong { id: ping.id, rss_kib, overdue_ms })));
    }
    if let Message::Cancel(cancel) = message {
        return out.send_failed(desk.cancel(cancel.id));
    }
    let Some(id) = message.request_id() else {
        return eprintln!("{}: message in the wrong direction ignored", out.program);
    };
    out.send_failed(match accept(&message, body) {
        Some(Ok((request, work))) => desk.put(request, work),
        Some(Err(refused)) => Some(refused),
        None => Some(failed(id, Why::BadRequest, format!("{} does not do that", out.program))),
    });
}

/// The way back to the daemon, for all threads.
pub struct Out {
    program: &'static str,
    stdout: Mutex<std::io::Stdout>,
}

impl Out {
    /// Writes to stdout; `program` names this one on stderr.
    pub fn new(program: &'static str) -> Self {
        Self { program, stdout: Mutex::new(std::io::stdout()) }
    }

    /// Sends a frame. If nobody is there to hear us any more, the process ends.
    pub fn send(&self, frame: &Frame) {
        let sent = frame.encode().map_err(anyhow::Error::from).and_then(|bytes| {
            let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
            stdout.write_all(&bytes)?;
            Ok(stdout.flush()?)
        });
        if let Err(fault) = sent {
            eprintln!("{}: {fault:#}", self.program);
            std::process::exit(1);
        }
    }

    /// Sends the answer to a request that is not done.
    pub fn send_failed(&self, answer: Option<Failed>) {
        if let Some(answer) = answer {
            self.send(&Frame::plain(Message::Failed(answer)));
        }
    }
}

/// Tells the daemon that this worker cannot work, and ends the process.
pub fn give_up(out: &Out, detail: String) -> ! {
    eprintln!("{}: {detail}", out.program);
    out.send(&Frame::plain(Message::Failed(Failed { id: None, why: Why::Unusable, detail })));
    std::process::exit(2);
}

/// Waits for an engine thread that was told to stop, three seconds at most. Leaving while native code runs
/// would unload the ground under it.
pub fn wait_for(engine: &JoinHandle<()>) {
    let begun = Instant::now();
    while !engine.is_finished() && begun.elapsed() < Duration::from_secs(3) {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A time as it travels.
pub fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

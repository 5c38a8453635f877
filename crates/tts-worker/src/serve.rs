//! The threads: one reads requests, some render.

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use worker_wire::{
    BODY_BYTES_MAX, Decoder, Failed, Frame, Hello, Message, Pong, Ready, Role, Speak, Spoken, VERSION, Why,
    bytes_from_samples,
};

use crate::{
    Args,
    desk::{Desk, failed},
    engine::{self, Engine},
    render::{Brake, RenderError, render},
    text::speakable,
};

/// Serves requests until stdin ends.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    if args.nice > 0 {
        rustix::process::nice(args.nice).context("priority cannot be lowered")?;
    }
    let out = Arc::new(Out(Mutex::new(std::io::stdout())));
    out.send(Message::Hello(Hello { version: VERSION, role: Role::Voice }), &[]);
    let engine: Arc<dyn Engine> = Arc::from(engine::from_args(args));
    if let Err(detail) = engine.check() {
        out.send(Message::Failed(Failed { id: None, why: Why::Unusable, detail: detail.clone() }), &[]);
        anyhow::bail!(detail);
    }
    let desk = Arc::new(Desk::new());
    let mut threads = Vec::new();
    for _ in 0..args.parallel {
        let (engine, desk, out) = (Arc::clone(&engine), Arc::clone(&desk), Arc::clone(&out));
        threads.push(thread::spawn(move || work(&*engine, &desk, &out)));
    }
    let about = format!("{} {}", engine.name(), args.voice.as_deref().unwrap_or("(usual voice)"));
    out.send(Message::Ready(Ready { about, took_ms: ms(started.elapsed()) }), &[]);
    let ended = read(&mut std::io::stdin().lock(), &desk, &out);
    desk.close();
    for thread in threads {
        // a render thread that panicked has already said so on stderr
        let _ = thread.join();
    }
    ended
}

fn work(engine: &dyn Engine, desk: &Desk, out: &Out) {
    while let Some((speak, brake)) = desk.take() {
        let begun = Instant::now();
        match answer(engine, &speak, &brake) {
            Ok((mut spoken, samples)) => {
                spoken.took_ms = ms(begun.elapsed());
                out.send(Message::Spoken(spoken), &samples);
            }
            Err(why) => out.send(Message::Failed(why), &[]),
        }
        desk.finish(speak.id);
    }
}

fn answer(engine: &dyn Engine, speak: &Speak, brake: &Brake) -> Result<(Spoken, Vec<i16>), Failed> {
    let line =
        speakable(&speak.text).map_err(|fault| failed(speak.id, Why::BadRequest, fault.to_string()))?;
    let rendered = render(engine, &line, brake).map_err(|fault| match fault {
        RenderError::Stopped if brake.cancelled.load(Ordering::Relaxed) => {
            failed(speak.id, Why::Cancelled, "cancelled")
        }
        RenderError::Stopped => {
            failed(speak.id, Why::TooLate, format!("not finished within {} ms", speak.deadline_ms))
        }
        RenderError::Broke(fault) => failed(speak.id, Why::Broke, format!("{fault:#}")),
    })?;
    if rendered.samples.len() * 2 > BODY_BYTES_MAX {
        return Err(failed(speak.id, Why::Broke, "the engine speaks for minutes"));
    }
    let spoken = Spoken { id: speak.id, sample_rate: rendered.sample_rate, took_ms: 0 };
    Ok((spoken, rendered.samples))
}

fn read(source: &mut impl Read, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    let mut decoder = Decoder::new();
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let count = source.read(&mut chunk).context("stdin cannot be read")?;
        if count == 0 {
            return Ok(());
        }
        let mut bytes = &chunk[..count];
        while !bytes.is_empty() {
            if let Some(frame) = decoder.feed(&mut bytes).context("stdin does not speak worker-wire")? {
                receive(frame.message, desk, out);
            }
        }
    }
}

fn receive(message: Message, desk: &Desk, out: &Out) {
    match message {
        Message::Ping(ping) => {
            let pong = Pong { id: ping.id, rss_kib: rss_kib(), overdue_ms: desk.overdue_ms() };
            out.send(Message::Pong(pong), &[]);
        }
        Message::Speak(speak) => out.send_failed(desk.put(speak)),
        Message::Cancel(cancel) => out.send_failed(desk.cancel(cancel.id)),
        Message::Transcribe(transcribe) => out.send_failed(Some(failed(
            transcribe.id,
            Why::BadRequest,
            "this is the voice, not the recogniser",
        ))),
        Message::Hello(_)
        | Message::Ready(_)
        | Message::Pong(_)
        | Message::Transcript(_)
        | Message::Spoken(_)
        | Message::Failed(_) => eprintln!("nightdesk-tts: message in the wrong direction ignored"),
    }
}

fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// The way back to the daemon, for all threads.
struct Out(Mutex<std::io::Stdout>);

impl Out {
    fn send(&self, message: Message, samples: &[i16]) {
        let frame = Frame { message, body: bytes_from_samples(samples) };
        let sent = frame.encode().map_err(anyhow::Error::from).and_then(|bytes| {
            let mut stdout = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            stdout.write_all(&bytes)?;
            Ok(stdout.flush()?)
        });
        if let Err(fault) = sent {
            // nobody is there to hear us: the daemon is gone
            eprintln!("nightdesk-tts: {fault:#}");
            std::process::exit(1);
        }
    }

    fn send_failed(&self, answer: Option<Failed>) {
        if let Some(answer) = answer {
            self.send(Message::Failed(answer), &[]);
        }
    }
}

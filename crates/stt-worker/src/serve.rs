//! The two threads: one reads requests, one runs whisper.

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use worker_wire::{
    Decoder, Failed, Frame, Hello, Message, Pong, Ready, Role, SpokenLanguage, Transcribe, Transcript,
    VERSION, Why, samples_from_bytes,
};

use crate::{
    Args,
    cores::Cores,
    desk::{Desk, Taken, Work, failed},
    limits,
    recogniser::{Brake, NotWritten, Recogniser, SAMPLE_RATE, Task},
};

/// Longest audio in one request; the encoder sees no more.
const SECONDS_MAX: usize = 30;

/// Serves requests until stdin ends.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    limits::step_back(args.nice)?;
    limits::cap_memory(args.memory_limit_mib)?;
    if !args.verbose {
        whisper_rs::install_logging_hooks();
    }
    let out = Arc::new(Out(Mutex::new(std::io::stdout())));
    out.send(Message::Hello(Hello { version: VERSION, role: Role::Recogniser }));
    let desk = Arc::new(Desk::new());
    let whisper = thread::Builder::new().name("whisper".into()).spawn({
        let (desk, out, model) = (Arc::clone(&desk), Arc::clone(&out), args.model.clone());
        let cores = Cores::watch(args.threads);
        move || match Recogniser::load(&model) {
            Ok(recogniser) => work(recogniser, &cores, &desk, &out, started),
            Err(detail) => give_up(&out, detail),
        }
    })?;
    let ended = read(&mut std::io::stdin().lock(), &desk, &out);
    desk.close();
    // whisper stops within one encoder step; leaving while it runs would unload the ground under it
    let waited = Instant::now();
    while !whisper.is_finished() && waited.elapsed() < Duration::from_secs(3) {
        thread::sleep(Duration::from_millis(5));
    }
    ended
}

/// Tells the daemon that this worker cannot work, and ends the process.
fn give_up(out: &Out, detail: String) {
    eprintln!("nightdesk-stt: {detail}");
    out.send(Message::Failed(Failed { id: None, why: Why::Unusable, detail }));
    std::process::exit(2);
}

fn work(mut recogniser: Recogniser, cores: &Cores, desk: &Desk, out: &Out, started: Instant) {
    warm_up(&mut recogniser, cores);
    out.send(Message::Ready(Ready { about: recogniser.shape().to_string(), took_ms: ms(started.elapsed()) }));
    while let Some(taken) = desk.take() {
        let begun = Instant::now();
        let Work { request, samples, .. } = &taken.job.work;
        let task = Task {
            samples,
            language: request.language,
            audio_ctx: request.audio_ctx,
            forced_tokens: request.forced_tokens,
            threads: cores.threads(),
        };
        match recogniser.write(task, &taken.brake) {
            Ok(written) => {
                out.send(Message::Transcript(Transcript {
                    id: request.id,
                    text: written.text,
                    language: written.language,
                    tokens: written.tokens,
                    token_probability: written.probability,
                    waited_ms: ms(begun - taken.job.work.received),
                    took_ms: ms(begun.elapsed()),
                }));
                desk.finish();
            }
            Err(NotWritten::Stopped) => answer_stopped(taken, desk, out),
            Err(NotWritten::Broke(detail)) => {
                out.send(Message::Failed(failed(request.id, Why::Broke, detail)));
                desk.finish();
            }
        }
    }
}

fn answer_stopped(taken: Taken, desk: &Desk, out: &Out) {
    if let Some(answer) = desk.stopped(taken) {
        out.send(Message::Failed(answer));
    }
}

/// The first run touches all weights and sizes all buffers; a caller should not wait for that.
fn warm_up(recogniser: &mut Recogniser, cores: &Cores) {
    let hush: Vec<i16> = (0..3 * SAMPLE_RATE).map(|at| ((at * 7919) % 64) as i16 - 32).collect();
    let task = Task {
        samples: &hush,
        language: SpokenLanguage::English,
        audio_ctx: None,
        forced_tokens: None,
        threads: cores.threads(),
    };
    let brake = Brake::new(Instant::now() + Duration::from_secs(20));
    // only the side effect counts; a model that cannot do this fails on the first request with its reason
    let _ = recogniser.write(task, &brake);
}

fn read(source: &mut impl Read, desk: &Desk, out: &Out) -> anyhow::Result<()> {
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
                receive(frame, desk, out);
            }
        }
    }
}

fn receive(frame: Frame, desk: &Desk, out: &Out) {
    match frame.message {
        Message::Ping(ping) => {
            let (rss_kib, overdue_ms) = (limits::rss_kib(), desk.overdue_ms());
            out.send(Message::Pong(Pong { id: ping.id, rss_kib, overdue_ms }));
        }
        Message::Cancel(cancel) => out.send_failed(desk.cancel(cancel.id)),
        Message::Transcribe(request) => out.send_failed(accept(request, &frame.body, desk)),
        Message::Speak(speak) => {
            out.send_failed(Some(failed(speak.id, Why::BadRequest, "this is the recogniser, not the voice")))
        }
        Message::Hello(_)
        | Message::Ready(_)
        | Message::Pong(_)
        | Message::Transcript(_)
        | Message::Spoken(_)
        | Message::Failed(_) => eprintln!("nightdesk-stt: message in the wrong direction ignored"),
    }
}

fn accept(request: Transcribe, body: &[u8], desk: &Desk) -> Option<Failed> {
    let bad = |detail: &str| Some(failed(request.id, Why::BadRequest, detail));
    match samples_from_bytes(body) {
        None => bad("odd number of bytes in the sound"),
        Some(samples) if samples.is_empty() => bad("no sound"),
        Some(samples) if samples.len() > SECONDS_MAX * SAMPLE_RATE => bad("more than 30 seconds of sound"),
        Some(samples) => desk.put(Work { request, samples, received: Instant::now() }),
    }
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// The way back to the daemon, for both threads.
struct Out(Mutex<std::io::Stdout>);

impl Out {
    fn send(&self, message: Message) {
        let sent = Frame::plain(message).encode().map_err(anyhow::Error::from).and_then(|bytes| {
            let mut stdout = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            stdout.write_all(&bytes)?;
            Ok(stdout.flush()?)
        });
        if let Err(fault) = sent {
            // nobody is there to hear us: the daemon is gone
            eprintln!("nightdesk-stt: {fault:#}");
            std::process::exit(1);
        }
    }

    fn send_failed(&self, answer: Option<Failed>) {
        if let Some(answer) = answer {
            self.send(Message::Failed(answer));
        }
    }
}

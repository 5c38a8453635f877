//! The two threads: one reads requests, one runs whisper.

use std::{sync::Arc, thread, time::Instant};

use worker_kit::{Cores, Desk, Engines, Out, Request, failed, give_up, ms, wait_for};
use worker_wire::{
    Failed, Frame, Hello, Message, Ready, Role, SpokenLanguage, Transcribe, Transcript, VERSION, Why,
    samples_from_bytes,
};

use crate::{
    Args,
    recogniser::{NotWritten, Recogniser, SAMPLE_RATE, Task},
};

/// More waiting requests than this cannot be answered in time anyway.
const WAITING_MAX: usize = 16;

/// Longest audio in one request; the encoder sees no more.
const SECONDS_MAX: usize = 30;

/// A request with its sound, 16 kHz mono.
struct Work {
    request: Transcribe,
    samples: Vec<i16>,
}

/// Serves requests until stdin ends.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    worker_kit::step_back(args.nice)?;
    worker_kit::cap_memory(args.memory_limit_mib)?;
    if !args.verbose {
        whisper_rs::install_logging_hooks();
    }
    let out = Arc::new(Out::new("nightdesk-stt"));
    out.send(&Frame::plain(Message::Hello(Hello { version: VERSION, role: Role::Recogniser })));
    let desk = Arc::new(Desk::new(WAITING_MAX, Engines::One));
    let whisper = thread::Builder::new().name("whisper".into()).spawn({
        let (desk, out, model) = (Arc::clone(&desk), Arc::clone(&out), args.model.clone());
        let cores = Cores::watch(args.threads);
        move || match Recogniser::load(&model) {
            Ok(recogniser) => work(recogniser, &cores, &desk, &out, started),
            Err(detail) => give_up(&out, detail),
        }
    })?;
    let ended = worker_kit::serve(&mut std::io::stdin().lock(), &desk, &out, |message, body| match message {
        Message::Transcribe(request) => Some(accept(request, &body)),
        _ => None,
    });
    desk.close();
    wait_for(&whisper);
    ended
}

fn work(mut recogniser: Recogniser, cores: &Cores, desk: &Desk<Work>, out: &Out, started: Instant) {
    warm_up(&mut recogniser, cores);
    let ready = Ready { about: recogniser.shape().to_string(), took_ms: ms(started.elapsed()) };
    out.send(&Frame::plain(Message::Ready(ready)));
    while let Some(taken) = desk.take() {
        let begun = Instant::now();
        let Work { request, samples } = &taken.work;
        let task = Task {
            samples,
            language: request.language,
            audio_ctx: request.audio_ctx,
            forced_tokens: request.forced_tokens,
            threads: cores.threads(),
        };
        match recogniser.write(task, &taken.brake) {
            Ok(written) => {
                out.send(&Frame::plain(Message::Transcript(Transcript {
                    id: request.id,
                    text: written.text,
                    language: written.language,
                    tokens: written.tokens,
                    token_probability: written.probability,
                    waited_ms: ms(begun - taken.received),
                    took_ms: ms(begun.elapsed()),
                })));
                desk.finish(request.id);
            }
            Err(NotWritten::Stopped) => out.send_failed(desk.stopped(taken)),
            Err(NotWritten::Broke(detail)) => {
                out.send_failed(Some(failed(request.id, Why::Broke, detail)));
                desk.finish(request.id);
            }
        }
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
    let brake = worker_kit::Brake::new(Instant::now() + std::time::Duration::from_secs(20));
    // only the side effect counts; a model that cannot do this fails on the first request with its reason
    let _ = recogniser.write(task, &brake);
}

fn accept(request: &Transcribe, body: &[u8]) -> Result<(Request, Work), Failed> {
    let bad = |detail: &str| Err(failed(request.id, Why::BadRequest, detail));
    let Transcribe { id, priority, group, deadline_ms, .. } = *request;
    match samples_from_bytes(body) {
        None => bad("odd number of bytes in the sound"),
        Some(samples) if samples.is_empty() => bad("no sound"),
        Some(samples) if samples.len() > SECONDS_MAX * SAMPLE_RATE => bad("more than 30 seconds of sound"),
        Some(samples) => {
            let work = Work { request: request.clone(), samples };
            Ok((Request { id, priority, group, deadline_ms }, work))
        }
    }
}

//! The threads: one reads requests, some render.

use std::{sync::Arc, thread, time::Instant};

use worker_kit::{Desk, Engines, Out, Request, failed, give_up, ms};
use worker_wire::{BODY_BYTES_MAX, Failed, Frame, Hello, Message, Ready, Role, Speak, Spoken, VERSION, Why};

use crate::{
    Args,
    engine::{self, Engine},
    render::{RenderError, render},
    text::speakable,
};

/// More waiting sentences than this are not rendered in time anyway.
const WAITING_MAX: usize = 32;

/// Serves requests until stdin ends.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    worker_kit::step_back(args.nice)?;
    let out = Arc::new(Out::new("nightdesk-tts"));
    out.send(&Frame::plain(Message::Hello(Hello { version: VERSION, role: Role::Voice })));
    let engine: Arc<dyn Engine> = Arc::from(engine::from_args(args));
    if let Err(detail) = engine.check() {
        give_up(&out, detail);
    }
    let desk = Arc::new(Desk::new(WAITING_MAX, Engines::Several));
    let mut threads = Vec::new();
    for _ in 0..args.parallel {
        let (engine, desk, out) = (Arc::clone(&engine), Arc::clone(&desk), Arc::clone(&out));
        threads.push(thread::spawn(move || work(&*engine, &desk, &out)));
    }
    let about = format!("{} {}", engine.name(), args.voice.as_deref().unwrap_or("(usual voice)"));
    out.send(&Frame::plain(Message::Ready(Ready { about, took_ms: ms(started.elapsed()) })));
    let ended = worker_kit::serve(&mut std::io::stdin().lock(), &desk, &out, |message, _| match message {
        Message::Speak(speak) => {
            let Speak { id, priority, deadline_ms, .. } = *speak;
            Some(Ok((Request { id, priority, group: None, deadline_ms }, speak.clone())))
        }
        _ => None,
    });
    desk.close();
    for thread in threads {
        // a render thread that panicked has already said so on stderr
        let _ = thread.join();
    }
    ended
}

fn work(engine: &dyn Engine, desk: &Desk<Speak>, out: &Out) {
    while let Some(taken) = desk.take() {
        let begun = Instant::now();
        let id = taken.request.id;
        match answer(engine, &taken.work, &taken.brake) {
            Ok((mut spoken, samples)) => {
                spoken.took_ms = ms(begun.elapsed());
                out.send(&Frame::with_samples(Message::Spoken(spoken), &samples));
                desk.finish(id);
            }
            Err(NotSpoken::Stopped) => out.send_failed(desk.stopped(taken)),
            Err(NotSpoken::Failed(why)) => {
                out.send_failed(Some(why));
                desk.finish(id);
            }
        }
    }
}

/// Why there is no sound.
enum NotSpoken {
    Stopped,
    Failed(Failed),
}

fn answer(
    engine: &dyn Engine,
    speak: &Speak,
    brake: &worker_kit::Brake,
) -> Result<(Spoken, Vec<i16>), NotSpoken> {
    let not = |why, detail: String| NotSpoken::Failed(failed(speak.id, why, detail));
    let line = speakable(&speak.text).map_err(|fault| not(Why::BadRequest, fault.to_string()))?;
    let rendered = render(engine, &line, brake).map_err(|fault| match fault {
        RenderError::Stopped => NotSpoken::Stopped,
        RenderError::Broke(fault) => not(Why::Broke, format!("{fault:#}")),
    })?;
    if rendered.samples.len() * 2 > BODY_BYTES_MAX {
        return Err(not(Why::Broke, "the engine speaks for minutes".into()));
    }
    let spoken = Spoken { id: speak.id, sample_rate: rendered.sample_rate, took_ms: 0 };
    Ok((spoken, rendered.samples))
}

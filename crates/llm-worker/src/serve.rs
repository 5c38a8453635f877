//! The two threads: one reads requests, one runs the model.

use std::{
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use worker_kit::{Brake, Cores, Desk, Engines, Out, Request, Taken, failed, give_up, ms, wait_for};
use worker_wire::{
    Failed, Frame, Hello, Judged, Message, Prepared, Priority, Ready, Role, Sensed, THOUGHT_BYTES_MAX,
    VERSION, Why, Written, bytes_from_floats,
};

use crate::{
    Args, RoleArgs,
    encoder::Encoder,
    judge::{Judge, Verdict},
    llama::{self, Undone},
};

/// More waiting requests than this cannot be answered in time anyway.
const WAITING_MAX: usize = 16;

/// What a request asks for.
#[derive(Debug)]
enum Work {
    Sense(String),
    Prepare(String),
    Judge { runbook: String, lines: String },
    Write { runbook: String, lines: String, tokens_max: usize },
}

/// The model of this process.
enum Engine {
    Encoder(Box<Encoder>),
    Judge(Box<Judge>),
}

/// For the farewell: llama.cpp calls it from inside, where nothing can be passed.
static OUT: OnceLock<Arc<Out>> = OnceLock::new();

/// Serves requests until stdin ends.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    worker_kit::step_back(args.nice)?;
    worker_kit::cap_memory(args.memory_limit_mib)?;
    llama::set_up(args.verbose);
    let out = Arc::new(Out::new("nightdesk-llm"));
    let role = match args.role {
        RoleArgs::Sense { .. } => Role::Sense,
        RoleArgs::Judge { .. } => Role::Judge,
    };
    out.send(&Frame::plain(Message::Hello(Hello { version: VERSION, role })));
    let _ = OUT.set(Arc::clone(&out));
    llama::before_abort(|reason| {
        if let Some(out) = OUT.get() {
            give_up(out, format!("llama.cpp cannot go on with this model file: {reason}"));
        }
    });
    let desk = Arc::new(Desk::new(WAITING_MAX, Engines::One));
    let model = thread::Builder::new().name("model".into()).spawn({
        let (desk, out) = (Arc::clone(&desk), Arc::clone(&out));
        let (role, limit_mib) = (args.role.clone(), args.memory_limit_mib);
        let cores = Cores::watch(args.threads);
        move || match load(role, limit_mib) {
            Ok(engine) => work(engine, &cores, &desk, &out, started),
            Err(detail) => give_up(&out, detail),
        }
    })?;
    let ended = worker_kit::serve(&mut std::io::stdin().lock(), &desk, &out, |message, body| {
        accept(role, message, body)
    });
    desk.close();
    wait_for(&model);
    ended
}

fn load(role: RoleArgs, limit_mib: u64) -> Result<Engine, String> {
    match role {
        RoleArgs::Sense { model, heads } => {
            Encoder::load(&model, &heads, limit_mib).map(|encoder| Engine::Encoder(Box::new(encoder)))
        }
        RoleArgs::Judge { model, states } => {
            Judge::load(&model, states, limit_mib).map(|judge| Engine::Judge(Box::new(judge)))
        }
    }
}

fn work(mut engine: Engine, cores: &Cores, desk: &Desk<Work>, out: &Out, started: Instant) {
    engine.warm_up(cores.threads());
    let ready = Ready { about: engine.about(), took_ms: ms(started.elapsed()) };
    out.send(&Frame::plain(Message::Ready(ready)));
    while let Some(taken) = desk.take() {
        let id = taken.request.id;
        match engine.answer(&taken, cores.threads()) {
            Ok(frame) => {
                out.send(&frame);
                desk.finish(id);
            }
            Err(Undone::Stopped) => out.send_failed(desk.stopped(taken)),
            Err(Undone::Broke(detail)) => {
                out.send_failed(Some(failed(id, Why::Broke, detail)));
                desk.finish(id);
            }
        }
    }
}

impl Engine {
    fn about(&self) -> String {
        match self {
            Self::Encoder(encoder) => encoder.about(),
            Self::Judge(judge) => judge.about().to_owned(),
        }
    }

    /// The first run touches all weights and sizes all buffers; a caller should not wait for that. A judge
    /// does that with the first runbook, so that its start stays short.
    fn warm_up(&mut self, threads: u32) {
        let brake = Brake::new(Instant::now() + Duration::from_secs(20));
        if let Self::Encoder(encoder) = self {
            // only the side effect counts; a model that cannot do this fails on the first request with its reason
            let _ = encoder.sense("there is water coming through the ceiling", threads, &brake);
        }
    }

    fn answer(&mut self, taken: &Taken<Work>, threads: u32) -> Result<Frame, Undone> {
        let begun = Instant::now();
        let (id, brake) = (taken.request.id, &*taken.brake);
        let waited_ms = ms(begun - taken.received);
        match (self, &taken.work) {
            (Self::Encoder(encoder), Work::Sense(words)) => {
                let (embedding, heads) = encoder.sense(words, threads, brake)?;
                let sensed = Sensed { id, heads, waited_ms, took_ms: ms(begun.elapsed()) };
                Ok(Frame::with_body(Message::Sensed(sensed), bytes_from_floats(&embedding)))
            }
            (Self::Judge(judge), Work::Prepare(runbook)) => {
                judge.set_threads(threads);
                let ready = judge.prepare(runbook, brake)?;
                Ok(Frame::plain(Message::Prepared(Prepared {
                    id,
                    tokens: count(ready.tokens),
                    lines_cut: count(ready.lines_cut),
                    restored: ready.restored,
                    took_ms: ms(begun.elapsed()),
                })))
            }
            (Self::Judge(judge), Work::Judge { runbook, lines }) => {
                judge.set_threads(threads);
                let verdict = judge.judge(runbook, lines, brake)?;
                Ok(Frame::plain(Message::Judged(judged(id, &verdict, waited_ms, ms(begun.elapsed())))))
            }
            (Self::Judge(judge), Work::Write { runbook, lines, tokens_max }) => {
                judge.set_threads(threads);
                let (json, tokens) = judge.write(runbook, lines, *tokens_max, brake)?;
                let written = Written { id, tokens: count(tokens), took_ms: ms(begun.elapsed()) };
                Ok(Frame::with_body(Message::Written(written), json))
            }
            // accept() lets only the right kinds through
            (Self::Encoder(_) | Self::Judge(_), _) => {
                Err(Undone::Broke("a request for another model".into()))
            }
        }
    }
}

fn judged(id: u64, verdict: &Verdict, waited_ms: u32, took_ms: u32) -> Judged {
    let [severity, service, action] = &verdict.answers;
    Judged {
        id,
        severity: row(severity),
        service: row(service),
        action: row(action),
        fresh_tokens: count(verdict.fresh_tokens),
        kept_tokens: count(verdict.kept_tokens),
        waited_ms,
        took_ms,
    }
}

fn row<const N: usize>(probabilities: &[f32]) -> [f32; N] {
    std::array::from_fn(|at| probabilities.get(at).copied().unwrap_or(0.0))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn accept(role: Role, message: &Message, body: Vec<u8>) -> Option<Result<(Request, Work), Failed>> {
    let (request, runbook_bytes) = match (role, message) {
        (Role::Sense, Message::Sense(asked)) => {
            let (id, priority, group, deadline_ms) =
                (asked.id, asked.priority, asked.group, asked.deadline_ms);
            (Request { id, priority, group, deadline_ms }, None)
        }
        (Role::Judge, Message::Prepare(asked)) => (after_call(asked.id, asked.deadline_ms), None),
        (Role::Judge, Message::Judge(asked)) => {
            let (id, priority, group, deadline_ms) =
                (asked.id, asked.priority, asked.group, asked.deadline_ms);
            (Request { id, priority, group, deadline_ms }, Some(asked.runbook_bytes))
        }
        (Role::Judge, Message::Write(asked)) => {
            (after_call(asked.id, asked.deadline_ms), Some(asked.runbook_bytes))
        }
        _ => return None,
    };
    let bad = |detail: &str| Some(Err(failed(request.id, Why::BadRequest, detail)));
    if body.len() > 2 * THOUGHT_BYTES_MAX {
        return bad("more text than anybody says");
    }
    let Ok(text) = String::from_utf8(body) else { return bad("the text is not UTF-8") };
    let Some((runbook, lines)) = text.split_at_checked(runbook_bytes.unwrap_or(0) as usize) else {
        return bad("the runbook is longer than the text");
    };
    let (runbook, lines) = (runbook.to_owned(), lines.to_owned());
    let work = match message {
        Message::Prepare(_) => Work::Prepare(lines),
        Message::Judge(_) => Work::Judge { runbook, lines },
        Message::Write(asked) => Work::Write { runbook, lines, tokens_max: asked.tokens_max as usize },
        _ => Work::Sense(lines),
    };
    Some(Ok((request, work)))
}

fn after_call(id: u64, deadline_ms: u32) -> Request {
    Request { id, priority: Priority::AfterCall, group: None, deadline_ms }
}

//! One life of a worker process.

use std::{collections::HashMap, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStderr, ChildStdin, Command},
    sync::{mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior},
};
use worker_wire::{Decoder, Failed, Hello, Ping, Pong, VERSION};

use super::{Ask, AskError, Cancel, Frame, Health, Message, ORDERS_MAX, Order, WorkerSpec, WorkerState};

/// Why a life ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// All handles are gone.
    NobodyLeft,
    /// It crashed, hung, or broke the protocol: start another.
    Died(String),
    /// Another start would end the same way until somebody acts.
    Unusable(String),
}

type Answer = oneshot::Sender<Result<Frame, AskError>>;

pub(super) struct Session<'a> {
    spec: &'a WorkerSpec,
    child: Child,
    /// To the task that writes to stdin. A worker that does not read fills it; pings then find out.
    sending: mpsc::Sender<Vec<u8>>,
    /// From the task that reads stdout; ends when stdout ends.
    receiving: mpsc::Receiver<Result<Frame, String>>,
    pending: HashMap<u64, Answer>,
    begun: Instant,
    greeted: bool,
    ready: bool,
    /// Sent and not answered yet.
    ping: Option<(u64, Instant)>,
    pings: u64,
}

impl<'a> Session<'a> {
    /// Starts the process. The error text is for the owner.
    pub(super) fn start(spec: &'a WorkerSpec) -> Result<Self, String> {
        let mut child = Command::new(&spec.program)
            .args(&spec.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in the terminal is for the daemon; the worker ends when its stdin does.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|fault| {
                format!(
                    "{} cannot be started: {fault}. It is installed beside nightdesk",
                    spec.program.display()
                )
            })?;
        let (sending, to_send) = mpsc::channel(ORDERS_MAX);
        let (received, receiving) = mpsc::channel(ORDERS_MAX);
        if let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        {
            tokio::spawn(write(stdin, to_send));
            tokio::spawn(read(stdout, received));
            tokio::spawn(forward_log(stderr, spec.role));
        }
        Ok(Self {
            spec,
            child,
            sending,
            receiving,
            pending: HashMap::new(),
            begun: Instant::now(),
            greeted: false,
            ready: false,
            ping: None,
            pings: 0,
        })
    }

    /// Serves until the process ends or has to be ended; all open requests are answered then.
    pub(super) async fn serve(
        mut self,
        orders: &mut mpsc::Receiver<Order>,
        held: Vec<Ask>,
        health: &watch::Sender<Health>,
    ) -> Ended {
        let pid = self.child.id();
        health.send_modify(|health| health.pid = pid);
        for ask in held {
            self.pass_on(ask);
        }
        let mut ticks = tokio::time::interval(self.spec.timing.ping_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            let step = tokio::select! {
                frame = self.receiving.recv() => match frame {
                    Some(Ok(frame)) => self.receive(frame, health),
                    Some(Err(fault)) => Err(Ended::Died(fault)),
                    None => Err(Ended::Died(self.how_it_ended().await)),
                },
                order = orders.recv() => match order {
                    Some(order) => { self.take(order); Ok(()) }
                    None => Err(Ended::NobodyLeft),
                },
                _ = ticks.tick() => self.check_alive(),
            };
            if let Err(ended) = step {
                break ended;
            }
        };
        self.end(&ended).await;
        ended
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Ask(ask) => self.pass_on(ask),
            Order::Cancel(id) => {
                if self.pending.remove(&id).is_some() {
                    self.send(&Frame::plain(Message::Cancel(Cancel { id })));
                }
            }
        }
    }

    fn pass_on(&mut self, ask: Ask) {
        if ask.answer.is_closed() {
            return;
        }
        match self.sending.try_send(ask.frame) {
            Ok(()) => {
                self.pending.insert(ask.id, ask.answer);
            }
            Err(_) => {
                let _ = ask.answer.send(Err(AskError::Busy));
            }
        }
    }

    fn receive(&mut self, frame: Frame, health: &watch::Sender<Health>) -> Result<(), Ended> {
        if !self.greeted {
            return self.greet(&frame.message);
        }
        let id = match &frame.message {
            Message::Ready(ready) => {
                tracing::info!(role = ?self.spec.role, about = ready.about, took_ms = ready.took_ms, "worker is ready");
                self.ready = true;
                let state = WorkerState::Ready(ready.about.clone());
                health.send_modify(|health| health.state = state);
                return Ok(());
            }
            Message::Pong(pong) => return self.hear_pong(*pong, health),
            Message::Failed(Failed { id: None, detail, .. }) => return Err(Ended::Unusable(detail.clone())),
            answer => match answer.answer_id() {
                Some(id) => id,
                None => return Err(Ended::Died("it sent a message of the daemon's".into())),
            },
        };
        if let Some(answer) = self.pending.remove(&id) {
            let heard = if let Message::Failed(failed) = frame.message {
                Err(AskError::Refused(failed))
            } else {
                Ok(frame)
            };
            let _ = answer.send(heard);
        }
        Ok(())
    }

    fn greet(&mut self, message: &Message) -> Result<(), Ended> {
        let program = self.spec.program.display();
        match message {
            Message::Hello(Hello { version: VERSION, role }) if *role == self.spec.role => {
                self.greeted = true;
                Ok(())
            }
            Message::Hello(Hello { version, role }) => Err(Ended::Unusable(format!(
                "{program} is a {role:?} of protocol {version}, wanted {:?} of protocol {VERSION}: \
                 install all NightDesk programs from the same release",
                self.spec.role
            ))),
            Message::Failed(failed) => Err(Ended::Unusable(failed.detail.clone())),
            _ => Err(Ended::Unusable(format!("{program} is not a NightDesk worker"))),
        }
    }

    fn hear_pong(&mut self, pong: Pong, health: &watch::Sender<Health>) -> Result<(), Ended> {
        if self.ping.is_some_and(|(id, _)| id == pong.id) {
            self.ping = None;
        }
        health.send_modify(|health| health.rss_kib = pong.rss_kib);
        let limit_kib = self.spec.memory_limit_mib * 1024;
        if limit_kib > 0 && pong.rss_kib > limit_kib {
            let (has, may) = (pong.rss_kib / 1024, self.spec.memory_limit_mib);
            return Err(Ended::Died(format!("it has {has} MiB of memory, {may} are allowed")));
        }
        if u128::from(pong.overdue_ms) > self.spec.timing.overdue_max.as_millis() {
            return Err(Ended::Died(format!("it hangs: {} ms past a deadline", pong.overdue_ms)));
        }
        Ok(())
    }

    fn check_alive(&mut self) -> Result<(), Ended> {
        let timing = self.spec.timing;
        if !self.ready && self.begun.elapsed() > timing.ready_within {
            return Err(Ended::Died(format!("it was not ready after {} s", timing.ready_within.as_secs())));
        }
        match self.ping {
            Some((_, sent)) if sent.elapsed() > timing.pong_within => {
                Err(Ended::Died(format!("it hangs: no sign of life for {} ms", sent.elapsed().as_millis())))
            }
            Some(_) => Ok(()),
            None => {
                self.pings += 1;
                self.ping = Some((self.pings, Instant::now()));
                self.send(&Frame::plain(Message::Ping(Ping { id: self.pings })));
                Ok(())
            }
        }
    }

    /// Best effort: a full pipe means that the worker does not read, which the pings find out.
    fn send(&self, frame: &Frame) {
        if let Ok(bytes) = frame.encode() {
            let _ = self.sending.try_send(bytes);
        }
    }

    async fn how_it_ended(&mut self) -> String {
        match tokio::time::timeout(Duration::from_millis(500), self.child.wait()).await {
            Ok(Ok(status)) => format!("it ended: {status}"),
            Ok(Err(fault)) => format!("it ended: {fault}"),
            Err(_) => "it closed its output".into(),
        }
    }

    async fn end(mut self, ended: &Ended) {
        // a worker that has ended by itself cannot be killed, which is what is wanted
        let _ = self.child.start_kill();
        let why = match ended {
            Ended::Unusable(reason) => AskError::Dead(reason.clone()),
            Ended::NobodyLeft | Ended::Died(_) => AskError::Died,
        };
        for (_, answer) in self.pending.drain() {
            let _ = answer.send(Err(why.clone()));
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await;
    }
}

async fn write(mut stdin: ChildStdin, mut frames: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = frames.recv().await {
        if stdin.write_all(&bytes).await.is_err() || stdin.flush().await.is_err() {
            // the worker is gone; the reading side says so
            return;
        }
    }
}

async fn read(mut stdout: impl AsyncRead + Unpin, frames: mpsc::Sender<Result<Frame, String>>) {
    let mut decoder = Decoder::new();
    let mut chunk = vec![0; 32 * 1024];
    while let Ok(count @ 1..) = stdout.read(&mut chunk).await {
        let mut bytes = &chunk[..count];
        while !bytes.is_empty() {
            let decoded = match decoder.feed(&mut bytes) {
                Ok(None) => continue,
                Ok(Some(frame)) => Ok(frame),
                Err(fault) => Err(format!("it does not speak worker-wire: {fault}")),
            };
            let lost = decoded.is_err();
            if frames.send(decoded).await.is_err() || lost {
                return;
            }
        }
    }
}

/// What workers write to stderr is for people who look for a fault. They write no word of a caller.
async fn forward_log(mut stderr: ChildStderr, role: super::Role) {
    let mut chunk = vec![0; 2048];
    while let Ok(count @ 1..) = stderr.read(&mut chunk).await {
        let text = String::from_utf8_lossy(&chunk[..count]);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            tracing::debug!(?role, "{line}");
        }
    }
}

//! Keeps one worker process alive: starts it, passes requests, pings, kills what hangs, starts again.
//!
//! Requests that wait while the worker starts again are held until their own deadline. A worker that
//! cannot work at all (missing file, unreadable model) is `Dead`: requests fail at once, and it is tried
//! again every half minute in case the owner has put the file there.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{mpsc, oneshot, watch};
use worker_wire::{Cancel, Failed, Frame, Message, Role, Why};

mod backoff;
mod session;

use backoff::Backoff;
use session::{Ended, Session};

/// Requests that may be under way to one worker. Beyond that the answer is [`AskError::Busy`].
const ORDERS_MAX: usize = 64;

/// What to run, and how patient to be.
#[derive(Debug, Clone)]
pub(crate) struct WorkerSpec {
    pub(crate) role: Role,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// Resident memory above which it is killed, in MiB; 0 = no limit.
    pub(crate) memory_limit_mib: u64,
    pub(crate) timing: Timing,
}

/// How often a worker is asked whether it lives, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Between two pings.
    pub ping_every: Duration,
    /// A ping without answer for so long means that the worker hangs.
    pub pong_within: Duration,
    /// From the start of the process to the loaded model; a Pi with a slow card needs most of it.
    pub ready_within: Duration,
    /// Native code that runs so far past a deadline hangs.
    pub overdue_max: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(2),
            pong_within: Duration::from_secs(5),
            ready_within: Duration::from_secs(120),
            overdue_max: Duration::from_secs(10),
        }
    }
}

/// How a worker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkerState {
    /// First start; requests wait.
    Starting,
    /// Serves. Says what it runs.
    Ready(String),
    /// Died and comes back; requests wait.
    Restarting,
    /// Cannot work until somebody acts; requests fail at once. Says what to do.
    Dead(String),
}

/// What is known about a worker.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    pub(crate) state: WorkerState,
    /// Resident memory at the last ping, in KiB.
    pub(crate) rss_kib: u64,
    /// Process id while it runs.
    pub(crate) pid: Option<u32>,
    /// How often it was started again.
    pub(crate) restarts: u32,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AskError {
    #[error("no answer in time")]
    TooLate,
    #[error("the worker died in the middle")]
    Died,
    #[error("{0}")]
    Dead(String),
    #[error("too many requests at once")]
    Busy,
    #[error("{}", .0.detail)]
    Refused(Failed),
}

/// A worker that is kept alive as long as this handle or a clone lives.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    orders: mpsc::Sender<Order>,
    health: watch::Receiver<Health>,
    ids: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Order {
    Ask(Ask),
    Cancel(u64),
}

#[derive(Debug)]
struct Ask {
    id: u64,
    frame: Vec<u8>,
    answer: oneshot::Sender<Result<Frame, AskError>>,
}

impl Ask {
    fn fail(self, why: AskError) {
        // nobody listening any more is fine: the future was dropped
        let _ = self.answer.send(Err(why));
    }
}

impl Worker {
    /// Starts keeping a worker alive; returns at once. Must be called inside a tokio runtime.
    pub(crate) fn start(spec: WorkerSpec) -> Self {
        let (orders, taken) = mpsc::channel(ORDERS_MAX);
        let first = Health { state: WorkerState::Starting, rss_kib: 0, pid: None, restarts: 0 };
        let (health, seen) = watch::channel(first);
        tokio::spawn(keep_alive(spec, taken, health));
        Self { orders, health: seen, ids: Arc::new(AtomicU64::new(1)) }
    }

    /// How it is now.
    pub(crate) fn health(&self) -> Health {
        self.health.borrow().clone()
    }

    /// Waits until it serves or is dead.
    pub(crate) async fn settled(&self) -> WorkerState {
        let mut health = self.health.clone();
        let settled = |health: &Health| matches!(health.state, WorkerState::Ready(_) | WorkerState::Dead(_));
        match health.wait_for(settled).await {
            Ok(health) => health.state.clone(),
            Err(_) => WorkerState::Dead("the daemon is shutting down".into()),
        }
    }

    /// Sends a request and waits for its answer, at most until the deadline. Dropping the future cancels.
    pub(crate) async fn ask(
        &self,
        deadline: Duration,
        body: Vec<u8>,
        message: impl FnOnce(u64) -> Message,
    ) -> Result<Frame, AskError> {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let frame = Frame::with_body(message(id), body).encode().map_err(|fault| {
            AskError::Refused(Failed { id: Some(id), why: Why::BadRequest, detail: fault.to_string() })
        })?;
        let (answer, heard) = oneshot::channel();
        self.orders.try_send(Order::Ask(Ask { id, frame, answer })).map_err(|_| AskError::Busy)?;
        let mut withdrawal = Withdrawal { id, orders: Some(self.orders.clone()) };
        match tokio::time::timeout(deadline, heard).await {
            Ok(answer) => {
                withdrawal.orders = None;
                answer.unwrap_or(Err(AskError::Died))
            }
            Err(_) => Err(AskError::TooLate),
        }
    }
}

/// Tells the worker when nobody waits for an answer any more.
struct Withdrawal {
    id: u64,
    orders: Option<mpsc::Sender<Order>>,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        if let Some(orders) = &self.orders {
            // with a full queue the work is done in vain and its answer thrown away: no harm
            let _ = orders.try_send(Order::Cancel(self.id));
        }
    }
}

async fn keep_alive(spec: WorkerSpec, mut orders: mpsc::Receiver<Order>, health: watch::Sender<Health>) {
    let mut backoff = Backoff::default();
    let mut held = Vec::new();
    loop {
        let begun = tokio::time::Instant::now();
        let ended = match Session::start(&spec) {
            Ok(session) => session.serve(&mut orders, std::mem::take(&mut held), &health).await,
            Err(reason) => Ended::Unusable(reason),
        };
        let (reason, usable) = match ended {
            Ended::NobodyLeft => return,
            Ended::Died(reason) => (reason, true),
            Ended::Unusable(reason) => (reason, false),
        };
        let pause = backoff.after(begun.elapsed(), usable);
        let state = if pause.dead { WorkerState::Dead(reason.clone()) } else { WorkerState::Restarting };
        report(&spec, &state, &reason);
        health.send_modify(|health| {
            health.state = state;
            health.pid = None;
            health.rss_kib = 0;
            health.restarts += 1;
        });
        let dead = pause.dead.then_some(reason);
        if !wait(pause.wait, dead, &mut orders, &mut held).await {
            return;
        }
    }
}

fn report(spec: &WorkerSpec, state: &WorkerState, reason: &str) {
    let role = spec.role;
    match state {
        WorkerState::Dead(_) => tracing::error!(?role, reason, "worker cannot work"),
        WorkerState::Starting | WorkerState::Ready(_) | WorkerState::Restarting => {
            tracing::warn!(?role, reason, "worker is started again");
        }
    }
}

/// Waits before the next start. Requests that come meanwhile are held, or refused if the worker is dead.
/// False when nobody is left to serve.
async fn wait(
    pause: Duration,
    dead: Option<String>,
    orders: &mut mpsc::Receiver<Order>,
    held: &mut Vec<Ask>,
) -> bool {
    let over = tokio::time::sleep(pause);
    tokio::pin!(over);
    loop {
        let order = tokio::select! {
            () = &mut over => return true,
            order = orders.recv() => order,
        };
        match (order, &dead) {
            (None, _) => return false,
            (Some(Order::Cancel(id)), _) => held.retain(|ask| ask.id != id),
            (Some(Order::Ask(ask)), Some(reason)) => ask.fail(AskError::Dead(reason.clone())),
            (Some(Order::Ask(ask)), None) if held.len() >= ORDERS_MAX => ask.fail(AskError::Busy),
            (Some(Order::Ask(ask)), None) => held.push(ask),
        }
    }
}

/// Where a worker's executable is: in the configured folder, in NIGHTDESK_WORKER_DIR, or beside our own
/// (for tests and examples: one folder up).
pub(crate) fn executable(name: &str, configured: Option<&Path>) -> PathBuf {
    if let Some(folder) = configured {
        return folder.join(name);
    }
    if let Some(folder) = std::env::var_os("NIGHTDESK_WORKER_DIR") {
        return PathBuf::from(folder).join(name);
    }
    let own = std::env::current_exe().unwrap_or_default();
    let mut folder = own.parent().unwrap_or(Path::new("."));
    if folder.ends_with("deps") || folder.ends_with("examples") {
        folder = folder.parent().unwrap_or(folder);
    }
    folder.join(name)
}

//! Stand-ins for the outside services: small servers on loopback that remember, check keys, keep to the real
//! limits, and can be told to fail as the real ones do. The tests ask them, and `nightdesk demo` shows what they got.
//!
//! Nothing here is used on a real night.

pub mod connectwise;
pub mod twilio;
mod wire;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::AbortHandle,
};

pub use wire::{Reply, Request};

/// Requests that are remembered; the oldest go.
const REMEMBERED_MAX: usize = 1000;
/// A client that sends or takes nothing for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a stand-in does with a request.
pub trait Service: Send + 'static {
    /// The answer; state may change.
    fn answer(&mut self, request: &Request) -> Reply;
}

/// What goes wrong with the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Answers this; the service never sees the request.
    Refuse(Reply),
    /// The service takes it, the answer is this.
    AcceptThen(Reply),
    /// The service takes it, and the connection ends.
    AcceptThenHangUp,
    /// The service takes it, and nothing comes.
    AcceptThenSilence,
    /// The connection ends.
    HangUp,
    /// Nothing comes.
    Silence,
    /// The request arrives twice, as through a bad proxy.
    Twice,
    /// The service takes it; the answer's body comes a byte a second.
    SlowBody,
}

/// A stand-in at its own port; it ends with this value.
#[derive(Debug)]
pub struct Fake<S> {
    address: SocketAddr,
    shared: Arc<Shared<S>>,
    at_work: AbortHandle,
}

#[derive(Debug)]
struct Shared<S> {
    service: Mutex<S>,
    troubles: Mutex<VecDeque<Option<Trouble>>>,
    seen: Mutex<VecDeque<Request>>,
}

impl<S: Service> Fake<S> {
    /// Opens a port on loopback.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(service: S) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            service: Mutex::new(service),
            troubles: Mutex::default(),
            seen: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let at_work = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(Arc::clone(&serving), stream));
            }
        });
        Ok(Self { address, shared, at_work: at_work.abort_handle() })
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at the service, or changes it.
    pub fn with<R>(&self, look: impl FnOnce(&mut S) -> R) -> R {
        look(&mut locked(&self.shared.service))
    }

    /// Puts trouble in the way of the next request; several wait in line.
    pub fn trouble(&self, trouble: Trouble) {
        locked(&self.shared.troubles).push_back(Some(trouble));
    }

    /// Puts trouble in the way of the request after `spared` others.
    pub fn trouble_at(&self, spared: usize, trouble: Trouble) {
        let mut troubles = locked(&self.shared.troubles);
        troubles.extend(std::iter::repeat_n(None, spared));
        troubles.push_back(Some(trouble));
    }

    /// What arrived, oldest first.
    pub fn seen(&self) -> Vec<Request> {
        locked(&self.shared.seen).iter().cloned().collect()
    }
}

impl<S> Drop for Fake<S> {
    fn drop(&mut self) {
        self.at_work.abort();
    }
}

/// One request and its answer over one connection.
async fn converse<S: Service>(shared: Arc<Shared<S>>, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let Ok(Ok(request)) = tokio::time::timeout(PATIENCE, wire::read(&mut stream)).await else { return };
    remember(&shared, &request);
    let trouble = locked(&shared.troubles).pop_front().flatten();
    let answer = || locked(&shared.service).answer(&request);
    let reply = match trouble {
        None => Some(answer()),
        Some(Trouble::Refuse(reply)) => Some(reply),
        Some(Trouble::AcceptThen(reply)) => {
            answer();
            Some(reply)
        }
        Some(Trouble::Twice) => {
            answer();
            Some(answer())
        }
        Some(Trouble::AcceptThenHangUp) => {
            answer();
            None
        }
        Some(Trouble::HangUp) => None,
        Some(Trouble::AcceptThenSilence) => {
            answer();
            return silence(stream).await;
        }
        Some(Trouble::Silence) => return silence(stream).await,
        Some(Trouble::SlowBody) => {
            let reply = answer();
            return trickle(stream, &reply).await;
        }
    };
    if let Some(reply) = reply {
        // a client that has gone does not want its answer
        let _ = tokio::time::timeout(PATIENCE, stream.write_all(&reply.bytes())).await;
        let _ = stream.shutdown().await;
    }
}

/// Keeps the connection and says nothing.
async fn silence(stream: impl AsyncRead + AsyncWrite + Unpin) {
    tokio::time::sleep(PATIENCE).await;
    drop(stream);
}

async fn trickle(mut stream: impl AsyncWrite + Unpin, reply: &Reply) {
    let bytes = reply.bytes();
    let head = bytes.len() - reply.body.len();
    let _ = stream.write_all(&bytes[..head]).await;
    for byte in &bytes[head..] {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
    }
}

fn remember<S>(shared: &Shared<S>, request: &Request) {
    let mut seen = locked(&shared.seen);
    if seen.len() == REMEMBERED_MAX {
        seen.pop_front();
    }
    seen.push_back(request.clone());
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // a test that failed while it looked leaves the state as it was
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

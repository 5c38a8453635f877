//! The end of a dialog from our side.

use std::time::Duration;

use rsipstack::{sip::Method, transaction::Transaction};
use tokio::sync::mpsc;

use super::{
    Shared, client,
    dialog::Dialog,
    server::{Answer, answer},
    session::Unacked,
};

/// How long a BYE waits: the call is over either way.
const BYE_LIMIT: Duration = Duration::from_secs(4);

/// BYE, but not before our answer was confirmed (RFC 3261 section 15). Requests that cross it are answered.
pub(super) async fn say_goodbye(
    line: &Shared,
    dialog: &mut Dialog,
    requests: &mut mpsc::Receiver<Transaction>,
    unacked: Option<Unacked>,
) {
    let tag = dialog.local_tag.clone();
    if let Some(mut unacked) = unacked {
        // An ACK, or the end of the transaction: either way the BYE may go.
        tokio::select! {
            _ = unacked.server.messages.recv() => {}
            () = crossed(requests, &tag) => return,
        }
    }
    let bye = dialog.request(&line.stack, Method::Bye, Vec::new(), None).await;
    let Ok((request, route)) = bye else { return };
    tokio::select! {
        sent = client::request(line, request, &route, BYE_LIMIT) => {
            if let Err(silence) = sent {
                tracing::debug!(%silence, "our BYE was not answered");
            }
        }
        () = crossed(requests, &tag) => {}
    }
}

/// Answers what still comes; returns when the other side said goodbye itself.
async fn crossed(requests: &mut mpsc::Receiver<Transaction>, tag: &str) {
    while let Some(request) = requests.recv().await {
        let bye = request.original.method == Method::Bye;
        answer(request, Answer::new(if bye { 200 } else { 481 }, tag));
        if bye {
            return;
        }
    }
    std::future::pending().await
}

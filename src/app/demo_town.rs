//! The other end of the demo's messages, inside the program: a provider of text messages with a technician who reads
//! them. Nothing leaves the machine.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::Outgoing;

use super::clock::WallClock;
use crate::connectors::{Connector, FarEvent, SendFailure, Sent, Watch};

/// A technician needs this long to find his telephone.
const WAKES_AFTER: Duration = Duration::from_secs(6);
/// And this long to call the customer back.
const CALLS_FOR: Duration = Duration::from_secs(12);

/// A provider that accepts every text, delivers it, and whose receivers answer.
#[derive(Debug)]
pub(crate) struct DemoTexts {
    clock: WallClock,
    desk: Mutex<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    /// By the sender's key: a repeated send is the same message.
    sent: HashMap<String, String>,
    undelivered: Vec<String>,
    /// Who answers what, and when.
    answers: Vec<(Instant, String, String)>,
    replies: u32,
}

impl DemoTexts {
    /// An empty desk.
    pub(crate) fn new(clock: WallClock) -> Self {
        Self { clock, desk: Mutex::default() }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Connector for DemoTexts {
    fn name(&self) -> &'static str {
        "demo"
    }

    fn takes(&self, what: &Outgoing) -> bool {
        matches!(what, Outgoing::Sms { .. })
    }

    async fn send(&self, what: &Outgoing, key: &str, _repeat: bool) -> Result<Sent, SendFailure> {
        let mut desk = self.desk();
        if let Some(far_id) = desk.sent.get(key) {
            return Ok(Sent::AlreadyThere { far_id: far_id.clone() });
        }
        let far_id = format!("demo-{}", desk.sent.len() + 1);
        desk.sent.insert(key.to_string(), far_id.clone());
        desk.undelivered.push(far_id.clone());
        if let Outgoing::Sms { to, body } = what
            && let Some((after, words)) = answer(body)
        {
            desk.answers.push((Instant::now() + after, to.e164().to_string(), words));
        }
        Ok(Sent::Accepted { far_id })
    }

    async fn poll(&self, _watch: &Watch<'_>) -> Result<Vec<FarEvent>, SendFailure> {
        let now = Instant::now();
        let mut desk = self.desk();
        let mut events: Vec<FarEvent> =
            desk.undelivered.drain(..).map(|far_id| FarEvent::Delivered { far_id }).collect();
        let (due, later) = desk.answers.drain(..).partition(|(at, _, _)| *at <= now);
        desk.answers = later;
        let due: Vec<(Instant, String, String)> = due;
        for (_, from, body) in due {
            desk.replies += 1;
            let far_id = format!("demo-reply-{}", desk.replies);
            events.push(FarEvent::Reply { from, body, far_id, at: self.clock.now() });
        }
        Ok(events)
    }

    async fn check(&self) -> Result<String, SendFailure> {
        Ok("the demo's own provider: nothing leaves this machine".to_string())
    }
}

/// What a technician answers to a text of ours: he takes an emergency, and says when he is done.
fn answer(body: &str) -> Option<(Duration, String)> {
    let word_after = |mark: &str| {
        let rest = &body[body.find(mark)? + mark.len()..];
        rest.split_whitespace().next().map(str::to_string)
    };
    if let Some(code) = word_after("Reply 1 ") {
        return Some((WAKES_AFTER, format!("1 {code}")));
    }
    word_after("Reply DONE ").map(|code| (CALLS_FOR, format!("done {code}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technician_takes_a_page_and_later_says_that_he_is_done() {
        let words = |body| answer(body).map(|(_, words)| words);
        assert_eq!(
            words("EMERGENCY CALL\nReply 1 K7P to take it, 2 K7P to pass it on."),
            Some("1 K7P".into())
        );
        assert_eq!(words("Got it. Reply DONE K7P when you have called."), Some("done K7P".into()));
        assert_eq!(words("UPDATE K7P - Metro Plumbing"), None);
    }
}

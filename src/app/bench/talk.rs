//! How fast the box answers, falls silent, and notices an emergency.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::Receiver,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{Rig, figures::Replies, run_together, silence};
use crate::app::{
    caller::Step,
    clips::{self, NIGHT},
    news::News,
};

const CALL_MAX: Duration = Duration::from_secs(150);

/// Plays three callers of the night, at the same time, until enough turns were answered.
pub(super) async fn replies(rig: &Rig, turns: usize) -> anyhow::Result<Replies> {
    let mut measured = Replies::default();
    for round in 0.. {
        let mut callers = JoinSet::new();
        // The marketing call has one turn only.
        for (place, night) in NIGHT.iter().take(3).enumerate() {
            let (uri, script) = (rig.uri().to_string(), night.script()?);
            callers.spawn(async move { super::call(&uri, round * 3 + place, script, CALL_MAX).await });
        }
        while let Some(seen) = callers.join_next().await {
            measured.add(&seen??);
        }
        if measured.turns() >= turns {
            break;
        }
    }
    Ok(measured)
}

/// Speaks into the greeting.
pub(super) async fn barge_ins(rig: &Rig, count: usize) -> anyhow::Result<Vec<Duration>> {
    let mut stops = Vec::new();
    for number in 0..count {
        // Somewhere in the greeting, a little later each time.
        let after = Duration::from_millis(800 + 37 * (number as u64 % 40));
        let script = vec![
            Step::Interrupt { after, audio: clips::clip("call6_gas_0")? },
            Step::Wait(Duration::from_millis(500)),
            Step::HangUp,
        ];
        stops.extend(rig.call(1000 + number, script, CALL_MAX).await?.barge_ins);
    }
    Ok(stops)
}

/// From the end of the emergency's words, said in the middle of a sentence that goes on, to the decision.
pub(super) async fn early_emergencies(rig: &Rig) -> anyhow::Result<Vec<Duration>> {
    let mut found = Vec::new();
    for (number, words) in ["call6_gas_0", "call8_robot_1", "call1_jim_0"].into_iter().enumerate() {
        let emergency = run_together(&[clips::clip(words)?]);
        let rest = run_together(&[clips::clip("call3_doug_0")?, clips::clip("call1_jim_4")?]);
        let spoken_ms = emergency.len() as u64 / 16;
        let all: Arc<[i16]> = [&emergency[..], &rest[..], &silence(600)[..]].concat().into();
        let news = rig.news.subscribe();
        let watch = tokio::spawn(first_emergency(news));
        let script = vec![Step::Say(all), Step::Wait(Duration::from_secs(1)), Step::HangUp];
        let seen = rig.call(2000 + number, script, CALL_MAX).await?;
        if let (Ok(Some(decided)), Some(began)) = (watch.await, seen.line_began.first()) {
            let words_end = *began + Duration::from_millis(spoken_ms);
            found.push(decided.saturating_duration_since(words_end));
        }
    }
    Ok(found)
}

async fn first_emergency(mut news: Receiver<News>) -> Option<Instant> {
    let decided = async {
        loop {
            match news.recv().await {
                Ok(News::Decided { decision, .. }) if decision.is_emergency() => return Some(Instant::now()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    };
    timeout(CALL_MAX, decided).await.ok().flatten()
}

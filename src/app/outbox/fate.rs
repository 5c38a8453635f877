//! What becomes of an item after a try. Pure: the worker stores it.

use domain::{OutboxItem, OutboxState, StepFailure};
use jiff::Timestamp;

use super::backoff::{PAGES, PATIENT};
use crate::{
    connectors::{NeverReason, SendFailure, Sent},
    store::TryOutcome,
};

/// How one try ended, and what it means for the item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fate {
    pub(crate) item: OutboxItem,
    pub(crate) outcome: TryOutcome,
    /// For the owner.
    pub(crate) why: Option<String>,
}

/// The item after this try. `random` spreads the next one.
pub(crate) fn after_try(
    mut item: OutboxItem,
    connector: &str,
    result: Result<Sent, SendFailure>,
    random: u64,
    now: Timestamp,
) -> Fate {
    let backoff = if item.alert_id.is_some() { PAGES } else { PATIENT };
    let (outcome, why) = match result {
        Ok(sent) => {
            let (outcome, far_id) = match sent {
                Sent::Accepted { far_id } => (TryOutcome::Accepted, far_id),
                Sent::AlreadyThere { far_id } => (TryOutcome::AlreadyThere, far_id),
            };
            item.state = OutboxState::Sent;
            item.sent_at = Some(now);
            item.sent_by = Some(connector.to_string());
            item.far_id = Some(far_id);
            item.last_error = None;
            (outcome, None)
        }
        Err(SendFailure::Later { why, retry_after }) => {
            item.next_try_at = backoff.next_at(item.tries, random, retry_after, now);
            (TryOutcome::Later, Some(why))
        }
        Err(SendFailure::Unsure { why }) => {
            item.may_repeat = true;
            item.next_try_at = backoff.next_at(item.tries, random, None, now);
            (TryOutcome::Unsure, Some(why))
        }
        Err(SendFailure::Never { why, reason }) => {
            item.state = OutboxState::Dead;
            item.refusal = Some(refusal(reason));
            (TryOutcome::Never, Some(why))
        }
    };
    if why.is_some() {
        item.last_error.clone_from(&why);
    }
    Fate { item, outcome, why }
}

/// What a refusal means for the ladder.
pub(crate) fn refusal(reason: NeverReason) -> StepFailure {
    match reason {
        NeverReason::OptedOut => StepFailure::OptedOut,
        NeverReason::BadDestination => StepFailure::BadDestination,
        NeverReason::Unregistered | NeverReason::Credentials | NeverReason::Rejected => StepFailure::Refused,
    }
}

#[cfg(test)]
mod tests {
    use domain::{OutboxId, Outgoing};

    use super::*;

    fn item() -> OutboxItem {
        let sms = Outgoing::Sms { to: "+15558870002".parse().unwrap(), body: "x".into() };
        let item = OutboxItem::new(OutboxId::new(1, [0; 10]), "k".into(), sms, Timestamp::UNIX_EPOCH);
        OutboxItem { tries: 1, ..item }
    }

    fn check(result: Result<Sent, SendFailure>, state: OutboxState, may_repeat: bool, waits: bool) -> Fate {
        let fate = after_try(item(), "Twilio", result, 0, Timestamp::UNIX_EPOCH);
        assert_eq!((fate.item.state, fate.item.may_repeat), (state, may_repeat));
        assert_eq!(fate.item.next_try_at > Timestamp::UNIX_EPOCH, waits);
        fate
    }

    #[test]
    fn answers_of_the_far_side_settle_or_delay_an_item() {
        let why = || "no answer".to_string();
        let sent = check(Ok(Sent::Accepted { far_id: "SM1".into() }), OutboxState::Sent, false, false);
        assert_eq!(
            (sent.item.far_id.as_deref(), sent.item.sent_by.as_deref()),
            (Some("SM1"), Some("Twilio"))
        );
        let later = SendFailure::Later { why: why(), retry_after: None };
        check(Err(later), OutboxState::Waiting, false, true);
        check(Err(SendFailure::Unsure { why: why() }), OutboxState::Waiting, true, true);
        let never = SendFailure::Never { why: why(), reason: NeverReason::OptedOut };
        let dead = check(Err(never), OutboxState::Dead, false, false);
        assert_eq!(dead.item.last_error.as_deref(), Some("no answer"));
    }
}

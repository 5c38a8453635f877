//! What the outbox knows of a step's message, as news for the ladder. Pure; asked anew each time, so that nothing
//! is lost when the program stops between a delivery and the ladder's next look.

use domain::{OutboxItem, OutboxState, StepFailure, StepOutcome, StepRow};
use oncall::{Event, StepResult};

/// The news of every step whose message has got further than its row says.
pub(super) fn of_items(steps: &[StepRow], items: &[OutboxItem]) -> Vec<Event> {
    let news = |step: &StepRow| {
        let item = items.iter().find(|i| i.step == Some(step.number))?;
        result(step, item).map(|result| Event::Step { number: step.number, result })
    };
    steps.iter().filter(|s| s.attempted_at.is_some()).filter_map(news).collect()
}

fn result(step: &StepRow, item: &OutboxItem) -> Option<StepResult> {
    let pending =
        matches!(step.outcome, StepOutcome::InFlight | StepOutcome::Unreachable | StepOutcome::Unsure);
    let in_flight = step.outcome == StepOutcome::InFlight;
    match item.state {
        OutboxState::Sent if item.delivered_at.is_some() && step.delivered_at.is_none() => {
            Some(StepResult::Delivered)
        }
        OutboxState::Sent if pending => Some(StepResult::Accepted),
        OutboxState::Dead if pending || step.outcome == StepOutcome::Sent => {
            Some(StepResult::Failed(item.refusal.unwrap_or(StepFailure::Refused)))
        }
        OutboxState::Waiting if in_flight && item.may_repeat => Some(StepResult::Unsure),
        OutboxState::Waiting if in_flight && item.last_error.is_some() => Some(StepResult::Unreachable),
        OutboxState::Sent
        | OutboxState::Dead
        | OutboxState::Waiting
        | OutboxState::Expired
        | OutboxState::Cancelled => None,
    }
}

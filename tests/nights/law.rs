//! What must hold in every night.

use std::{collections::BTreeMap, fmt};

use domain::{AlertState, EscalationStep, Means, StepOutcome};
use oncall::Case;

/// Rows of one case; more would mean that the ladder runs in circles.
const ROWS_MAX: usize = 700;

/// What was seen of one case, kept outside the simulated box: no power cut reaches it.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// True time of the opening, ms.
    pub(crate) opened_ms: i64,
    /// A row and the true time at which it was stamped on disk.
    pub(crate) fired_ms: BTreeMap<u32, i64>,
    /// A row and how often its text reached the far side.
    pub(crate) arrivals: BTreeMap<u32, u32>,
    /// Rows whose sending ended in doubt: a second arrival is allowed, and only there.
    pub(crate) doubtful: Vec<u32>,
    /// Somebody really took it, passed it on, or something else happened that moves the plan.
    pub(crate) disturbed: bool,
    /// A person gave a real answer.
    pub(crate) answered: bool,
    /// The first fault.
    pub(crate) fault: Option<String>,
}

impl Witness {
    pub(crate) fn blame(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    /// A row was stamped: once, at its time, and for a case that wants it.
    pub(crate) fn fired(&mut self, case: &Case, number: u32, now_ms: i64, late_ms: i64, was_up: bool) {
        let Some(step) = case.step(number) else {
            return self.blame(format!("fired a row {number} that does not exist"));
        };
        if self.fired_ms.insert(number, now_ms).is_some() {
            self.blame(format!("row {number} fired twice"));
        }
        if late_ms > 1000 && was_up {
            self.blame(format!("row {number} ({:?}) fired {late_ms} ms late", step.step));
        }
        if late_ms < 0 {
            self.blame(format!("row {number} ({:?}) fired {} ms early", step.step, -late_ms));
        }
    }

    /// The plan of an undisturbed case is kept in true time, whatever the wall clock shows.
    fn keeps_plan(&self, case: &Case, power_ups_ms: &[i64]) -> Result<(), String> {
        let planned = [
            (EscalationStep::SmsOncall, 0),
            (EscalationStep::AutoDialOncall, 60_000),
            (EscalationStep::SmsBackup, 600_000),
            (EscalationStep::SmsOwnerUnresolved, 1_200_000),
        ];
        for (step, after_ms) in planned {
            let Some(row) = case.steps.iter().find(|s| s.step == step) else { continue };
            let due_ms = self.opened_ms + after_ms;
            let Some(fired_ms) = self.fired_ms.get(&row.number) else {
                // an outage longer than an alert's life: then the owner alone is told
                let slept = case.alert.state == AlertState::Expired && !power_ups_ms.is_empty();
                match step {
                    EscalationStep::SmsOwnerUnresolved => return Err("the owner was never told".into()),
                    _ if slept => continue,
                    _ => return Err(format!("{step:?} never fired")),
                }
            };
            // after an outage: as soon as the power is back
            let excused = power_ups_ms.iter().any(|up| (0..=1000).contains(&(fired_ms - up)));
            let error_ms = fired_ms - due_ms;
            // a call to the same telephone goes on: the page waits for its end
            let calls = case.steps.iter().filter(|s| s.means.is_call() && s.contact == row.contact);
            let rang_ms = calls.filter_map(|s| self.fired_ms.get(&s.number));
            let held = rang_ms.clone().any(|at| *at < *fired_ms && fired_ms - at <= 167_000);
            if step == EscalationStep::AutoDialOncall && held && error_ms > 0 {
                continue;
            }
            if !(0..=1000).contains(&error_ms) && (error_ms <= 0 || !excused) {
                return Err(format!("{step:?} fired {error_ms} ms off its time"));
            }
        }
        Ok(())
    }

    /// What must be true in the morning.
    pub(crate) fn morning(
        &self,
        case: &Case,
        power_ups_ms: &[i64],
        offline_jump: bool,
    ) -> Result<(), String> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let state = case.alert.state;
        let taken = matches!(state, AlertState::Acknowledged | AlertState::Done | AlertState::NotAnEmergency);
        let owner_rows = case.steps.iter().filter(|s| s.step == EscalationStep::SmsOwnerUnresolved);
        let owner_told =
            owner_rows.clone().any(|s| s.attempted_at.is_some() || s.outcome == StepOutcome::Failed);
        match state {
            AlertState::Open => return Err("ended neither taken nor unresolved".into()),
            AlertState::Unresolved | AlertState::Expired if !owner_told => {
                return Err("given up without telling the owner".into());
            }
            _ => {}
        }
        if taken && !self.answered {
            return Err(format!("{state:?}, but nobody answered"));
        }
        for (number, count) in &self.arrivals {
            if *count > 1 && !self.doubtful.contains(number) {
                return Err(format!("row {number} arrived {count} times without a doubtful try"));
            }
        }
        let first =
            case.steps.first().and_then(|s| s.attempted_at).ok_or("the first page was never committed")?;
        if first.duration_since(case.alert.opened_at).as_millis() > 1000 && !self.disturbed {
            return Err("the first page was committed later than 1 s".into());
        }
        if case.steps.len() > ROWS_MAX {
            return Err(format!("{} rows", case.steps.len()));
        }
        if !self.disturbed && !offline_jump {
            self.keeps_plan(case, power_ups_ms)?;
        }
        rows_agree(case)
    }
}

/// The rows tell a story that can have happened.
fn rows_agree(case: &Case) -> Result<(), String> {
    for (n, step) in case.steps.iter().enumerate() {
        if usize::try_from(step.number) != Ok(n) {
            return Err(format!("row {n} has the number {}", step.number));
        }
        let stamped = step.attempted_at.is_some();
        let agrees = match step.outcome {
            StepOutcome::Queued => !stamped,
            StepOutcome::Cancelled => true,
            StepOutcome::Failed | StepOutcome::Unreachable => stamped || step.ended_at.is_some(),
            _ => stamped,
        };
        if !agrees {
            return Err(format!("row {n} is {:?}, stamped: {stamped}", step.outcome));
        }
        if step.outcome == StepOutcome::Queued && case.alert.state.is_over() {
            return Err(format!("row {n} is queued in a case that is over"));
        }
    }
    Ok(())
}

/// What many nights had in them.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) cases: u64,
    pub(crate) steps: u64,
    pub(crate) calls: u64,
    pub(crate) taken: u64,
    pub(crate) unresolved: u64,
    pub(crate) expired: u64,
    pub(crate) resumed: u64,
    pub(crate) power_cuts: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) by_other_means: u64,
    pub(crate) undisturbed: u64,
}

impl Totals {
    pub(crate) fn count(&mut self, case: &Case, witness: &Witness) {
        self.cases += 1;
        self.steps += u64::try_from(witness.fired_ms.len()).unwrap_or(0);
        let rows = |which: &dyn Fn(&domain::StepRow) -> bool| {
            u64::try_from(case.steps.iter().filter(|s| which(s)).count()).unwrap_or(0)
        };
        self.calls += rows(&|s| s.means == Means::Voice && s.attempted_at.is_some());
        self.by_other_means += rows(&|s| s.means == Means::SmsModem && s.attempted_at.is_some());
        self.resumed += rows(&|s| s.step == EscalationStep::AskCallback && s.attempted_at.is_some());
        self.undisturbed += u64::from(!witness.disturbed);
        match case.alert.state {
            AlertState::Expired => self.expired += 1,
            AlertState::Open | AlertState::Unresolved => self.unresolved += 1,
            AlertState::Acknowledged | AlertState::Done | AlertState::NotAnEmergency => self.taken += 1,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.steps += other.steps;
        self.calls += other.calls;
        self.taken += other.taken;
        self.unresolved += other.unresolved;
        self.expired += other.expired;
        self.resumed += other.resumed;
        self.power_cuts += other.power_cuts;
        self.clock_jumps += other.clock_jumps;
        self.by_other_means += other.by_other_means;
        self.undisturbed += other.undisturbed;
    }

    /// Everything that the law speaks about has happened.
    pub(crate) fn covers_everything(&self) -> bool {
        let all = [
            self.cases,
            self.steps,
            self.calls,
            self.taken,
            self.expired,
            self.resumed,
            self.power_cuts,
            self.clock_jumps,
            self.by_other_means,
            self.undisturbed,
        ];
        all.iter().all(|n| *n > 0)
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} emergencies, {} steps ({} calls, {} by modem), {} taken, {} expired, {} unresolved, \
             {} asked about the call back, {} power cuts, {} clocks set, {} undisturbed",
            self.cases,
            self.steps,
            self.calls,
            self.by_other_means,
            self.taken,
            self.expired,
            self.unresolved,
            self.resumed,
            self.power_cuts,
            self.clock_jumps,
            self.undisturbed
        )
    }
}

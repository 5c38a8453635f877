//! The world around the ladder: a box with rows on disk, lines, telephones and people.
//!
//! Two times: true time in ms, which nobody can set, and the wall clock that the box reads. The box's memory
//! (`Memory`) is gone with every power cut; `Disk` stays. The outbox is a model with the product's semantics: an
//! item is committed with the row that it belongs to, sent until it is accepted, withdrawn or too old, and sent
//! again when the box died between the sending and the note of it.

mod outbox;
mod telephone;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use domain::{ContactId, Issue, Means, StepOutcome};
use jiff::{SignedDuration, Timestamp};
use oncall::{Act, Assignment, Case, ClockWatch, Event, Known, Ladder, Meaning, Policy, meaning, testing};

use crate::{
    law::{Totals, Witness},
    night::backups,
    people::Mood,
    seed::Seed,
};

/// A night with long outages is over by then.
const NIGHTS_MS_MAX: i64 = 60 * 24 * 3_600_000;
/// The box looks at its rows within this time.
const TICK_MS: i64 = 900;

/// A line that is away for a while.
pub(crate) struct Line {
    pub(crate) means: Means,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) trouble: Trouble,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Refuses at once.
    Away,
    /// Takes the message and says nothing.
    Hangs,
    /// Delivers, and answers with an error.
    Doubtful,
}

/// What survives a power cut.
#[derive(Default)]
struct Disk {
    cases: Vec<Case>,
    outbox: Vec<outbox::Item>,
}

/// What does not.
struct Memory {
    watch: ClockWatch,
    known: Known,
    calls: Vec<telephone::Call>,
}

#[derive(Debug, Clone)]
enum What {
    Emergency(Issue),
    Wake(usize),
    TransferWanted(usize),
    ClockSet(i64),
    LookAtClock,
    PowerCut,
    PowerBack,
    Try(usize),
    CallEnds(telephone::Call, telephone::End),
    Reply { from: ContactId, words: String },
    Done { case: usize, by: ContactId },
}

pub(crate) struct World {
    pub(crate) seed: Seed,
    pub(crate) people: BTreeMap<ContactId, Mood>,
    pub(crate) lines: Vec<Line>,
    pub(crate) cuts_per_thousand: u64,
    pub(crate) story: Vec<String>,
    tell: bool,
    policy: Policy,
    roster: domain::Roster,
    evening: Timestamp,
    now_ms: i64,
    clock_ms: i64,
    disk: Disk,
    memory: Option<Memory>,
    queue: BinaryHeap<Reverse<(i64, u64)>>,
    planned: BTreeMap<u64, (What, u64)>,
    count: u64,
    /// Counts the power cuts: what was in flight before the last one never comes back.
    life: u64,
    next_wake_ms: Vec<Option<i64>>,
    witnesses: Vec<Witness>,
    power_ups_ms: Vec<i64>,
    opted_out: Vec<ContactId>,
    offline_jump: bool,
    totals: Totals,
}

impl World {
    pub(crate) fn new(evening: Timestamp, policy: Policy, tell: bool) -> Self {
        let memory =
            Memory { watch: ClockWatch::new(evening, 0), known: Known::default(), calls: Vec::new() };
        Self {
            seed: Seed::new(0),
            people: BTreeMap::new(),
            lines: Vec::new(),
            cuts_per_thousand: 0,
            story: Vec::new(),
            tell,
            policy,
            roster: testing::metro(),
            evening,
            now_ms: 0,
            clock_ms: 0,
            disk: Disk::default(),
            memory: Some(memory),
            queue: BinaryHeap::new(),
            planned: BTreeMap::new(),
            count: 0,
            life: 0,
            next_wake_ms: Vec::new(),
            witnesses: Vec::new(),
            power_ups_ms: Vec::new(),
            opted_out: Vec::new(),
            offline_jump: false,
            totals: Totals::default(),
        }
    }

    pub(crate) fn plan_power_cut(&mut self, at_ms: i64) {
        self.at(at_ms, What::PowerCut);
    }

    pub(crate) fn plan_clock_jump(&mut self, at_ms: i64, by_ms: i64) {
        self.at(at_ms, What::ClockSet(by_ms));
    }

    pub(crate) fn plan_emergency(&mut self, at_ms: i64, issue: Issue) {
        self.at(at_ms, What::Emergency(issue));
    }

    /// Until nothing happens any more.
    pub(crate) fn play(&mut self) {
        while let Some(Reverse((at_ms, key))) = self.queue.pop() {
            let Some((what, life)) = self.planned.remove(&key) else { continue };
            if at_ms > NIGHTS_MS_MAX {
                self.witnesses.iter_mut().for_each(|w| w.blame("the night does not end".into()));
                break;
            }
            self.now_ms = at_ms.max(self.now_ms);
            self.happens(what, life);
        }
    }

    pub(crate) fn verdict(&self) -> Result<(), String> {
        for (n, (case, witness)) in self.disk.cases.iter().zip(&self.witnesses).enumerate() {
            witness
                .morning(case, &self.power_ups_ms, self.offline_jump)
                .map_err(|fault| format!("emergency {n}: {fault}"))?;
            self.items_agree(n, case)?;
        }
        Ok(())
    }

    pub(crate) fn totals(&self) -> Totals {
        let mut totals = self.totals;
        for (case, witness) in self.disk.cases.iter().zip(&self.witnesses) {
            totals.count(case, witness);
        }
        totals
    }

    // ── what happens ─────────────────────────────────────────────────────────────────────────

    fn happens(&mut self, what: What, life: u64) {
        let same_life = life == self.life;
        match what {
            What::PowerCut => self.power_cut(),
            What::PowerBack => self.power_back(),
            What::ClockSet(by_ms) => self.clock_set(by_ms),
            What::Emergency(issue) if self.memory.is_none() => {
                // the call is cut with the power; it is decided again from its stored words
                self.at(self.now_ms + 60_000, What::Emergency(issue));
            }
            What::Emergency(issue) => self.emergency(issue),
            What::Reply { .. } | What::Done { .. } if self.memory.is_none() => {
                // waits at the provider
                self.at(self.now_ms + 30_000, what);
            }
            What::Reply { from, words } => self.reply(&from, &words),
            What::Done { case, by } => {
                self.witnesses[case].answered = true;
                self.witnesses[case].disturbed = true;
                self.step(case, |ladder, c, now| ladder.hear(c, Event::Done { by: Some(by) }, now));
            }
            _ if self.memory.is_none() || !same_life => {}
            What::LookAtClock => self.look_at_clock(),
            What::Wake(case) => {
                if self.next_wake_ms[case].is_some_and(|at| at <= self.now_ms) {
                    self.step(case, |ladder, c, now| ladder.next(c, now));
                }
            }
            What::TransferWanted(case) => {
                self.step(case, |ladder, c, now| ladder.hear(c, Event::TransferWanted, now));
            }
            What::Try(item) => self.try_item(item),
            What::CallEnds(call, end) => self.call_ends(call, end),
        }
    }

    fn emergency(&mut self, issue: Issue) {
        self.look_at_clock();
        let n = self.disk.cases.len();
        let taken = self.disk.cases.iter().map(|c| c.alert.code.clone()).collect();
        let code = oncall::new_code(self.seed.next(), &taken);
        let mut alert = testing::alert(u64::try_from(n).unwrap_or(0) + 1, &code.0, self.wall());
        alert.issue = issue;
        let open = self.disk.cases.iter().filter(|c| !c.alert.state.is_over()).count();
        let assignment =
            Assignment { primary: testing::id("mike"), backups: backups(), second_at_once: open > 0 };
        let Some(memory) = &self.memory else { return };
        let ladder = Ladder { policy: &self.policy, roster: &self.roster, known: &memory.known };
        // the alert and its first page are one transaction
        let mut case = ladder.open(alert, &assignment);
        let acts = ladder.next(&mut case, self.wall());
        if self.power_goes() {
            self.at(self.now_ms + 60_000, What::Emergency(issue));
            return self.power_cut();
        }
        self.disk.cases.push(case.clone());
        self.next_wake_ms.push(None);
        self.witnesses.push(Witness { opened_ms: self.now_ms, disturbed: open > 0, ..Witness::default() });
        self.story(|| format!("emergency {n}: {issue:?}, code {code}"));
        self.commit(n, case, &acts);
        if self.power_goes() {
            return self.power_cut();
        }
        self.perform(n, &acts);
        self.plan_wake(n);
        if self.seed.percent(60) {
            let at_ms = self.now_ms + self.seed.between(20_000, 200_000);
            self.at(at_ms, What::TransferWanted(n));
        }
    }

    fn reply(&mut self, from: &ContactId, words: &str) {
        let cases: Vec<&Case> = self.disk.cases.iter().collect();
        let meant = meaning(words, from, &cases);
        self.story(|| format!("{from} writes {words:?}: {meant:?}"));
        match meant {
            Meaning::Event { alert, event } => {
                let n = self.disk.cases.iter().position(|c| c.alert.id == alert).expect("one of ours");
                self.witnesses[n].answered |= !matches!(event, Event::PassedOn { .. });
                self.witnesses[n].disturbed = true;
                self.step(n, |ladder, c, now| ladder.hear(c, event, now));
            }
            Meaning::OptedOut => {
                self.opted_out.push(from.clone());
                self.witnesses.iter_mut().for_each(|w| w.disturbed = true);
            }
            Meaning::Say(_) | Meaning::OptedIn | Meaning::Silence => {}
        }
    }

    // ── the box ──────────────────────────────────────────────────────────────────────────────

    /// One turn of the box's loop for one case: look, decide, commit, act. The power may go before the commit and
    /// after it.
    fn step(&mut self, n: usize, decide: impl FnOnce(Ladder<'_>, &mut Case, Timestamp) -> Vec<Act>) {
        self.look_at_clock();
        let Some(memory) = &self.memory else { return };
        let mut case = self.disk.cases[n].clone();
        let ladder = Ladder { policy: &self.policy, roster: &self.roster, known: &memory.known };
        let acts = decide(ladder, &mut case, self.wall());
        if self.power_goes() {
            return self.power_cut();
        }
        self.commit(n, case, &acts);
        if self.power_goes() {
            return self.power_cut();
        }
        self.perform(n, &acts);
        self.plan_wake(n);
    }

    /// The case, and the outbox items of its texts, in one transaction.
    fn commit(&mut self, n: usize, case: Case, acts: &[Act]) {
        let up_since_ms = self.power_ups_ms.last().copied().unwrap_or(i64::MIN);
        for act in acts {
            match act {
                Act::Fire(number) => {
                    let step = case.step(*number).expect("acts name rows");
                    let late = self.wall().duration_since(step.due_at).as_millis();
                    let late_ms = i64::try_from(late).unwrap_or(i64::MAX);
                    // held rows and rows from before the power came back are late for a reason
                    let was_up = self.now_ms - late_ms > up_since_ms + 1000 && !step.means.is_call();
                    self.witnesses[n].fired(&case, *number, self.now_ms, late_ms, was_up);
                    self.story(|| {
                        format!("case {n}: {:?} to {} by {:?}", step.step, step.contact, step.means)
                    });
                    if !step.means.is_call() {
                        self.disk.outbox.push(outbox::Item::new(n, step));
                    }
                }
                Act::Withdraw(number) => {
                    let his = |i: &&mut outbox::Item| i.case == n && i.step == *number;
                    self.disk.outbox.iter_mut().filter(his).for_each(outbox::Item::withdraw);
                }
                Act::Note { .. } => {}
            }
        }
        self.disk.cases[n] = case;
    }

    fn perform(&mut self, n: usize, acts: &[Act]) {
        for act in acts {
            match act {
                Act::Fire(number) => {
                    let is_call = self.disk.cases[n].step(*number).is_some_and(|s| s.means.is_call());
                    match is_call {
                        true => self.ring(n, *number),
                        false => self.try_new_items(),
                    }
                }
                Act::Withdraw(number) => self.hang_up(n, *number),
                Act::Note { .. } => {}
            }
        }
    }

    fn plan_wake(&mut self, n: usize) {
        let Some(memory) = &self.memory else { return };
        let ladder = Ladder { policy: &self.policy, roster: &self.roster, known: &memory.known };
        let wake = ladder.wake_at(&self.disk.cases[n]);
        let wait = wake.map(|at| at.duration_since(self.wall()).as_millis().max(0));
        let at_ms = wait.map(|ms| {
            self.now_ms + i64::try_from(ms).unwrap_or(NIGHTS_MS_MAX) + self.seed.between(0, TICK_MS)
        });
        self.next_wake_ms[n] = at_ms;
        if let Some(at_ms) = at_ms {
            self.at(at_ms, What::Wake(n));
        }
    }

    /// Shifts every open case when the wall clock was set.
    fn look_at_clock(&mut self) {
        let (wall, now) = (self.wall(), u64::try_from(self.now_ms).unwrap_or(0));
        let Some(jump) = self.memory.as_mut().and_then(|m| m.watch.look(wall, now)) else { return };
        self.story(|| format!("the box sees its clock set by {jump:?}"));
        self.disk.cases.iter_mut().for_each(|case| case.shift(jump));
        (0..self.disk.cases.len()).for_each(|n| self.plan_wake(n));
    }

    fn clock_set(&mut self, by_ms: i64) {
        self.clock_ms += by_ms;
        self.totals.clock_jumps += 1;
        self.offline_jump |= self.memory.is_none();
        self.story(|| format!("somebody sets the clock by {} s", by_ms / 1000));
        let at_ms = self.now_ms + self.seed.between(0, TICK_MS);
        self.at(at_ms, What::LookAtClock);
    }

    fn power_goes(&mut self) -> bool {
        self.cuts_per_thousand > 0 && self.seed.next() % 1000 < self.cuts_per_thousand
    }

    fn power_cut(&mut self) {
        if self.memory.take().is_none() {
            return;
        }
        self.life += 1;
        for (case, witness) in self.disk.cases.iter().zip(&mut self.witnesses) {
            // what was under way counts as a try, and may be the last one
            witness.disturbed |= case.steps.iter().any(|s| s.outcome == StepOutcome::InFlight);
        }
        self.totals.power_cuts += 1;
        // a jump that the box did not see before it lost its memory counts as one without power
        self.offline_jump |= self.clock_ms != 0;
        self.story(|| "the power goes".to_string());
        let away_ms = self.seed.one_of(&[1000, 5000, 5000, 40_000, 40_000, 900_000, 50_000_000]);
        self.at(self.now_ms + away_ms, What::PowerBack);
    }

    fn power_back(&mut self) {
        let watch = ClockWatch::new(self.wall(), u64::try_from(self.now_ms).unwrap_or(0));
        self.memory = Some(Memory { watch, known: Known::default(), calls: Vec::new() });
        self.power_ups_ms.push(self.now_ms);
        self.story(|| "the power is back".to_string());
        for n in 0..self.disk.cases.len() {
            self.step(n, |ladder, case, now| ladder.resume(case, now));
        }
        self.try_all_items();
    }

    // ── time ─────────────────────────────────────────────────────────────────────────────────

    fn wall(&self) -> Timestamp {
        self.evening + SignedDuration::from_millis(self.now_ms + self.clock_ms)
    }

    fn at(&mut self, at_ms: i64, what: What) {
        self.count += 1;
        self.planned.insert(self.count, (what, self.life));
        self.queue.push(Reverse((at_ms, self.count)));
    }

    fn story(&mut self, line: impl FnOnce() -> String) {
        if self.tell {
            let clock = self.wall();
            self.story.push(format!("{:>9.1} s  {clock}  {}", self.now_ms as f64 / 1000.0, line()));
        }
    }

    fn trouble(&self, means: Means) -> Option<Trouble> {
        let now = |l: &&Line| l.means == means && (l.from_ms..l.to_ms).contains(&self.now_ms);
        self.lines.iter().find(now).map(|l| l.trouble)
    }
}

//! The order in which a worker takes jobs: most urgent first, oldest first among equals.

use std::collections::VecDeque;

use crate::Priority;

/// A job that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job<T> {
    /// Of the request.
    pub id: u64,
    /// Urgency.
    pub priority: Priority,
    /// The call it belongs to.
    pub group: Option<u64>,
    /// What to do.
    pub work: T,
}

/// A job that lost its place; its sender must be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum TurnedAway<T> {
    /// A newer partial of the same group came.
    Superseded(Job<T>),
    /// The queue was full and this was the oldest of the least urgent.
    Overflow(Job<T>),
}

/// A bounded queue by urgency. When full, the oldest of the least urgent jobs is turned away.
#[derive(Debug)]
pub struct JobQueue<T> {
    jobs: VecDeque<Job<T>>,
    jobs_max: usize,
}

impl<T> JobQueue<T> {
    /// An empty queue for at most `jobs_max` jobs (at least one).
    pub fn new(jobs_max: usize) -> Self {
        Self { jobs: VecDeque::new(), jobs_max: jobs_max.max(1) }
    }

    /// Adds a job; returns the one that has to go for it, which may be the job itself.
    pub fn push(&mut self, job: Job<T>) -> Option<TurnedAway<T>> {
        let superseded = self.older_partial(&job);
        self.jobs.push_back(job);
        if let Some(older) = superseded {
            return Some(TurnedAway::Superseded(older));
        }
        if self.jobs.len() <= self.jobs_max {
            return None;
        }
        let least = self.jobs.iter().map(|job| job.priority).min()?;
        let at = self.jobs.iter().position(|job| job.priority == least)?;
        self.jobs.remove(at).map(TurnedAway::Overflow)
    }

    /// Puts an interrupted job back as the oldest of its urgency. It had a place already, so nothing goes.
    pub fn put_back(&mut self, job: Job<T>) {
        self.jobs.push_front(job);
    }

    /// The next job to do.
    pub fn pop(&mut self) -> Option<Job<T>> {
        let most = self.most_urgent()?;
        let at = self.jobs.iter().position(|job| job.priority == most)?;
        self.jobs.remove(at)
    }

    /// Takes a job out, whatever its place.
    pub fn remove(&mut self, id: u64) -> Option<Job<T>> {
        let at = self.jobs.iter().position(|job| job.id == id)?;
        self.jobs.remove(at)
    }

    /// True when a waiting job is like that.
    pub fn any(&self, like: impl Fn(&Job<T>) -> bool) -> bool {
        self.jobs.iter().any(like)
    }

    /// Urgency of the next job.
    pub fn most_urgent(&self) -> Option<Priority> {
        self.jobs.iter().map(|job| job.priority).max()
    }

    /// Number of waiting jobs.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    fn older_partial(&mut self, newer: &Job<T>) -> Option<Job<T>> {
        if newer.priority != Priority::Partial || newer.group.is_none() {
            return None;
        }
        let same = |job: &Job<T>| job.priority == Priority::Partial && job.group == newer.group;
        let at = self.jobs.iter().position(same)?;
        self.jobs.remove(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn job(id: u64, priority: Priority, group: Option<u64>) -> Job<()> {
        Job { id, priority, group, work: () }
    }

    /// Pushes (id, priority, group), then lists: turned away ids, order of the rest.
    fn check(jobs_max: usize, jobs: &[(u64, Priority, Option<u64>)], away: &[u64], order: &[u64]) {
        let mut queue = JobQueue::new(jobs_max);
        let gone: Vec<u64> = jobs
            .iter()
            .filter_map(|(id, priority, group)| queue.push(job(*id, *priority, *group)))
            .map(|(TurnedAway::Superseded(job) | TurnedAway::Overflow(job))| job.id)
            .collect();
        let rest: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|job| job.id).collect();
        assert_eq!((gone.as_slice(), rest.as_slice()), (away, order));
    }

    use Priority::{AfterCall, LiveTurn, Partial};

    #[test]
    fn waiting_caller_goes_before_talking_caller_before_voicemail() {
        check(
            8,
            &[(1, AfterCall, None), (2, Partial, None), (3, LiveTurn, None), (4, LiveTurn, None)],
            &[],
            &[3, 4, 2, 1],
        );
    }

    #[test]
    fn newer_partial_of_the_same_call_takes_the_place_of_the_older() {
        check(8, &[(1, Partial, Some(1)), (2, Partial, Some(2)), (3, Partial, Some(1))], &[1], &[2, 3]);
    }

    #[test]
    fn partials_without_a_call_are_all_kept() {
        check(8, &[(1, Partial, None), (2, Partial, None)], &[], &[1, 2]);
    }

    #[test]
    fn full_queue_turns_away_the_oldest_of_the_least_urgent() {
        check(2, &[(1, AfterCall, None), (2, AfterCall, None), (3, LiveTurn, None)], &[1], &[3, 2]);
    }

    #[test]
    fn voicemail_finds_no_place_among_waiting_callers() {
        check(2, &[(1, LiveTurn, None), (2, LiveTurn, None), (3, AfterCall, None)], &[3], &[1, 2]);
    }

    #[test]
    fn interrupted_job_is_the_next_of_its_kind() {
        let mut queue = JobQueue::new(4);
        queue.push(job(2, AfterCall, None));
        queue.put_back(job(1, AfterCall, None));
        queue.push(job(3, LiveTurn, None));
        let order: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|job| job.id).collect();
        assert_eq!(order, [3, 1, 2]);
    }

    proptest! {
        /// Every job comes out or is turned away, once; the queue never grows beyond its bound.
        #[test]
        fn no_job_is_lost_or_doubled(jobs in prop::collection::vec((0u8..3, prop::option::of(0u64..3)), 0..60), jobs_max in 1usize..6) {
            let mut queue = JobQueue::new(jobs_max);
            let mut seen = Vec::new();
            for (id, (priority, group)) in jobs.iter().enumerate() {
                let priority = [AfterCall, Partial, LiveTurn][usize::from(*priority)];
                if let Some(TurnedAway::Superseded(job) | TurnedAway::Overflow(job)) = queue.push(job(id as u64, priority, *group)) {
                    seen.push(job.id);
                }
                prop_assert!(queue.len() <= jobs_max);
            }
            seen.extend(std::iter::from_fn(|| queue.pop()).map(|job| job.id));
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..jobs.len() as u64).collect::<Vec<_>>());
        }
    }
}

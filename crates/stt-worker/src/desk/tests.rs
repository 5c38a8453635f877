use super::*;

fn work(id: u64, priority: Priority, group: Option<u64>) -> Work {
    let request = Transcribe {
        id,
        priority,
        group,
        deadline_ms: 60_000,
        language: worker_wire::SpokenLanguage::English,
        audio_ctx: None,
        forced_tokens: None,
    };
    Work { request, samples: vec![0; 160], received: Instant::now() }
}

fn said(answer: Option<Failed>) -> Option<(Option<u64>, Why)> {
    answer.map(|failed| (failed.id, failed.why))
}

use Priority::{AfterCall, LiveTurn, Partial};

#[test]
fn waiting_caller_interrupts_voicemail_which_then_goes_on() {
    let desk = Desk::new();
    desk.put(work(1, AfterCall, None));
    let voicemail = desk.take().unwrap();
    desk.put(work(2, LiveTurn, None));
    assert_eq!(voicemail.brake.pulled(), Pulled::Interrupted);
    assert_eq!(said(desk.stopped(voicemail)), None);
    assert_eq!(desk.take().unwrap().job.id, 2);
    desk.finish();
    let again = desk.take().unwrap();
    assert_eq!((again.job.id, again.brake.pulled()), (1, Pulled::No));
}

#[test]
fn equal_urgency_interrupts_nothing() {
    let desk = Desk::new();
    desk.put(work(1, LiveTurn, None));
    let first = desk.take().unwrap();
    desk.put(work(2, LiveTurn, None));
    assert_eq!(first.brake.pulled(), Pulled::No);
}

#[test]
fn finished_turn_supersedes_the_running_partial_of_its_own_call_only() {
    let desk = Desk::new();
    desk.put(work(1, Partial, Some(7)));
    let own = desk.take().unwrap();
    desk.put(work(2, LiveTurn, Some(7)));
    assert_eq!(said(desk.stopped(own)), Some((Some(1), Why::Superseded)));

    let desk = Desk::new();
    desk.put(work(1, Partial, Some(8)));
    let other = desk.take().unwrap();
    desk.put(work(2, LiveTurn, Some(7)));
    assert_eq!(said(desk.stopped(other)), None);
}

#[test]
fn cancelled_request_is_answered_once_waiting_or_running() {
    let desk = Desk::new();
    desk.put(work(1, LiveTurn, None));
    desk.put(work(2, LiveTurn, None));
    let running = desk.take().unwrap();
    assert_eq!(said(desk.cancel(2)), Some((Some(2), Why::Cancelled)));
    assert_eq!(said(desk.cancel(1)), None);
    assert_eq!(said(desk.stopped(running)), Some((Some(1), Why::Cancelled)));
    assert_eq!(said(desk.cancel(1)), None);
}

#[test]
fn cancelling_wins_over_interrupting() {
    let brake = Brake::new(Instant::now() + Duration::from_secs(60));
    brake.pull(Pulled::Cancelled);
    brake.pull(Pulled::Interrupted);
    assert_eq!(brake.pulled(), Pulled::Cancelled);
}

#[test]
fn full_desk_answers_the_least_urgent() {
    let desk = Desk::new();
    for id in 0..WAITING_MAX as u64 {
        assert_eq!(said(desk.put(work(id, AfterCall, None))), None);
    }
    assert_eq!(said(desk.put(work(99, LiveTurn, None))), Some((Some(0), Why::Busy)));
}

#[test]
fn request_that_runs_past_its_deadline_is_too_late_and_seen_as_overdue() {
    let desk = Desk::new();
    let mut late = work(1, LiveTurn, None);
    late.request.deadline_ms = 0;
    desk.put(late);
    assert_eq!(desk.overdue_ms(), 0);
    let taken = desk.take().unwrap();
    let answer = desk.stopped(taken);
    assert_eq!(said(answer), Some((Some(1), Why::TooLate)));
    assert_eq!(desk.overdue_ms(), 0);
}

#[test]
fn closed_desk_stops_what_runs_and_gives_nothing_out() {
    let desk = Desk::new();
    desk.put(work(1, LiveTurn, None));
    desk.put(work(2, LiveTurn, None));
    let running = desk.take().unwrap();
    desk.close();
    assert_eq!(running.brake.pulled(), Pulled::Cancelled);
    assert!(desk.take().is_none());
}

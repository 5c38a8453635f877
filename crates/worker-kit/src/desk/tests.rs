use super::*;

const WAITING_MAX: usize = 16;

fn request(id: u64, priority: Priority, group: Option<u64>) -> Request {
    Request { id, priority, group, deadline_ms: 60_000 }
}

fn desk() -> Desk<()> {
    Desk::new(WAITING_MAX, Engines::One)
}

fn said(answer: Option<Failed>) -> Option<(Option<u64>, Why)> {
    answer.map(|failed| (failed.id, failed.why))
}

use Priority::{AfterCall, LiveTurn, Partial};

#[test]
fn waiting_caller_interrupts_voicemail_which_then_goes_on() {
    let desk = desk();
    desk.put(request(1, AfterCall, None), ());
    let voicemail = desk.take().unwrap();
    desk.put(request(2, LiveTurn, None), ());
    assert_eq!(voicemail.brake.pulled(), Pulled::Interrupted);
    assert_eq!(said(desk.stopped(voicemail)), None);
    assert_eq!(desk.take().unwrap().request.id, 2);
    desk.finish(2);
    let again = desk.take().unwrap();
    assert_eq!((again.request.id, again.brake.pulled()), (1, Pulled::No));
}

#[test]
fn equal_urgency_interrupts_nothing() {
    let desk = desk();
    desk.put(request(1, LiveTurn, None), ());
    let first = desk.take().unwrap();
    desk.put(request(2, LiveTurn, None), ());
    assert_eq!(first.brake.pulled(), Pulled::No);
}

#[test]
fn several_engines_are_not_interrupted_but_give_the_urgent_one_the_next_place() {
    let desk = Desk::new(WAITING_MAX, Engines::Several);
    desk.put(request(1, AfterCall, None), ());
    desk.put(request(2, AfterCall, None), ());
    let first = desk.take().unwrap();
    desk.put(request(3, LiveTurn, None), ());
    assert_eq!(first.brake.pulled(), Pulled::No);
    assert_eq!(desk.take().map(|taken| taken.request.id), Some(3));
    assert_eq!(desk.take().map(|taken| taken.request.id), Some(2));
}

#[test]
fn finished_turn_supersedes_the_running_partial_of_its_own_call_only() {
    let own_desk = desk();
    own_desk.put(request(1, Partial, Some(7)), ());
    let own = own_desk.take().unwrap();
    own_desk.put(request(2, LiveTurn, Some(7)), ());
    assert_eq!(said(own_desk.stopped(own)), Some((Some(1), Why::Superseded)));

    let desk = desk();
    desk.put(request(1, Partial, Some(8)), ());
    let other = desk.take().unwrap();
    desk.put(request(2, LiveTurn, Some(7)), ());
    assert_eq!(said(desk.stopped(other)), None);
}

#[test]
fn cancelled_request_is_answered_once_waiting_or_running() {
    let desk = desk();
    desk.put(request(1, LiveTurn, None), ());
    desk.put(request(2, LiveTurn, None), ());
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
    let desk = desk();
    for id in 0..WAITING_MAX as u64 {
        assert_eq!(said(desk.put(request(id, AfterCall, None), ())), None);
    }
    assert_eq!(said(desk.put(request(99, LiveTurn, None), ())), Some((Some(0), Why::Busy)));
}

#[test]
fn request_that_runs_past_its_deadline_is_too_late_and_not_overdue_once_answered() {
    let desk = desk();
    desk.put(Request { deadline_ms: 0, ..request(1, LiveTurn, None) }, ());
    let taken = desk.take().unwrap();
    assert!(taken.brake.holds());
    assert_eq!(said(desk.stopped(taken)), Some((Some(1), Why::TooLate)));
    assert_eq!(desk.overdue_ms(), 0);
}

#[test]
fn closed_desk_stops_what_runs_and_gives_nothing_out() {
    let desk = desk();
    desk.put(request(1, LiveTurn, None), ());
    desk.put(request(2, LiveTurn, None), ());
    let running = desk.take().unwrap();
    desk.close();
    assert_eq!(running.brake.pulled(), Pulled::Cancelled);
    assert!(desk.take().is_none());
}

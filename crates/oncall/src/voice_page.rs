//! A page that is spoken on the telephone, and what the person on the other end makes of it.
//!
//! ```text
//! answered ─ pause ─ briefing + menu ─ listen ─ again (up to `plays`) ─ listen ─ unconfirmed
//!                            └── key 1 accepted · 2 passed on · 3 no emergency · 0 from the beginning
//! ```
//!
//! Nothing but a key counts. A voice mail, a call screener and somebody asleep press none, so they all end as
//! unconfirmed, whatever they say. Time is an argument, counted from the answer; `app` plays the parts.

use std::time::Duration;

/// Times of a voice page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageTimes {
    /// From the answer to the first word: a hand with a telephone needs a moment to the ear.
    pub pause: Duration,
    /// How long keys are waited for after the menu.
    pub listen: Duration,
    /// How often briefing and menu are played by themselves.
    pub plays: u32,
    /// After this long without a key it is over, however often 0 was pressed.
    pub limit: Duration,
    /// How long a closing sentence may take before the line is freed.
    pub closing: Duration,
}

impl Default for PageTimes {
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(700),
            listen: Duration::from_secs(4),
            plays: 3,
            limit: Duration::from_secs(100),
            closing: Duration::from_secs(15),
        }
    }
}

impl PageTimes {
    /// With a caller on hold: nobody waits through three briefings of a voice mail.
    pub fn with_waiting_caller() -> Self {
        Self { plays: 2, limit: Duration::from_secs(45), ..Self::default() }
    }
}

/// What can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PagePart {
    /// Who calls, and what it is about.
    Briefing,
    /// The keys, while the caller waits on the line: 1 connects.
    MenuConnect,
    /// The keys, when nobody waits: 1 takes it.
    MenuTake,
    /// The caller does not wait any more.
    CallerLeft,
    /// After 1: what was taken, and the number to call.
    Taken,
    /// After 2.
    PassedOn,
    /// After 3.
    NotEmergency,
}

/// What the person has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageAnswer {
    /// Key 1, with the caller waiting: join them now.
    Connect,
    /// Key 1.
    Accepted,
    /// Key 2.
    PassedOn,
    /// Key 3.
    NotEmergency,
    /// No key.
    Unconfirmed,
}

/// What happens on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageEvent {
    /// What was to be said has been said to its end.
    Said,
    /// A key of the telephone, however it came.
    Key(char),
    /// The caller has hung up, or no longer wants to wait.
    CallerLeft,
    /// The other side hung up.
    HungUp,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageAct {
    /// Say this instead of whatever is being said.
    Say(Vec<PagePart>),
    /// The answer; it comes exactly once. After `Connect` the page has nothing more to say.
    Answer(PageAnswer),
    /// The call is over for us.
    HangUp,
}

/// One voice page, from its answer to its end.
#[derive(Debug, Clone)]
pub struct VoicePage {
    times: PageTimes,
    /// The caller is on hold.
    caller_waits: bool,
    played: u32,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Says nothing yet.
    Pause,
    Speaking,
    /// Waits for a key until then.
    Listening(Duration),
    /// Answered; a last sentence is said, at the latest until then.
    Closing(Duration),
    Over,
}

impl VoicePage {
    /// A page whose telephone was answered at time zero.
    pub fn new(times: PageTimes, caller_waits: bool) -> Self {
        Self { times, caller_waits, played: 0, stage: Stage::Pause }
    }

    /// When `Tick` has something to do.
    pub fn wake_at(&self) -> Option<Duration> {
        match self.stage {
            Stage::Pause => Some(self.times.pause),
            Stage::Speaking => Some(self.times.limit),
            Stage::Listening(until) => Some(until.min(self.times.limit)),
            Stage::Closing(until) => Some(until),
            Stage::Over => None,
        }
    }

    /// Takes in what happened at `now`, counted from the answer.
    pub fn handle(&mut self, event: PageEvent, now: Duration) -> Vec<PageAct> {
        match (self.stage, event) {
            (Stage::Over, _) => Vec::new(),
            (Stage::Closing(_), PageEvent::Said) => self.hang_up(),
            (Stage::Closing(until), PageEvent::Tick) if now >= until => self.hang_up(),
            (Stage::Closing(_), PageEvent::HungUp) => self.hang_up(),
            (Stage::Closing(_), _) => Vec::new(),
            (_, PageEvent::HungUp) => self.unconfirmed(),
            (_, PageEvent::Key(key)) => self.key(key, now),
            (_, PageEvent::CallerLeft) => self.caller_left(),
            (_, PageEvent::Tick) if now >= self.times.limit => self.unconfirmed(),
            (Stage::Pause, PageEvent::Tick) if now >= self.times.pause => self.play(),
            (Stage::Listening(until), PageEvent::Tick) if now >= until => self.play(),
            (Stage::Speaking, PageEvent::Said) => {
                self.stage = Stage::Listening(now + self.times.listen);
                Vec::new()
            }
            (Stage::Pause | Stage::Listening(_) | Stage::Speaking, PageEvent::Said | PageEvent::Tick) => {
                Vec::new()
            }
        }
    }

    fn menu(&self) -> PagePart {
        if self.caller_waits { PagePart::MenuConnect } else { PagePart::MenuTake }
    }

    /// Once more by itself, or the end.
    fn play(&mut self) -> Vec<PageAct> {
        if self.played >= self.times.plays {
            return self.unconfirmed();
        }
        self.played += 1;
        self.stage = Stage::Speaking;
        vec![PageAct::Say(vec![PagePart::Briefing, self.menu()])]
    }

    fn key(&mut self, key: char, now: Duration) -> Vec<PageAct> {
        match key {
            '1' if self.caller_waits => {
                self.stage = Stage::Over;
                vec![PageAct::Answer(PageAnswer::Connect)]
            }
            '1' => self.close(PageAnswer::Accepted, PagePart::Taken, now),
            '2' => self.close(PageAnswer::PassedOn, PagePart::PassedOn, now),
            '3' => self.close(PageAnswer::NotEmergency, PagePart::NotEmergency, now),
            '0' => {
                self.stage = Stage::Speaking;
                vec![PageAct::Say(vec![PagePart::Briefing, self.menu()])]
            }
            _ => {
                self.stage = Stage::Speaking;
                vec![PageAct::Say(vec![self.menu()])]
            }
        }
    }

    fn caller_left(&mut self) -> Vec<PageAct> {
        if !std::mem::take(&mut self.caller_waits) || self.stage == Stage::Pause {
            return Vec::new();
        }
        self.stage = Stage::Speaking;
        vec![PageAct::Say(vec![PagePart::CallerLeft, PagePart::MenuTake])]
    }

    fn close(&mut self, answer: PageAnswer, last_words: PagePart, now: Duration) -> Vec<PageAct> {
        self.stage = Stage::Closing(now + self.times.closing);
        vec![PageAct::Answer(answer), PageAct::Say(vec![last_words])]
    }

    fn unconfirmed(&mut self) -> Vec<PageAct> {
        self.stage = Stage::Over;
        vec![PageAct::Answer(PageAnswer::Unconfirmed), PageAct::HangUp]
    }

    fn hang_up(&mut self) -> Vec<PageAct> {
        self.stage = Stage::Over;
        vec![PageAct::HangUp]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BRIEFING: [PagePart; 2] = [PagePart::Briefing, PagePart::MenuTake];

    fn secs(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    /// A page whose sentences take 10 seconds each: what is answered, and when the line is free.
    fn run(
        page: &mut VoicePage,
        mut inputs: Vec<(u64, PageEvent)>,
    ) -> (Vec<(u64, PageAnswer)>, Option<u64>, u32) {
        let (mut answers, mut over, mut plays) = (Vec::new(), None, 0);
        for now in 0..400 {
            let due: Vec<PageEvent> = inputs.extract_if(.., |(at, _)| *at == now).map(|(_, e)| e).collect();
            for event in due.into_iter().chain([PageEvent::Tick]) {
                for act in page.handle(event, secs(now)) {
                    match act {
                        PageAct::Say(parts) => {
                            plays += u32::from(parts.contains(&PagePart::Briefing));
                            inputs.retain(|(_, e)| *e != PageEvent::Said);
                            inputs.push((now + 10, PageEvent::Said));
                        }
                        PageAct::Answer(answer) => answers.push((now, answer)),
                        PageAct::HangUp => over = over.or(Some(now)),
                    }
                }
            }
        }
        (answers, over, plays)
    }

    #[test]
    fn voice_mail_hears_it_three_times_and_confirms_nothing() {
        let mut page = VoicePage::new(PageTimes::default(), false);
        let (answers, over, plays) = run(&mut page, vec![]);
        assert_eq!(answers, [(1 + 3 * 14, PageAnswer::Unconfirmed)]);
        assert_eq!((over, plays), (Some(43), 3));
    }

    #[test]
    fn keys_are_understood_at_any_moment() {
        for (key, expected) in
            [('1', PageAnswer::Accepted), ('2', PageAnswer::PassedOn), ('3', PageAnswer::NotEmergency)]
        {
            for at in [0, 5, 12] {
                let mut page = VoicePage::new(PageTimes::default(), false);
                let (answers, over, _) =
                    run(&mut page, vec![(at, PageEvent::Key(key)), (at + 1, PageEvent::Key('2'))]);
                assert_eq!(answers, [(at, expected)], "key {key} at {at} s");
                assert_eq!(over, Some(at + 10), "the last sentence is heard");
            }
        }
    }

    #[test]
    fn zero_begins_again_but_not_for_ever() {
        let mut page = VoicePage::new(PageTimes::default(), false);
        let zeros = (0..20).map(|i| (i * 5, PageEvent::Key('0'))).collect();
        let (answers, over, plays) = run(&mut page, zeros);
        assert_eq!((answers, over), (vec![(100, PageAnswer::Unconfirmed)], Some(100)));
        assert_eq!(plays, 20);
    }

    #[test]
    fn caller_who_waits_is_connected_without_another_word() {
        let mut page = VoicePage::new(PageTimes::with_waiting_caller(), true);
        page.handle(PageEvent::Tick, secs(1));
        let acts = page.handle(PageEvent::Key('1'), secs(3));
        assert_eq!(acts, [PageAct::Answer(PageAnswer::Connect)]);
        assert_eq!(page.handle(PageEvent::HungUp, secs(4)), []);
    }

    #[test]
    fn caller_who_left_turns_it_into_a_page() {
        let mut page = VoicePage::new(PageTimes::with_waiting_caller(), true);
        page.handle(PageEvent::Tick, secs(1));
        let acts = page.handle(PageEvent::CallerLeft, secs(3));
        assert_eq!(acts, [PageAct::Say(vec![PagePart::CallerLeft, PagePart::MenuTake])]);
        let acts = page.handle(PageEvent::Key('1'), secs(4));
        assert_eq!(acts, [PageAct::Answer(PageAnswer::Accepted), PageAct::Say(vec![PagePart::Taken])]);
    }

    #[test]
    fn hanging_up_without_a_key_confirms_nothing() {
        let mut page = VoicePage::new(PageTimes::default(), false);
        assert_eq!(page.handle(PageEvent::Tick, secs(1)), [PageAct::Say(BRIEFING.to_vec())]);
        assert_eq!(
            page.handle(PageEvent::HungUp, secs(2)),
            [PageAct::Answer(PageAnswer::Unconfirmed), PageAct::HangUp]
        );
    }

    proptest! {
        /// Whatever comes: one answer, only a key accepts, and the line is free in time.
        #[test]
        fn always_one_answer_and_always_an_end(
            events in prop::collection::vec((0u64..150, 0usize..9), 0..40),
            waits: bool,
        ) {
            let kinds = ['0', '1', '2', '3', '4', '#'];
            let events: Vec<(u64, PageEvent)> = events.into_iter().map(|(at, kind)| (at, match kind {
                6 => PageEvent::Said,
                7 => PageEvent::CallerLeft,
                8 => PageEvent::HungUp,
                key => PageEvent::Key(kinds[key]),
            })).collect();
            let pressed = |key| events.iter().any(|(_, e)| *e == PageEvent::Key(key));
            let (one, two, three) = (pressed('1'), pressed('2'), pressed('3'));
            let mut page = VoicePage::new(PageTimes::default(), waits);
            let (answers, over, _) = run(&mut page, events);
            prop_assert_eq!(answers.len(), 1);
            let (at, answer) = answers[0];
            prop_assert!(at <= 100);
            match answer {
                PageAnswer::Connect => prop_assert!(one && waits && over.is_none()),
                PageAnswer::Accepted => prop_assert!(one),
                PageAnswer::PassedOn => prop_assert!(two),
                PageAnswer::NotEmergency => prop_assert!(three),
                PageAnswer::Unconfirmed => {}
            }
            prop_assert!(answer == PageAnswer::Connect || over.is_some_and(|o| o <= at + 15));
        }
    }
}

//! One live call: a single loop that carries sound, words and decisions between the parts.
//!
//! ```text
//! RTP → Inbound → Ear → HearingDesk → stt-worker → Turn → triage → Decision → Call → Mouth → Playout → RTP
//! ```
//! Decides nothing itself. Every wait of the conversation is a deadline of `call::Call`; the loop only wakes it.

use std::{sync::Arc, time::Duration};

use call::{Call, HOLD_MUSIC, Hint, Input, MachineTone, Output, Saying, TransferResult, Unit};
use domain::{Language, Tone};
use media::{EarEvent, PlayoutEvent, TextHint, ToneKind};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use triage::{Opinion, Stage};

use super::{
    hearing_desk::{HearingDesk, Piece},
    journal::Journal,
    judgement::{Asked, Judgement, Next},
    ladder::CallNews,
    mouth::Mouth,
    parts::Parts,
    sound::Sound,
    thinking::advise,
    transfer::{Heard, Job, PuttingThrough, TransferStep},
};
use crate::{
    phone::{CallEvent, LiveCall, MediaPlan},
    workers::{Hearing, HearingError, Priority, Thinking, Transcript},
};

/// A turn's text is worthless after this long; the conversation went on without it.
const HEARING_DEADLINE: Duration = Duration::from_secs(8);
/// A live unit that takes longer is left out of its sentence.
const VOICE_DEADLINE: Duration = Duration::from_millis(1500);
/// After a hang-up, how long the last words may still be transcribed: they may be the emergency.
const LAST_WORDS: Duration = Duration::from_secs(6);

/// Packets that are read for one frame; a telephone sends one or two.
const PACKETS_A_FRAME_MAX: usize = 64;

/// Work that came back.
enum Done {
    Transcribed {
        piece: Piece,
        segment: u32,
        result: Result<Transcript, HearingError>,
    },
    Rendered {
        saying: u32,
        unit: usize,
        audio: Option<Arc<[i16]>>,
    },
    PageCommitted(bool),
    /// The telephone system has joined caller and technician without us, or will not.
    Joined(bool),
    Thought {
        turn: u32,
        stage: Stage,
        opinion: Option<Opinion>,
    },
}

/// One call from its answer to its end.
pub(crate) struct LiveSession {
    parts: Parts,
    call: Call,
    /// The recogniser, for this call.
    hearing: Hearing,
    /// The language models, for this call.
    thinking: Thinking,
    sound: Sound,
    desk: HearingDesk,
    /// The tail's transcription, dropped when speech resumes.
    tail: Option<AbortHandle>,
    mouth: Mouth,
    judgement: Judgement,
    journal: Journal,
    through: PuttingThrough,
    /// Pages that are on their way to the disk; the ladder cannot put anybody through before.
    pages_under_way: u32,
    transfer_wanted: bool,
    jobs: JoinSet<Done>,
    start: Instant,
    /// End of the caller's last turn, until our reply begins.
    awaiting_reply: Option<Duration>,
    said: Vec<Saying>,
    /// Frames in which a sentence was announced and not there.
    starved_frames: u32,
    over: bool,
}

impl LiveSession {
    /// Everything a call needs, before the first packet.
    pub(crate) fn new(
        parts: Parts,
        call: Call,
        judgement: Judgement,
        journal: Journal,
        media: &MediaPlan,
        random: [u8; 10],
    ) -> Self {
        let group =
            u64::from_be_bytes([0, 0, random[0], random[1], random[2], random[3], random[4], random[5]]);
        Self {
            hearing: parts.hearing.for_call(group),
            through: PuttingThrough::new(parts.tech_phone.clone(), parts.lines.clone()),
            pages_under_way: 0,
            transfer_wanted: false,
            thinking: parts.thinking.for_call(group),
            parts,
            call,
            sound: Sound::new(media, random),
            desk: HearingDesk::default(),
            tail: None,
            mouth: Mouth::default(),
            judgement,
            journal,
            jobs: JoinSet::new(),
            start: Instant::now(),
            awaiting_reply: None,
            said: Vec::new(),
            starved_frames: 0,
            over: false,
        }
    }

    /// Runs the call to its end and leaves its card, pages and recording in the store.
    pub(crate) async fn run(mut self, mut live: LiveCall) {
        let mut ticks = interval(media::FRAME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut seat = self.parts.lines.calls.join(self.journal.call());
        while !self.over {
            tokio::select! {
                biased;
                _ = ticks.tick() => self.tick(&live).await,
                readable = live.rtp.readable() => {
                    if readable.is_ok() {
                        self.take_packets(&live);
                    }
                }
                Some(done) = self.jobs.join_next() => self.came_back(done.ok()),
                Some(news) = seat.news.recv() => self.ladder_says(news),
                next = self.through.next() => self.transfer_goes_on(next, &live),
                event = live.events.recv() => match event {
                    Some(CallEvent::Acked) => self.handle(Input::Answered),
                    Some(CallEvent::Media(plan)) => self.sound.replan(&plan, self.start.elapsed()),
                    Some(CallEvent::Key(key)) => self.handle(Input::Key(key)),
                    Some(CallEvent::Ended { .. }) | None => self.caller_is_gone().await,
                },
            }
        }
        let (details, duration) = (self.call.details().clone(), self.now());
        tokio::spawn(self.through.outlive(seat));
        live.hang_up().await;
        tracing::debug!(starved_frames = self.starved_frames, sound = ?self.sound.inbound.stats(), "end of the sound");
        self.journal.close(&self.parts, details, duration).await;
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Everything that has arrived; a flood waits for the next frame.
    fn take_packets(&mut self, live: &LiveCall) {
        let mut packet = [0u8; 2048];
        for _ in 0..PACKETS_A_FRAME_MAX {
            let Ok((length, from)) = live.rtp.try_recv_from(&mut packet) else { break };
            if let Some(key) = self.sound.inbound.packet(from, &packet[..length], self.now()) {
                self.handle(Input::Key(key));
            }
        }
    }

    /// 20 ms of call: hear, speak, record, and wake the conversation when a deadline has come.
    async fn tick(&mut self, live: &LiveCall) {
        // After a delay several frames are due at once: what arrived meanwhile is not lost.
        self.take_packets(live);
        let now = self.now();
        if self.through.is_connected() {
            return self.relay(live, now).await;
        }
        let frame = self.sound.frame(now);
        if let Some((packet, remote)) = frame.packet {
            live.rtp.send_to(&packet, remote).await.ok();
        }
        self.starved_frames += u32::from(frame.starved);
        self.journal.record(&frame.caller, &frame.agent);
        self.journal.settle().await;
        for event in frame.played {
            self.played(event, now);
        }
        for event in frame.heard {
            self.heard(event, now);
        }
        if self.through.gave_up() {
            self.handle(Input::Transfer(TransferResult::Failed));
        }
        self.look_at_the_clock(now).await;
    }

    async fn look_at_the_clock(&mut self, now: Duration) {
        if self.call.poll_timeout().is_some_and(|(due, _)| due <= now) {
            self.handle(Input::Tick);
        }
        if self.sound.is_dead(now) {
            tracing::warn!("no sound from the caller for 30 s: ending the call");
            self.caller_is_gone().await;
        }
    }

    fn handle(&mut self, input: Input) {
        let now = self.now();
        tracing::trace!(?now, ?input, "into the call");
        self.call.handle(input, now);
        self.obey_all();
    }

    fn obey_all(&mut self) {
        let now = self.now();
        while let Some(output) = self.call.poll_output() {
            tracing::trace!(?now, ?output, "out of the call");
            self.obey(output, now);
        }
    }

    fn obey(&mut self, output: Output, now: Duration) {
        match output {
            Output::Say(saying) => self.say(saying),
            Output::StopSpeaking => self.stop_speaking(now),
            Output::Listen(class) => self.sound.ear.listen(class),
            Output::Hint(hint) => self.sound.ear.hint(ear_hint(hint)),
            Output::Triage { early } => self.triage(early),
            Output::Page(draft) => {
                self.pages_under_way += 1;
                let page = self.journal.page(&self.parts, draft);
                self.jobs.spawn(async move { Done::PageCommitted(page.await) });
            }
            Output::Transfer(_) => {
                self.transfer_wanted = true;
                self.ask_for_transfer();
            }
            Output::CancelTransfer => {
                self.transfer_wanted = false;
                self.through.caller_left();
            }
            Output::StartRecording => self.journal.start_recording(&self.parts, self.sound.rate_hz()),
            // The farewell has been played: the loop ends with `Ended`.
            Output::HangUp => {}
            Output::Ended(outcome) => {
                self.journal.ended(outcome);
                self.over = true;
            }
        }
    }

    // ── speaking ─────────────────────────────────────────────────────────────────────────────

    fn say(&mut self, saying: Saying) {
        let parts = &self.parts;
        let cached = |unit: &Unit| match unit.text.as_str() {
            HOLD_MUSIC => Some(parts.hold_music.clone()),
            text => parts.voice.cached(unit.language, text),
        };
        let missing = self.mouth.say(saying.id, &saying.units, cached, &mut self.sound.playout);
        for unit in missing {
            let voice = self.parts.voice.clone();
            self.jobs.spawn(async move {
                let audio = voice.say(unit.language, &unit.text, unit.live, VOICE_DEADLINE).await;
                if let Err(error) = &audio {
                    tracing::warn!(%error, "a part of a sentence could not be spoken");
                }
                Done::Rendered { saying: unit.saying, unit: unit.unit, audio: audio.ok() }
            });
        }
        self.said.push(saying);
    }

    fn stop_speaking(&mut self, now: Duration) {
        self.mouth.stop();
        if let Some(stopped) = self.sound.playout.stop() {
            self.journal.interrupted(&self.parts, now);
            self.call.handle(Input::PlaybackStopped { id: stopped.id, played_ms: stopped.played_ms }, now);
        }
    }

    fn played(&mut self, event: PlayoutEvent, now: Duration) {
        match event {
            PlayoutEvent::Started(id) => {
                if let Some(saying) = self.said.iter().find(|s| s.id == id) {
                    let latency = self.awaiting_reply.take().map(|ended| now.saturating_sub(ended));
                    self.journal.agent_said(&self.parts, &saying.text, now, latency);
                }
                self.handle(Input::PlaybackStarted(id));
            }
            PlayoutEvent::Finished(id) => {
                self.said.retain(|s| s.id != id);
                self.handle(Input::PlaybackFinished(id));
            }
        }
    }

    // ── hearing ──────────────────────────────────────────────────────────────────────────────

    fn heard(&mut self, event: EarEvent, now: Duration) {
        match event {
            EarEvent::Speech { sustained_ms } => self.handle(Input::Speech { sustained_ms }),
            EarEvent::Partial { segment, audio, voiced_ms } => {
                self.transcribe(Piece::Partial, segment, audio, voiced_ms);
            }
            EarEvent::Pause { segment, audio, voiced_ms, .. } => {
                self.tail = Some(self.transcribe(Piece::Tail, segment, audio, voiced_ms));
            }
            EarEvent::Resumed { segment } => {
                self.desk.resumed(segment);
                if let Some(tail) = self.tail.take() {
                    tail.abort();
                }
            }
            EarEvent::Cut { segment, audio, voiced_ms, .. } => {
                self.transcribe(Piece::Cut, segment, audio, voiced_ms);
            }
            EarEvent::TurnEnded { end_of_speech, prosody, .. } => {
                self.awaiting_reply = Some(end_of_speech);
                self.desk.turn_ended(end_of_speech, prosody.tone);
                let silence = now.saturating_sub(end_of_speech).as_millis();
                self.handle(Input::TurnEnded { silence_ms: u32::try_from(silence).unwrap_or(u32::MAX) });
                self.finish_turn(now);
            }
            // A key in the sound itself, from a PBX that does not know RFC 4733.
            EarEvent::ToneStarted(ToneKind::Dtmf(key)) if self.sound.keys_are_heard() => {
                self.handle(Input::Key(key))
            }
            EarEvent::ToneStarted(kind) => {
                if let Some(tone) = machine_tone(kind) {
                    self.handle(Input::Tone(tone));
                }
            }
            EarEvent::ToneEnded => {}
        }
    }

    fn transcribe(&mut self, piece: Piece, segment: u32, audio: Arc<[i16]>, voiced_ms: u32) -> AbortHandle {
        self.desk.sent(piece, segment);
        let hearing = self.hearing.clone();
        let priority = match piece {
            Piece::Partial => Priority::Partial,
            Piece::Tail | Piece::Cut => Priority::LiveTurn,
        };
        self.jobs.spawn(async move {
            let result = hearing.transcribe(audio, voiced_ms, priority, HEARING_DEADLINE).await;
            Done::Transcribed { piece, segment, result }
        })
    }

    fn came_back(&mut self, done: Option<Done>) {
        let now = self.now();
        match done {
            Some(Done::Transcribed { piece, segment, result: Ok(transcript) }) => {
                // Once the turn is over, its text comes as a whole.
                if !self.desk.is_waiting() {
                    self.early_words(&transcript);
                }
                self.desk.done(piece, segment, transcript);
                self.finish_turn(now);
            }
            Some(Done::Transcribed { piece: Piece::Partial, result: Err(_), .. }) => {}
            Some(Done::Transcribed { result: Err(error), .. }) => {
                tracing::warn!(%error, "a piece of speech could not be transcribed");
                self.desk.give_up();
                self.handle(Input::HearingFailed);
            }
            Some(Done::Rendered { saying, unit, audio }) => {
                self.mouth.rendered(saying, unit, audio, &mut self.sound.playout);
            }
            Some(Done::PageCommitted(stored)) => {
                self.pages_under_way = self.pages_under_way.saturating_sub(1);
                self.handle(if stored { Input::PageCommitted } else { Input::PageFailed });
                self.ask_for_transfer();
            }
            Some(Done::Joined(joined)) => {
                if let Some(result) = self.through.joined(joined) {
                    self.handle(Input::Transfer(result));
                }
            }
            Some(Done::Thought { turn, stage, opinion }) => self.thought(turn, stage, opinion),
            // Dropped because speech resumed, or the job died with its worker.
            None => {}
        }
    }

    /// Words that are not a finished turn yet may already be an emergency (decision K24).
    fn early_words(&mut self, transcript: &Transcript) {
        let text = self.desk.text_so_far(&transcript.text);
        if text.is_empty() {
            return;
        }
        let language = spoken_language(&text, transcript.language);
        let heard = domain::Heard { text, confidence: transcript.confidence, tone: Tone::Neutral, language };
        self.handle(Input::HeardPartial(heard));
    }

    fn finish_turn(&mut self, now: Duration) {
        let Some(mut turn) = self.desk.take_turn() else { return };
        turn.heard.language = spoken_language(&turn.heard.text, turn.heard.language);
        self.journal.caller_said(&self.parts, &turn.heard, now, turn.hearing_ms);
        self.handle(Input::Heard(turn.heard));
    }

    // ── deciding ─────────────────────────────────────────────────────────────────────────────

    fn triage(&mut self, early: bool) {
        if !early {
            let next = self.judgement.finished_turn(&self.call, self.thinking.is_on());
            return self.go_on(next);
        }
        if let Some(decision) = self.judgement.early(&self.call) {
            let now = self.now();
            self.journal.decided(&self.parts, &decision, now, true);
            self.call.handle(Input::DecidedEarly(decision), now);
        }
    }

    /// Tells the call what was decided and asks the next model.
    fn go_on(&mut self, next: Next) {
        let now = self.now();
        if let Some(decision) = next.decision {
            self.journal.decided(&self.parts, &decision, now, false);
            self.call.handle(Input::Decided(decision), now);
        }
        if let Some(Asked { turn, stage, question }) = next.ask {
            let models = (self.thinking.clone(), self.parts.cloud.clone());
            let name = self.call.details().name.clone();
            let advice = advise(models, self.journal.call(), name, stage, question);
            self.jobs.spawn(async move { Done::Thought { turn, stage, opinion: advice.await } });
        }
    }

    fn thought(&mut self, turn: u32, stage: Stage, opinion: Option<Opinion>) {
        match stage {
            Stage::Sense => {
                let next = self.judgement.sensed(turn, opinion);
                self.go_on(next);
                self.obey_all();
            }
            Stage::Judge | Stage::Cloud => {
                if let Some(decision) = self.judgement.judged(turn, opinion) {
                    self.journal.decided(&self.parts, &decision, self.now(), true);
                    self.handle(Input::DecidedEarly(decision));
                }
                let after_judge = stage == Stage::Judge && self.parts.cloud.is_on();
                let ask = if after_judge { self.judgement.cloud_question(turn) } else { None };
                self.go_on(Next { decision: None, ask });
            }
        }
    }

    // ── the ladder ───────────────────────────────────────────────────────────────────────────

    /// What the on-call people did while the caller is still here.
    fn ladder_says(&mut self, news: CallNews) {
        match news {
            CallNews::Taken { by } => {
                tracing::info!("somebody has taken the emergency of a running call");
                self.handle(Input::Acknowledged { by });
            }
            CallNews::Transfer { alert, number, to } => {
                let shop = self.journal.business();
                let job = Job {
                    call: self.journal.call(),
                    business: shop.profile.business_name.clone(),
                    tone: self.call.details().tone_worst,
                    alert,
                    number,
                    to,
                    ring: Duration::from_secs(u64::from(shop.oncall.transfer_ring_s)),
                };
                self.through.ring(job);
            }
            CallNews::TransferWithdrawn => self.through.withdraw(),
        }
    }

    // ── putting the caller through ───────────────────────────────────────────────────────────

    /// Once the page is stored: the ladder names nobody before.
    fn ask_for_transfer(&mut self) {
        if self.pages_under_way == 0 && std::mem::take(&mut self.transfer_wanted) {
            self.through.ask(self.journal.call());
        }
    }

    fn transfer_goes_on(&mut self, next: TransferStep, live: &LiveCall) {
        match next {
            TransferStep::Tell(result) => self.handle(Input::Transfer(result)),
            TransferStep::Join(name) => {
                // they hear each other from the next frame on, whatever the telephone system thinks of a REFER
                self.handle(Input::Transfer(TransferResult::Connected));
                if let Some(name) = name {
                    let joined = live.control.join(name);
                    self.jobs.spawn(async move { Done::Joined(joined.await) });
                }
            }
        }
    }

    /// 20 ms of two people talking: both directions through us, recorded.
    async fn relay(&mut self, live: &LiveCall, now: Duration) {
        let caller = self.sound.hear(now);
        let (tech, dead) = match self.through.hear() {
            Some(Heard::Sound(tech)) => (tech, false),
            Some(Heard::Dead) => ([0; media::FRAME_SAMPLES], true),
            None => ([0; media::FRAME_SAMPLES], false),
        };
        let (packet, said) = self.sound.speak(&tech);
        if let Some((packet, remote)) = packet {
            live.rtp.send_to(&packet, remote).await.ok();
        }
        self.through.speak(&caller.wide).await;
        self.journal.record(&caller.line, &said);
        self.journal.settle().await;
        if dead {
            tracing::warn!("no sound from the technician for 30 s: ending the call");
            self.handle(Input::Transfer(TransferResult::Over));
        }
        self.look_at_the_clock(now).await;
    }

    // ── the end ──────────────────────────────────────────────────────────────────────────────

    /// The caller hung up or the line died. The last words are still heard: they may be the emergency.
    async fn caller_is_gone(&mut self) {
        let now = self.now();
        self.through.caller_left();
        if self.through.is_connected() {
            self.through.free();
        } else {
            self.hear_last_words(now).await;
        }
        self.handle(Input::HungUp);
        self.over = true;
        let pages = async {
            while let Some(done) = self.jobs.join_next().await {
                drop(done);
            }
        };
        timeout(LAST_WORDS, pages).await.ok();
    }

    async fn hear_last_words(&mut self, now: Duration) {
        for event in self.sound.rest_of_turn(now) {
            self.heard(event, now);
        }
        let last_words = async {
            while (self.desk.is_waiting() || self.judgement.is_waiting()) && !self.over {
                match self.jobs.join_next().await {
                    Some(done) => self.came_back(done.ok()),
                    None => break,
                }
            }
        };
        if timeout(LAST_WORDS, last_words).await.is_err() {
            tracing::warn!("the caller's last words were not transcribed in time");
        }
    }
}

/// The words decide; a recogniser that knows English only says "English" to everything, which is no evidence.
fn spoken_language(text: &str, recogniser: Language) -> Language {
    triage::language(text, (recogniser == Language::Spanish).then_some(recogniser))
}

fn ear_hint(hint: Hint) -> TextHint {
    match hint {
        Hint::Complete => TextHint::Complete,
        Hint::Incomplete => TextHint::Incomplete,
        Hint::Unknown => TextHint::Unknown,
    }
}

/// Tones that only a machine on the caller's side makes; ringing and music come from the PBX.
fn machine_tone(kind: ToneKind) -> Option<MachineTone> {
    match kind {
        ToneKind::FaxCalling | ToneKind::FaxAnswer => Some(MachineTone::Fax),
        ToneKind::Beep => Some(MachineTone::Beep),
        ToneKind::Ringback
        | ToneKind::Busy
        | ToneKind::DialTone
        | ToneKind::Sit
        | ToneKind::Dtmf(_)
        | ToneKind::Music
        | ToneKind::Hum => None,
    }
}

//! One live call: a single loop that carries sound, words and decisions between the parts.
//!
//! ```text
//! RTP → Inbound → Ear → HearingDesk → stt-worker → Turn → triage → Decision → Call → Mouth → Playout → RTP
//! ```
//! Decides nothing itself. Every wait of the conversation is a deadline of `call::Call`; the loop only wakes it.

use std::{sync::Arc, time::Duration};

use call::{Call, HOLD_MUSIC, Hint, Input, MachineTone, Output, Saying, TransferResult, Unit};
use domain::{Heard, Language, Tone};
use media::{EarEvent, PlayoutEvent, TextHint, ToneKind};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    hearing_desk::{HearingDesk, Piece},
    journal::Journal,
    judgement::Judgement,
    ladder::{CallNews, LadderNews},
    mouth::Mouth,
    parts::Parts,
    sound::Sound,
};
use crate::{
    phone::{CallEvent, LiveCall, MediaPlan},
    workers::{Hearing, HearingError, Priority, Transcript},
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
    Transcribed { piece: Piece, segment: u32, result: Result<Transcript, HearingError> },
    Rendered { saying: u32, unit: usize, audio: Option<Arc<[i16]>> },
    PageCommitted(bool),
}

/// One call from its answer to its end.
pub(crate) struct LiveSession {
    parts: Parts,
    call: Call,
    /// The recogniser, for this call.
    hearing: Hearing,
    sound: Sound,
    desk: HearingDesk,
    /// The tail's transcription, dropped when speech resumes.
    tail: Option<AbortHandle>,
    mouth: Mouth,
    judgement: Judgement,
    journal: Journal,
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
                event = live.events.recv() => match event {
                    Some(CallEvent::Acked) => self.handle(Input::Answered),
                    Some(CallEvent::Media(plan)) => self.sound.replan(&plan, self.start.elapsed()),
                    Some(CallEvent::Key(key)) => self.handle(Input::Key(key)),
                    Some(CallEvent::Ended { .. }) | None => self.caller_is_gone().await,
                },
            }
        }
        live.hang_up().await;
        tracing::debug!(starved_frames = self.starved_frames, sound = ?self.sound.inbound.stats(), "end of the sound");
        let (details, duration) = (self.call.details().clone(), self.now());
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
                let page = self.journal.page(&self.parts, draft);
                self.jobs.spawn(async move { Done::PageCommitted(page.await) });
            }
            // No line to the on-call person yet: the call goes on as if nobody took it.
            Output::Transfer(_) => self.call.handle(Input::Transfer(TransferResult::Failed), now),
            Output::CancelTransfer => {}
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
            Some(Done::PageCommitted(true)) => self.handle(Input::PageCommitted),
            Some(Done::PageCommitted(false)) => self.handle(Input::PageFailed),
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
        let heard = Heard { text, confidence: transcript.confidence, tone: Tone::Neutral, language };
        self.handle(Input::HeardPartial(heard));
    }

    fn finish_turn(&mut self, now: Duration) {
        let Some(mut turn) = self.desk.take_turn() else { return };
        turn.heard.language = spoken_language(&turn.heard.text, turn.heard.language);
        self.journal.caller_said(&self.parts, &turn.heard, now, turn.hearing_ms);
        self.handle(Input::Heard(turn.heard));
    }

    fn triage(&mut self, early: bool) {
        let now = self.now();
        let input = if early {
            let Some(decision) = self.judgement.early(&self.call) else { return };
            self.journal.decided(&self.parts, &decision, now, true);
            Input::DecidedEarly(decision)
        } else {
            let decision = self.judgement.decide(&self.call);
            self.journal.decided(&self.parts, &decision, now, false);
            Input::Decided(decision)
        };
        self.call.handle(input, now);
    }

    // ── the ladder ───────────────────────────────────────────────────────────────────────────

    /// What the on-call people did while the caller is still here.
    fn ladder_says(&mut self, news: CallNews) {
        match news {
            CallNews::Taken { .. } => tracing::info!("somebody has taken the emergency of a running call"),
            CallNews::Transfer { alert, number, .. } => {
                let result = oncall::StepResult::Unreachable;
                let news = LadderNews::Of(alert, oncall::Event::Step { number, result });
                self.parts.lines.tell.try_send(news).ok(); // a full queue: the ladder gives the step up in time
            }
            CallNews::TransferWithdrawn => {}
        }
    }

    // ── the end ──────────────────────────────────────────────────────────────────────────────

    /// The caller hung up or the line died. The last words are still heard: they may be the emergency.
    async fn caller_is_gone(&mut self) {
        let now = self.now();
        for event in self.sound.rest_of_turn(now) {
            self.heard(event, now);
        }
        let last_words = async {
            while self.desk.is_waiting() && !self.over {
                match self.jobs.join_next().await {
                    Some(done) => self.came_back(done.ok()),
                    None => break,
                }
            }
        };
        if timeout(LAST_WORDS, last_words).await.is_err() {
            tracing::warn!("the caller's last words were not transcribed in time");
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

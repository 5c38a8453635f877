//! Callers put through to a real telephone on loopback: keys in RTP, sound both ways, every way in which nobody takes it.

use std::{net::SocketAddr, time::Duration};

use domain::{Alert, CallId, CallRecord, CallStatus, Roster};
use jiff::Timestamp;
use media::{Codec, Inbound, InboundPlan, Outbound};
use tokio::time::{Instant, interval, timeout};

use super::*;
use crate::{
    app::{clock::WallClock, ladder::LadderInbox},
    phone::{CallEvent, IncomingCall, Line, LineConfig, LineEvent, Listen, LiveCall},
    store::{PageCommitted, Store},
    workers::{VoiceConfig, Voices},
};

const LIMIT: Duration = Duration::from_secs(20);

/// The box beside a call, and Mike's telephone.
struct Night {
    through: PuttingThrough,
    inbox: LadderInbox,
    lines: PagingLines,
    mike: Line,
    mikes: tokio::sync::mpsc::Receiver<LineEvent>,
    alert: Alert,
    to: Dialable,
    store: Store,
    _box_line: Line,
    _folder: tempfile::TempDir,
}

fn line(codecs: Vec<Codec>) -> LineConfig {
    LineConfig {
        listen: vec!["127.0.0.1:0".parse().expect("an address")],
        transport: Listen::Udp,
        pbx: None,
        allow: Vec::new(),
        codecs,
        busy_limit: 8,
        advertised: None,
        rtp_ports: 0..=0,
    }
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{what} did not happen in time"))
}

impl Night {
    async fn begin(mikes_codec: Codec) -> Self {
        let (mike, mikes) = Line::start(line(vec![mikes_codec])).await.expect("Mike's telephone");
        Self::with(mike.udp_addrs()[0], mike, mikes).await
    }

    async fn with(at: SocketAddr, mike: Line, mikes: tokio::sync::mpsc::Receiver<LineEvent>) -> Self {
        let codecs = vec![Codec::G722, Codec::Pcmu, Codec::Pcma];
        let (box_line, _) = Line::start(line(codecs)).await.expect("our line");
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("data")).expect("a store");
        let alert = oncall::testing::alert(1, "K7P", Timestamp::now());
        store.begin_call(call(alert.call_id)).await.expect("a call");
        let page = PageCommitted { alert: alert.clone(), steps: vec![], items: vec![] };
        store.commit_page(page).await.expect("an alert");
        let mut roster: Roster = oncall::testing::metro();
        roster.people[0].sip = Some(format!("sip:mike@{at}"));
        let to = Dialable::of(&roster, &oncall::testing::id("mike")).expect("on the roster");
        let phone = TechPhone {
            dialler: box_line.dialler(),
            voice: Voices::start(VoiceConfig::new(folder.path().join("voice")), None),
            store: store.clone(),
            clock: WallClock::default(),
            direct: true,
        };
        let (lines, inbox) = PagingLines::new();
        let through = PuttingThrough::new(phone, lines.clone());
        Self { through, inbox, lines, mike, mikes, alert, to, store, _box_line: box_line, _folder: folder }
    }

    async fn ring(&mut self, ring: Duration) {
        self.through.ask(self.alert.call_id);
        let asked = soon("the question to the ladder", self.inbox.next()).await;
        assert!(matches!(asked, Some(LadderNews::OfCall(_, Event::TransferWanted))), "{asked:?}");
        self.through.ring(Job {
            call: self.alert.call_id,
            business: "Metro Plumbing".into(),
            tone: Tone::Panicked,
            alert: self.alert.id,
            number: 4,
            to: self.to.clone(),
            ring,
        });
    }

    async fn rings_at_mikes(&mut self) -> IncomingCall {
        loop {
            match soon("the ringing", self.mikes.recv()).await.expect("Mike's line lives") {
                LineEvent::Incoming(call) => return call,
                LineEvent::Registration(_) => {}
            }
        }
    }

    async fn next(&mut self) -> TransferStep {
        soon("news of the transfer", self.through.next()).await
    }

    /// What the loop of the call hears last.
    async fn fails(&mut self) {
        loop {
            match self.next().await {
                TransferStep::Tell(call::TransferResult::Ringing) => {}
                TransferStep::Tell(result) => return assert_eq!(result, call::TransferResult::Failed),
                TransferStep::Join(_) => panic!("connected"),
            }
        }
    }

    async fn ladder_hears(&mut self, expected: Event) {
        match soon("the ladder's news", self.inbox.next()).await {
            Some(LadderNews::Of(alert, event)) => assert_eq!((alert, event), (self.alert.id, expected)),
            other => panic!("{other:?}"),
        }
    }

    async fn history_says(&self, outcome: &str) {
        let written = async {
            loop {
                let calls = crate::store::Archive::open(self.store.dir())
                    .expect("the archive")
                    .call_outs(10)
                    .expect("the history");
                if let Some(call) = calls.first() {
                    return call.outcome.clone().unwrap_or_default();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert_eq!(soon("the history", written).await, outcome);
    }
}

fn call(id: CallId) -> CallRecord {
    CallRecord {
        id,
        sip_call_id: "x".into(),
        profile_id: "metro-plumbing".into(),
        caller: None,
        caller_display: None,
        called: String::new(),
        called_at: Timestamp::now(),
        utc_offset_s: 0,
        ended_at: None,
        status: CallStatus::InProgress,
        recording: None,
    }
}

/// Mike, with his telephone at the ear: sends a tone, presses keys, notes when he hears something.
struct Mike {
    live: LiveCall,
    inbound: Inbound,
    outbound: Outbound,
    remote: SocketAddr,
    start: Instant,
}

impl Mike {
    fn new(live: LiveCall) -> Self {
        let plan = &live.media;
        let (codec, payload_type, remote) = (plan.codec, plan.payload_type, plan.remote);
        let key_payload_type = plan.key_payload_type;
        let inbound = Inbound::new(InboundPlan { codec, payload_type, key_payload_type, remote });
        let mut outbound = Outbound::new(codec, payload_type, 7, 1, 1);
        outbound.set_key_payload_type(key_payload_type);
        Self { live, inbound, outbound, remote, start: Instant::now() }
    }

    /// 20 ms: hears, and says this or sends that packet.
    async fn frame(&mut self, key: Option<Vec<u8>>, tone_hz: f64, nth: usize) -> Vec<i16> {
        let mut packet = [0; 2048];
        while let Ok((length, from)) = self.live.rtp.try_recv_from(&mut packet) {
            self.inbound.packet(from, &packet[..length], self.start.elapsed());
        }
        let out = key.unwrap_or_else(|| self.outbound.packet(&tone(tone_hz, nth)).0);
        self.live.rtp.send_to(&out, self.remote).await.expect("sent");
        self.inbound.frame(self.start.elapsed()).samples
    }

    /// Presses a key.
    async fn press(&mut self, key: char) {
        let mut ticks = interval(media::FRAME);
        for packet in self.outbound.key(key) {
            ticks.tick().await;
            self.frame(Some(packet), 0.0, 0).await;
        }
    }

    async fn hears_the_end(&mut self) {
        let end = async {
            loop {
                match self.live.events.recv().await {
                    Some(CallEvent::Ended { by_caller, .. }) => return by_caller,
                    Some(_) => {}
                    None => return true,
                }
            }
        };
        assert!(soon("the goodbye", end).await, "the box hung up");
    }
}

/// The ringing is cancelled; an answer that crosses the CANCEL is followed by a goodbye.
async fn given_up(ringing: IncomingCall) {
    if let Ok(live) = soon("the CANCEL", ringing.answer()).await {
        Mike::new(live).hears_the_end().await;
    }
}

fn tone(hz: f64, nth: usize) -> [i16; FRAME_SAMPLES] {
    let phase = |i: usize| ((nth * FRAME_SAMPLES + i) as f64) * hz * std::f64::consts::TAU / 16_000.0;
    std::array::from_fn(|i| if hz == 0.0 { 0 } else { (phase(i).sin() * 8000.0) as i16 })
}

/// How much of the sound is this tone, 0 to 1 (Goertzel).
fn share_of(samples: &[i16], rate: f64, hz: f64) -> f64 {
    let (mut re, mut im, mut energy) = (0.0, 0.0, 0.0);
    for (i, s) in samples.iter().map(|s| f64::from(*s)).enumerate() {
        let angle = i as f64 * hz * std::f64::consts::TAU / rate;
        (re, im, energy) = (re + s * angle.cos(), im + s * angle.sin(), energy + s * s);
    }
    if energy == 0.0 { 0.0 } else { 2.0 * (re * re + im * im) / (energy * samples.len() as f64) }
}

/// The caller says 440 Hz, Mike 1000 Hz. From the end of key 1 until Mike hears the caller.
async fn connects(mikes_codec: Codec) -> Duration {
    let mut night = Night::begin(mikes_codec).await;
    night.ring(LIMIT).await;
    let mut mike = Mike::new(night.rings_at_mikes().await.answer().await.expect("answered"));
    mike.press('1').await;
    let pressed = Instant::now();
    loop {
        match night.next().await {
            TransferStep::Tell(result) => assert_eq!(result, call::TransferResult::Ringing),
            TransferStep::Join(_) => break,
        }
    }
    night.ladder_hears(Event::Step { number: 4, result: StepResult::Connected }).await;
    let rate = f64::from(mikes_codec.sample_rate());
    let (mut heard_at, mut at_mikes, mut at_callers) = (None, Vec::new(), Vec::new());
    let mut ticks = interval(media::FRAME);
    for nth in 0..100 {
        ticks.tick().await;
        let heard = mike.frame(None, 1000.0, nth).await;
        if heard_at.is_none() && share_of(&heard, rate, 440.0) > 0.5 {
            heard_at = Some(pressed.elapsed());
        }
        at_mikes.extend(heard);
        if let Some(Heard::Sound(tech)) = night.through.hear() {
            at_callers.extend(tech);
        }
        night.through.speak(&tone(440.0, nth)).await;
    }
    // A busy test machine may lose frames here and there: the clearest fifth of a second counts.
    let clearest = |sound: &[i16], rate: f64, hz| {
        sound.chunks(rate as usize / 5).map(|part| share_of(part, rate, hz)).fold(0.0, f64::max)
    };
    let shares = (clearest(&at_mikes, rate, 440.0), clearest(&at_callers, 16_000.0, 1000.0));
    assert!(shares.0 > 0.8 && shares.1 > 0.8, "each hears the other: {shares:?}");
    night.through.free();
    mike.hears_the_end().await;
    night.history_says("connected").await;
    heard_at.expect("Mike heard the caller")
}

#[expect(clippy::print_stdout, reason = "the figure is worth seeing")]
#[tokio::test(flavor = "multi_thread")]
async fn after_key_one_each_hears_the_other_within_a_second_in_every_codec() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        let delay = connects(codec).await;
        println!("{codec:?}: the caller is heard {} ms after the key", delay.as_millis());
        assert!(delay < Duration::from_secs(1), "{codec:?}: {delay:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn technician_who_hangs_up_ends_it_for_both() {
    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    let mut mike = Mike::new(night.rings_at_mikes().await.answer().await.expect("answered"));
    mike.press('1').await;
    while !matches!(night.next().await, TransferStep::Join(_)) {}
    assert!(night.through.joined(false).is_none(), "no telephone system: the box stays between them");
    soon("the goodbye", mike.live.hang_up()).await;
    assert!(matches!(night.next().await, TransferStep::Tell(call::TransferResult::Over)));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_two_and_three_bring_the_agent_back_and_tell_the_ladder() {
    for (key, outcome) in [('2', "passed_on"), ('3', "not_an_emergency")] {
        let mut night = Night::begin(Codec::Pcmu).await;
        night.ring(LIMIT).await;
        let mut mike = Mike::new(night.rings_at_mikes().await.answer().await.expect("answered"));
        mike.press(key).await;
        night.fails().await;
        let by = night.to.contact().clone();
        let event = if key == '2' { Event::PassedOn { by } } else { Event::NotAnEmergency { by } };
        night.ladder_hears(event).await;
        night.history_says(outcome).await;
        mike.hears_the_end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn engaged_silent_and_wordless_telephones_are_told_apart() {
    let step = |result| Event::Step { number: 4, result };
    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    night.rings_at_mikes().await.reject(486, "Busy Here");
    night.fails().await;
    night.ladder_hears(step(StepResult::Busy)).await;

    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(Duration::from_millis(1500)).await;
    let ringing = night.rings_at_mikes().await;
    night.fails().await;
    night.ladder_hears(step(StepResult::NoAnswer)).await;
    given_up(ringing).await;

    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    let mike = night.rings_at_mikes().await.answer().await.expect("answered");
    // a goodbye that overtakes the answer is another matter
    tokio::time::sleep(Duration::from_millis(300)).await;
    mike.hang_up().await;
    night.fails().await;
    night.ladder_hears(step(StepResult::Unconfirmed)).await;
    night.history_says("unconfirmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telephone_that_says_go_elsewhere_is_not_followed() {
    let mut night = Night::begin(Codec::Pcmu).await;
    let (other, mut others) = Line::start(line(vec![Codec::Pcmu])).await.expect("another telephone");
    night.ring(LIMIT).await;
    night.rings_at_mikes().await.redirect(&format!("sip:+88112345678@{}", other.udp_addrs()[0]));
    night.fails().await;
    night.ladder_hears(Event::Step { number: 4, result: StepResult::Unreachable }).await;
    let rang = std::iter::from_fn(|| others.try_recv().ok()).any(|e| matches!(e, LineEvent::Incoming(_)));
    assert!(!rang, "a redirect made us dial");
}

#[tokio::test(flavor = "multi_thread")]
async fn caller_who_gives_up_does_not_stop_the_page() {
    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    let ringing = night.rings_at_mikes().await;
    let seat = night.lines.calls.join(night.alert.call_id);
    let Night { through, mut inbox, lines: _lines, alert, to, mike: _mike, .. } = night;
    tokio::spawn(through.outlive(seat));
    let mut mike = Mike::new(ringing.answer().await.expect("still ringing"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    mike.press('1').await;
    match soon("the ladder's news", inbox.next()).await {
        Some(LadderNews::Of(of, Event::Taken { by, via, .. })) => {
            assert_eq!((of, by, via), (alert.id, Some(to.contact().clone()), AckVia::VoiceKey));
        }
        other => panic!("{other:?}"),
    }
    mike.hears_the_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ladder_stops_the_ringing_during_and_after_the_call() {
    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    let ringing = night.rings_at_mikes().await;
    night.through.withdraw();
    night.fails().await;
    given_up(ringing).await;

    let mut night = Night::begin(Codec::Pcmu).await;
    night.ring(LIMIT).await;
    let ringing = night.rings_at_mikes().await;
    let seat = night.lines.calls.join(night.alert.call_id);
    let Night { through, lines, alert, mike: _mike, .. } = night;
    tokio::spawn(through.outlive(seat));
    assert!(lines.calls.tell(alert.call_id, CallNews::TransferWithdrawn));
    given_up(ringing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfer_that_nobody_waits_for_is_refused() {
    let mut night = Night::begin(Codec::Pcmu).await;
    let (alert, to) = (night.alert.id, night.to.clone());
    night.through.ring(Job {
        call: night.alert.call_id,
        business: "Metro Plumbing".into(),
        tone: Tone::Calm,
        alert,
        number: 4,
        to,
        ring: LIMIT,
    });
    night.ladder_hears(Event::Step { number: 4, result: StepResult::Lost }).await;
    assert_eq!(night.mike.calls(), 0);
}

//! A scripted caller: plays recorded lines down a real call, waits its turn as people do, and measures what it hears.
//! The demo's four callers, the test phone and the bench are this one caller.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use media::{FrameKind, Inbound, InboundPlan, Outbound, Playout, WireMeter};
use tokio::{
    net::UdpSocket,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::phone::{CallEvent, LiveCall};

/// A frame louder than this is speech on a line whose silence is digital, in dBFS.
const VOICED_DBFS: f32 = -45.0;
/// The agent has finished when it is silent for this long; its own pauses between sentences are shorter.
const TURN_GAP: Duration = Duration::from_millis(900);
/// Longest wait for the agent before the caller gives up.
const PATIENCE: Duration = Duration::from_secs(45);

/// One step of a caller's script. Audio is 16 kHz mono.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Wait until the agent has finished, then say this.
    Say(Arc<[i16]>),
    /// Speak into the agent's sentence once it has talked for this long.
    Interrupt { after: Duration, audio: Arc<[i16]> },
    /// Wait until the agent has finished, then press a key.
    Key(char),
    /// Wait this long in silence.
    Wait(Duration),
    /// Hang up.
    HangUp,
}

/// What a caller experienced.
#[derive(Debug, Default)]
pub(crate) struct Experience {
    /// From answer to the first audio of the greeting.
    pub(crate) greeting: Option<Duration>,
    /// For each thing said: from the end of our speech to the agent's first audio; `None` when no reply came.
    pub(crate) replies: Vec<Option<Duration>>,
    /// For each interruption: from the packet with our first sound to the agent's last packet with sound, both on the
    /// wire: what the jitter buffer of a telephone adds is not in it.
    pub(crate) barge_ins: Vec<Duration>,
    /// Longest time in which neither side spoke after we had finished a line.
    pub(crate) longest_silence: Duration,
    /// Both sides at 8 kHz: caller, agent.
    pub(crate) recording: Vec<(i16, i16)>,
    /// The agent ended the call.
    pub(crate) ended_by_agent: bool,
    /// Whole call.
    pub(crate) duration: Duration,
    /// RTP packets that never came.
    pub(crate) packets_lost: u64,
    /// Frames of 20 ms that had to be made up, because nothing had come in time.
    pub(crate) frames_concealed: u64,
    /// When each line began.
    pub(crate) line_began: Vec<Instant>,
}

/// Runs a script on an answered call until either side hangs up.
pub(crate) async fn run_script(mut live: LiveCall, script: Vec<Step>, limit: Duration) -> Experience {
    let mut caller = Caller::new(&live, script);
    let mut ticks = interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        tokio::select! {
            biased;
            _ = ticks.tick() => {
                caller.take_packets(&live.rtp);
                let packet = caller.tick();
                live.rtp.send_to(&packet, caller.remote).await.ok();
                if caller.done(limit) {
                    break;
                }
            }
            readable = live.rtp.readable() => {
                if readable.is_ok() {
                    caller.take_packets(&live.rtp);
                }
            }
            event = live.events.recv() => match event {
                Some(CallEvent::Media(plan)) => caller.remote = plan.remote,
                Some(CallEvent::Acked | CallEvent::Key(_)) => {}
                Some(CallEvent::Ended { .. }) | None => {
                    caller.seen.ended_by_agent = true;
                    break;
                }
            }
        }
    }
    live.hang_up().await;
    caller.finish()
}

struct Caller {
    start: Instant,
    script: VecDeque<Step>,
    inbound: Inbound,
    outbound: Outbound,
    wire: WireMeter,
    narrow: bool,
    playout: Playout,
    remote: std::net::SocketAddr,
    seen: Experience,
    line: u32,
    voice: VoiceTimes,
    /// Packets of a key that is being pressed, one for each 20 ms.
    keys: VecDeque<Vec<u8>>,
    hung_up: bool,
}

/// When each side last made a sound, as times since the start.
#[derive(Default)]
struct VoiceTimes {
    agent_began: Option<Duration>,
    agent_last: Option<Duration>,
    /// When the agent's last packet with sound came, before any buffer.
    agent_last_packet: Option<Duration>,
    own_last: Option<Duration>,
    /// The end of our line that the agent has not answered yet.
    awaiting_reply: Option<Duration>,
    /// We are talking into the agent's sentence, and since which sound of ours.
    interrupting: bool,
    interrupting_since: Option<Duration>,
    wait_until: Option<Duration>,
    /// The agent has spoken since our last line.
    agent_had_a_turn: bool,
    turn_began: Duration,
}

impl Caller {
    fn new(live: &LiveCall, script: Vec<Step>) -> Self {
        let plan = &live.media;
        let inbound = Inbound::new(InboundPlan {
            codec: plan.codec,
            payload_type: plan.payload_type,
            key_payload_type: plan.key_payload_type,
            remote: plan.remote,
        });
        let mut outbound = Outbound::new(plan.codec, plan.payload_type, 0x0ca1_1e12, 1, 160);
        outbound.set_key_payload_type(plan.key_payload_type);
        Self {
            start: Instant::now(),
            script: script.into(),
            inbound,
            outbound,
            wire: WireMeter::new(plan.codec),
            narrow: plan.codec.sample_rate() == 8000,
            playout: Playout::new(),
            remote: plan.remote,
            seen: Experience::default(),
            line: 0,
            voice: VoiceTimes::default(),
            keys: VecDeque::new(),
            hung_up: false,
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// 20 ms of call: hears, decides whether it is our turn, and returns the packet to send.
    fn tick(&mut self) -> Vec<u8> {
        let now = self.now();
        let frame = self.inbound.frame(now);
        self.seen.frames_concealed += u64::from(frame.kind == FrameKind::Concealed);
        let heard = frame.samples;
        self.listen(&heard, now);
        self.act(now);
        let frame = self.playout.frame().samples;
        self.note_own_voice(&frame, now);
        if let Some(key_packet) = self.keys.pop_front() {
            // A key takes the place of the sound while it is pressed.
            self.record(&[], &heard);
            return key_packet;
        }
        let (packet, sent) = self.outbound.packet(&frame);
        self.record(&sent, &heard);
        packet
    }

    fn take_packets(&mut self, rtp: &UdpSocket) {
        let mut packet = [0u8; 2048];
        while let Ok((length, from)) = rtp.try_recv_from(&mut packet) {
            let now = self.now();
            self.note_arrival(&packet[..length], now);
            self.inbound.packet(from, &packet[..length], now);
        }
    }

    fn note_arrival(&mut self, packet: &[u8], now: Duration) {
        if self.wire.dbfs(packet).is_some_and(|level| level > VOICED_DBFS) {
            self.voice.agent_last_packet = Some(now);
        }
    }

    fn listen(&mut self, heard: &[i16], now: Duration) {
        let voiced = media::rms_dbfs(heard) > VOICED_DBFS;
        let voice = &mut self.voice;
        if voiced {
            if voice.agent_last.is_none_or(|last| now - last > TURN_GAP) {
                voice.agent_began = Some(now);
            }
            voice.agent_last = Some(now);
            voice.agent_had_a_turn = true;
            self.seen.greeting.get_or_insert(now);
            let new_sentence = voice.agent_began == Some(now);
            if let Some(ended) = voice.awaiting_reply.take_if(|_| new_sentence) {
                self.seen.replies.push(Some(now.saturating_sub(ended)));
            }
        }
        if let (Some(since), Some(last)) = (voice.interrupting_since, voice.agent_last_packet)
            && now.saturating_sub(last.max(since)) >= Duration::from_millis(200)
        {
            self.seen.barge_ins.push(last.saturating_sub(since));
            voice.interrupting_since = None;
        }
        let quiet_since = voice.agent_last.max(voice.own_last).unwrap_or_default();
        if voice.awaiting_reply.is_some() {
            self.seen.longest_silence = self.seen.longest_silence.max(now.saturating_sub(quiet_since));
        }
    }

    /// Takes the next step of the script when its moment has come.
    fn act(&mut self, now: Duration) {
        if self.playout.is_speaking() || self.voice.wait_until.is_some_and(|until| now < until) {
            return;
        }
        match self.script.front() {
            Some(Step::Say(_) | Step::Key(_)) if !self.our_turn(now) => return,
            Some(Step::Interrupt { after, .. }) if !self.agent_has_talked_for(*after, now) => return,
            Some(_) => {}
            None => return,
        }
        match self.script.pop_front() {
            Some(Step::Say(audio)) => self.speak(audio, now),
            Some(Step::Interrupt { audio, .. }) => {
                self.voice.interrupting = true;
                self.speak(audio, now);
            }
            Some(Step::Key(key)) => {
                self.keys.extend(self.outbound.key(key));
                self.take_turn(now);
            }
            Some(Step::Wait(time)) => self.voice.wait_until = Some(now + time),
            Some(Step::HangUp) => self.hung_up = true,
            None => {}
        }
    }

    fn our_turn(&self, now: Duration) -> bool {
        let agent_finished =
            self.voice.agent_had_a_turn && self.voice.agent_last.is_some_and(|last| now - last >= TURN_GAP);
        agent_finished || now - self.voice.turn_began > PATIENCE
    }

    fn agent_has_talked_for(&self, time: Duration, now: Duration) -> bool {
        let talking = self.voice.agent_last.is_some_and(|last| now - last < Duration::from_millis(60));
        talking && self.voice.agent_began.is_some_and(|began| now - began >= time)
    }

    fn speak(&mut self, audio: Arc<[i16]>, now: Duration) {
        if self.voice.awaiting_reply.take().is_some() {
            self.seen.replies.push(None);
        }
        self.line += 1;
        self.seen.line_began.push(Instant::now());
        self.playout.say(self.line, audio);
        self.take_turn(now);
    }

    fn take_turn(&mut self, now: Duration) {
        self.voice.agent_had_a_turn = false;
        self.voice.turn_began = now;
    }

    fn note_own_voice(&mut self, frame: &[i16], now: Duration) {
        if media::rms_dbfs(frame) > VOICED_DBFS {
            let end = now + Duration::from_millis(20);
            if std::mem::take(&mut self.voice.interrupting) {
                self.voice.interrupting_since = Some(now);
            }
            self.voice.own_last = Some(end);
            self.voice.awaiting_reply = Some(end);
            // What the agent says while we still talk is no reply to this line.
            self.voice.agent_had_a_turn = false;
        }
    }

    fn record(&mut self, sent: &[i16], heard: &[i16]) {
        let step = if self.narrow { 1 } else { 2 };
        self.seen
            .recording
            .extend(sent.iter().step_by(step).copied().zip(heard.iter().step_by(step).copied()));
    }

    fn done(&self, limit: Duration) -> bool {
        let abandoned = self.script.is_empty() && self.now() - self.voice.turn_began > PATIENCE;
        self.hung_up || abandoned || self.now() > limit
    }

    fn finish(mut self) -> Experience {
        self.seen.duration = self.now();
        self.seen.packets_lost = self.inbound.stats().lost;
        self.seen
    }
}

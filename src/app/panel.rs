//! What lamp, alarm and button need to know of the box: one plain value that always tells the present, and the loop
//! that carries it to the pins, and presses back.

use std::{path::Path, time::Duration};

use domain::{AlertId, CallId};
use firmware::{PanelError, Press, QuietHours, Status};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{ids, ladder::LadderNews, news::News, parts::Parts};
use crate::{
    config::{PanelBoard, PanelSettings, PanelWiring, SoundsFor},
    panel::{self, Board, Face, Wiring},
};

/// Short enough for the button, and far below what an eye sees.
const TICK: Duration = Duration::from_millis(10);
/// A long press sounds the relay for a moment, so that somebody hears that it is wired.
const PROBE: Duration = Duration::from_secs(1);
/// The very long press leaves this file in the data folder; `systemd/nightdesk-network-reset.path` waits for it.
pub(crate) const NETWORK_RESET: &str = "network-reset";

/// The box as its front panel shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PanelState {
    /// Emergencies that nobody has taken (open, unresolved or expired).
    pub(crate) open_emergencies: u32,
    /// The ladder of one of them has reached its end: the relay sounds the shop's alarm.
    pub(crate) alarm: bool,
    /// Messages have failed for minutes, or were refused.
    pub(crate) outbox_stuck: bool,
    /// Calls that are going on.
    pub(crate) calls: u32,
    /// The PBX is not reachable or refuses us.
    pub(crate) pbx_lost: bool,
    /// The recogniser has settled: everything that will work does.
    pub(crate) ready: bool,
    /// Callers are not heard, or nothing is kept: the box works, but not as it should.
    pub(crate) fault: bool,
}

impl PanelState {
    /// What the lamp shows: of everything that is so, the most urgent.
    pub(crate) fn status(&self) -> Status {
        let shown = [
            (true, Status::Ready),
            (self.calls > 0, Status::OnCall),
            (!self.ready, Status::Booting),
            (self.outbox_stuck, Status::OutboxStuck),
            (self.pbx_lost, Status::NoPbx),
            (self.fault, Status::Fault),
            (self.open_emergencies > 0, Status::EmergencyOpen),
        ];
        shown.into_iter().filter(|(so, _)| *so).map(|(_, status)| status).max().unwrap_or(Status::Fault)
    }

    /// Whether the relay is to sound at this minute of the shop's day.
    fn sounds(&self, settings: &PanelSettings, minute: u16) -> bool {
        let quiet = settings
            .quiet_hours
            .is_some_and(|(from_min, to_min)| QuietHours { from_min, to_min }.covers(minute));
        let wanted = match settings.sounds_for {
            SoundsFor::Unresolved => self.alarm,
            SoundsFor::Open => self.alarm || self.open_emergencies > 0,
            SoundsFor::Never => false,
        };
        wanted && !quiet
    }
}

/// Where the state is put and read. Handles only; cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct PanelDesk(watch::Sender<PanelState>);

impl Default for PanelDesk {
    fn default() -> Self {
        Self(watch::Sender::new(PanelState::default()))
    }
}

impl PanelDesk {
    /// Changes the state; readers wake only when it is another one.
    pub(crate) fn set(&self, change: impl FnOnce(&mut PanelState)) {
        self.0.send_if_modified(|state| {
            let before = state.clone();
            change(state);
            *state != before
        });
    }

    /// Reads from here on.
    #[allow(dead_code, reason = "read by the front panel")]
    pub(crate) fn watch(&self) -> watch::Receiver<PanelState> {
        self.0.subscribe()
    }
}

/// The panel's settings as its board wants them.
pub(crate) fn wiring(settings: &PanelSettings) -> panel::Settings {
    let wired = |wiring: &Option<PanelWiring>| {
        wiring.as_ref().map(|PanelWiring { line, active_low }| {
            let Ok(line) = line.parse();
            Wiring { line, active_low: *active_low }
        })
    };
    panel::Settings {
        board: match &settings.board {
            PanelBoard::Gpio => Board::GpioChip,
            PanelBoard::Rppal => Board::Rppal,
            PanelBoard::Sim(file) => Board::Sim(file.clone()),
        },
        led_red: wired(&settings.led_red),
        led_green: wired(&settings.led_green),
        relay: wired(&settings.relay),
        button: wired(&settings.button),
        relay_max: Duration::from_secs(u64::from(settings.relay_max_s)),
    }
}

/// Shows the box until the task is dropped. A panel that cannot be opened is told and left dark: the phone is answered.
pub(crate) async fn show(parts: Parts) {
    let Some(settings) = parts.config.panel.clone() else { return };
    match panel::open(&wiring(&settings)) {
        Ok(face) => Front { face, settings, parts, told: None, failing: None, probe_until: None }.run().await,
        Err(error) => tracing::error!(%error, "lamp, alarm and button are not used"),
    }
}

struct Front {
    face: Box<dyn Face>,
    settings: PanelSettings,
    parts: Parts,
    told: Option<(Status, bool)>,
    failing: Option<PanelError>,
    probe_until: Option<Instant>,
}

impl Front {
    async fn run(mut self) {
        let state = self.parts.panel.watch();
        let started = Instant::now();
        let mut ticks = interval(TICK);
        // after a pause the present is shown, not what was missed
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let now = ticks.tick().await;
            let state = state.borrow().clone();
            let probing = self.probe_until.is_some_and(|until| now < until);
            let alarm = probing || state.sounds(&self.settings, self.minute());
            self.tell(state.status(), alarm);
            match self.face.tick(state.status(), alarm, now - started) {
                Ok(press) => {
                    self.failing = None;
                    if let Some(press) = press {
                        self.pressed(press);
                    }
                }
                Err(error) => self.failed(error),
            }
        }
    }

    /// Of the shop's day; the first shop's, where several have a box together.
    fn minute(&self) -> u16 {
        if self.settings.quiet_hours.is_none() {
            return 0;
        }
        let zone = self.parts.businesses.first().map(|b| b.shop.zone.clone());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        let time = self.parts.clock.now().to_zoned(zone).time();
        u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
    }

    fn tell(&mut self, status: Status, alarm: bool) {
        if self.told.replace((status, alarm)) != Some((status, alarm)) {
            self.parts.news.tell(News::Panel { status, alarm });
        }
    }

    fn failed(&mut self, error: PanelError) {
        if self.failing.replace(error) != Some(error) {
            tracing::error!(?error, "a part of the panel does not obey; it is tried again and again");
        }
    }

    fn pressed(&mut self, press: Press) {
        tracing::info!(?press, "button");
        match press {
            Press::Short => self.tell_ladder(LadderNews::Button),
            Press::Long => {
                self.probe_until = Some(Instant::now() + PROBE);
                let Some(business) = self.parts.businesses.first() else { return };
                let (unix_ms, random) = ids::seed(self.parts.clock.now());
                let (alert, call) = (AlertId::new(unix_ms, random), CallId::new(unix_ms, random));
                let profile_id = business.shop.profile.id.clone();
                self.tell_ladder(LadderNews::Drill { profile_id, alert, call });
            }
            Press::VeryLong => ask_network_reset(&self.parts.config.data_dir),
        }
    }

    /// Without waiting: the lamp must not stand still because the ladder is busy.
    fn tell_ladder(&self, news: LadderNews) {
        if self.parts.lines.tell.try_send(news).is_err() {
            tracing::error!("the ladder is too busy for the button; press it again");
        }
    }
}

/// We have no right to touch the machine's network; whoever has finds this file.
fn ask_network_reset(data_dir: &Path) {
    let file = data_dir.join(NETWORK_RESET);
    match std::fs::write(&file, "asked for at the button\n") {
        Ok(()) => tracing::warn!("somebody at the box asks for a reset of the network settings"),
        Err(error) => tracing::error!(%error, "the request for a network reset could not be left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(change: impl FnOnce(&mut PanelState)) -> PanelState {
        let mut state = PanelState { ready: true, ..PanelState::default() };
        change(&mut state);
        state
    }

    #[test]
    fn the_lamp_shows_the_most_urgent_of_what_is_so() {
        let check = |expected, state: PanelState| assert_eq!(state.status(), expected, "{state:?}");
        check(Status::Booting, PanelState::default());
        check(Status::Ready, state(|_| {}));
        check(Status::OnCall, state(|s| s.calls = 2));
        check(Status::OutboxStuck, state(|s| (s.calls, s.outbox_stuck) = (1, true)));
        check(Status::NoPbx, state(|s| (s.outbox_stuck, s.pbx_lost) = (true, true)));
        check(Status::Fault, state(|s| (s.pbx_lost, s.fault) = (true, true)));
        check(Status::EmergencyOpen, state(|s| (s.open_emergencies, s.fault) = (1, true)));
    }

    #[test]
    fn the_relay_sounds_for_what_the_owner_wants_and_not_in_quiet_hours() {
        let settings = |sounds_for| PanelSettings { sounds_for, ..PanelSettings::simulated() };
        let open = state(|s| s.open_emergencies = 1);
        let unresolved = state(|s| (s.open_emergencies, s.alarm) = (1, true));
        let sounds = |state: &PanelState, sounds_for| state.sounds(&settings(sounds_for), 120);
        assert!(!sounds(&open, SoundsFor::Unresolved));
        assert!(sounds(&unresolved, SoundsFor::Unresolved));
        assert!(sounds(&open, SoundsFor::Open));
        assert!(!sounds(&unresolved, SoundsFor::Never));
        assert!(!sounds(&state(|_| {}), SoundsFor::Open));
        let quiet = PanelSettings { quiet_hours: Some((22 * 60, 360)), ..settings(SoundsFor::Open) };
        assert_eq!([120, 360].map(|minute| unresolved.sounds(&quiet, minute)), [false, true]);
    }

    #[test]
    fn readers_wake_only_when_something_is_new() {
        let desk = PanelDesk::default();
        let mut reader = desk.watch();
        desk.set(|state| state.calls = 0);
        assert!(!reader.has_changed().unwrap());
        desk.set(|state| state.calls = 1);
        assert!(reader.has_changed().unwrap());
        assert_eq!(reader.borrow_and_update().calls, 1);
    }
}

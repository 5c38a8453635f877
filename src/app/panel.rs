//! What lamp, alarm and button need to know of the box: one plain value that always tells the present.

use tokio::sync::watch;

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
    pub(crate) fn watch(&self) -> watch::Receiver<PanelState> {
        self.0.subscribe()
    }
}

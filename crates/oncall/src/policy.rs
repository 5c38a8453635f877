//! The owner's settings of the ladder.

use domain::Means;

/// Times and means of the ladder. The defaults are the source's (D:641-645, D:1009-1014; decisions K04-K06).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether callers are put through at all.
    pub warm_transfer: bool,
    /// Step 1: how long the transfer rings, seconds.
    pub transfer_ring_s: u32,
    /// Step 2: the text to the technician, seconds after the alert was opened.
    pub text_after_s: u32,
    /// Step 3: the call to the technician, seconds after step 2.
    pub call_after_s: u32,
    /// How long a voice page rings, seconds.
    pub call_ring_s: u32,
    /// Step 4: the backup, seconds after step 2.
    pub backup_after_s: u32,
    /// Step 5: the owner, seconds after step 2.
    pub owner_after_s: u32,
    /// Means of a written step that the shop has set up, preferred first. Voice may stand in it: it is taken when
    /// nothing written works.
    pub means: Vec<Means>,
    /// A written step that is neither accepted nor refused after this long goes on by the next means, seconds.
    pub means_wait_s: u32,
    /// A voice page that is engaged or was interrupted is tried so often altogether.
    pub call_tries: u32,
    /// Pause before an engaged telephone is called again, seconds.
    pub call_again_s: u32,
    /// After an acknowledgement the technician is asked whether the caller has been called back, seconds. 0: never.
    pub callback_within_s: u32,
    /// How long he has to answer that, seconds; then the ladder goes on.
    pub callback_grace_s: u32,
    /// An alert that nobody took is repeated to the owner with this pause, seconds.
    pub repeat_every_s: u32,
    /// Every second repetition is a call.
    pub repeat_by_call: bool,
    /// After this age nobody is paged any more, seconds.
    pub expires_after_s: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            warm_transfer: true,
            transfer_ring_s: 30,
            text_after_s: 0,
            call_after_s: 60,
            call_ring_s: 45,
            backup_after_s: 600,
            owner_after_s: 1200,
            means: vec![Means::SmsInternet, Means::SmsModem, Means::Push, Means::Voice, Means::Email],
            means_wait_s: 15,
            call_tries: 3,
            call_again_s: 30,
            callback_within_s: 20 * 60,
            callback_grace_s: 5 * 60,
            repeat_every_s: 15 * 60,
            repeat_by_call: true,
            expires_after_s: 12 * 3600,
        }
    }
}

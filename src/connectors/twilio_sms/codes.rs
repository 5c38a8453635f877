//! What Twilio's error codes mean for a page (twilio.com/docs/api/errors), in words that say what to do.

use serde::Deserialize;

use super::super::{NeverReason, SendFailure, http::Answer};

#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    code: Option<u32>,
}

/// Why a request was refused.
pub(super) fn refusal(answer: &Answer) -> SendFailure {
    let Body { code } = answer.json_or_default();
    match (answer.status(), code) {
        (429 | 500.., _) | (_, None) => answer.refusal(),
        (_, Some(20_429 | 14_107 | 30_001 | 21_611)) => SendFailure::Later {
            why: "Twilio's queue for this number is full, or it is being asked too often".into(),
            retry_after: answer.retry_after(),
        },
        (_, Some(code)) => failure(code),
    }
}

/// A code that came with a message.
pub(super) fn failure(code: u32) -> SendFailure {
    let (why, reason) = meaning(code);
    SendFailure::Never { why, reason }
}

/// Owner's words and kind of an error code.
pub(super) fn meaning(code: u32) -> (String, NeverReason) {
    use NeverReason as R;
    let (what, reason) = match code {
        20_003 | 20_005 | 20_008 | 30_002 => {
            ("the account's key is wrong, or the account is suspended: see Twilio's console", R::Credentials)
        }
        20_404 => ("Twilio has no such account or message: is account_sid right?", R::BadDestination),
        21_610 => (
            "the receiver has answered STOP to this number and gets nothing any more: he must text START to it",
            R::OptedOut,
        ),
        21_608 => {
            ("a trial account reaches only numbers that are verified in Twilio's console", R::Unregistered)
        }
        30_034 => (
            "this number is not registered for business texts (A2P 10DLC), so the carriers block it: register it in Twilio's console",
            R::Unregistered,
        ),
        30_032 | 30_460..=30_489 => (
            "this toll-free number is not verified, so the carriers block it: verify it in Twilio's console",
            R::Unregistered,
        ),
        30_024 | 30_035..=30_038 if code != 30_036 => {
            ("the sending number is not set up for texts at the carrier", R::Unregistered)
        }
        30_500..=30_539 => {
            ("the registration for business texts was refused: see Twilio's console", R::Unregistered)
        }
        21_606 | 21_659 | 21_660 | 21_661 | 21_703 | 21_704 | 21_712 => (
            "the sending number is not this account's, or cannot send texts: see channels.twilio.from",
            R::Unregistered,
        ),
        21_408 => (
            "this account may not send texts to that country: allow it under Geo permissions",
            R::BadDestination,
        ),
        21_211 | 21_214 | 21_217 | 21_265 | 21_401 | 21_407 | 21_421 | 21_604 => {
            ("the receiver's number is not a telephone number", R::BadDestination)
        }
        21_612 | 21_614 | 30_005 | 30_006 => {
            ("the receiver's number takes no texts: a landline, or a number that is gone", R::BadDestination)
        }
        30_003 => ("the receiver's phone is off or out of reach", R::BadDestination),
        30_004 => ("the receiver's phone or carrier blocks our texts", R::OptedOut),
        30_007 => ("the carrier took it for spam and dropped it", R::Rejected),
        30_036 => ("it was not delivered while it was still of use, and was dropped", R::Rejected),
        30_008 | 30_017 | 30_022 => ("the carrier did not deliver it and does not say why", R::Rejected),
        21_602 | 21_617 | 21_619 => ("Twilio takes no empty or overlong text", R::Rejected),
        _ => ("Twilio refuses it", R::Rejected),
    };
    (format!("{what} (Twilio error {code})"), reason)
}

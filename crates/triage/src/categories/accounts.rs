//! Who may come in: second factors, locks, passwords.

use domain::Category::{Locked, Mfa, Password};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        Mfa,
        7,
        &[
            "mfa|m_f_a|2fa|two_fa|two_factor|2_factor|multi_factor|multifactor|authenticator|authentication_app|duo|okta_verify|yubikey|second_factor|two_step|2_step|dual_factor",
            "verification|security|login|sign_in|authentication|one_time|six_digit|6_digit|text|texted|sms ~1 code|codes|passcode|pin",
            "code|codes ~6 text|texted|phone|sms|never_comes|not_come|not_coming|did_not_get|does_not_arrive|never_arrives|authenticator|app|email_me",
            "push|approve|approval ~3 notification|notifications|request|prompt|sign_in",
            "new phone|cell|iphone|number ~10 code|codes|authenticator|log_in|login|sign_in|verify|approve",
            "fob|token|key_fob|security_key ~4 not|lost|broke|expired|code|battery|dead|work",
            "number ~3 screen|app ~6 match|type|enter",
        ],
    ),
    clue(
        Locked,
        5,
        &[
            "locked|lock|locking|locks ~2 out|me_out|us_out|account|myself|him|her|up_my_account|my_account|user",
            "account|login|user|username|profile|my_ad ~4 locked|disabled|lock|locks|locked_up|suspended|blocked|deactivated|frozen|locking",
            "too_many ~3 attempts|tries|times|failed|wrong|logins",
            "unlock|unlocked ~3 account|user|login|me|my|his|her|profile",
            "wrong_password|password ~5 too_many_times|three_times|five_times|several_times|bunch_of_times",
            "locked out",
        ],
    ),
    clue(
        Password,
        4,
        &[
            "password|passwords|passcode|passphrase|pass_word|pass_code|passwork",
            "forgot|forgotten|remember|reset|expired|change|wrong|incorrect|new|blanking ~4 password|pin|passcode|login|credentials|username",
            "pin ~3 forgot|reset|wrong|windows|change|remember|number",
            "credentials ~3 not|wrong|expired|reset|rejected|invalid",
        ],
    ),
    clue(
        Password,
        2,
        &[
            "forgot|forgotten|can_not_remember|do_not_remember|blanked|drawing_a_blank",
            "password ~3 reset|expired|expires|expiring|not_work|not_working|incorrect|wrong|invalid|change",
            "reset|change ~3 password",
            "caps_lock|post_it|sticky_note",
        ],
    ),
];

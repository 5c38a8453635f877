//! The closed list of sentences, and which facts each may use.

use super::template::Slot;

macro_rules! prompt_ids {
    ($($variant:ident $key:literal needs [$($needs:ident)*] may [$($may:ident)*];)*) => {
        /// Names one sentence of the prompt file; the key in the file is [`PromptId::key`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum PromptId {
            $(#[doc = concat!("`", $key, "` in the prompt file.")] $variant,)*
        }

        impl PromptId {
            /// Every sentence, in the order of the prompt file.
            pub const ALL: &'static [PromptId] = &[$(PromptId::$variant,)*];

            /// The key in the prompt file, and the name of an owner's WAV file for it.
            pub fn key(self) -> &'static str {
                match self { $(PromptId::$variant => $key,)* }
            }

            /// Slots that the sentence must contain.
            pub(crate) fn needs(self) -> &'static [Slot] {
                match self { $(PromptId::$variant => &[$(Slot::$needs),*],)* }
            }

            /// Slots of the call that it may contain inside brackets.
            pub(crate) fn may(self) -> &'static [Slot] {
                match self { $(PromptId::$variant => &[$(Slot::$may),*],)* }
            }
        }
    };
}

prompt_ids! {
    Greeting "greeting" needs [Business] may [];
    GreetingDisclosed "greeting_disclosed" needs [Business] may [];
    GreetingQuestion "greeting_question" needs [] may [];
    RepeatCaller "repeat_caller" needs [] may [];
    RecordingNotice "recording_notice" needs [] may [];
    NotConfigured "not_configured" needs [] may [];
    EmergencyIntro "emergency_intro" needs [] may [];
    RoutineIntro "routine_intro" needs [] may [];
    Clarify "clarify" needs [] may [];
    ClarifyScope "clarify_scope" needs [] may [];
    GoAhead "go_ahead" needs [] may [];
    HumanProof "human_proof" needs [] may [];
    HumanGoodbye "human_goodbye" needs [] may [];
    SafetyGas "safety_gas" needs [] may [];
    SafetyCarbonMonoxide "safety_carbon_monoxide" needs [] may [];
    SafetyElectrical "safety_electrical" needs [] may [];
    SafetyDanger "safety_danger" needs [] may [];
    SafetyWaterShutoff "safety_water_shutoff" needs [] may [];
    SafetySewage "safety_sewage" needs [] may [];
    SafetyDripFaucets "safety_drip_faucets" needs [] may [];
    SafetyKeepCool "safety_keep_cool" needs [] may [];
    SafetyLead "safety_lead" needs [] may [];
    SafetyInterrupt "safety_interrupt" needs [] may [];
    AskName "ask_name" needs [] may [];
    AskNameAgain "ask_name_again" needs [] may [];
    AskNameSpelled "ask_name_spelled" needs [] may [];
    SpellingReadback "spelling_readback" needs [Letters] may [];
    SpellingEcho "spelling_echo" needs [Letters] may [];
    KnownName "known_name" needs [Name] may [];
    AskAddressEmergency "ask_address_emergency" needs [] may [Name];
    AskAddressRoutine "ask_address_routine" needs [] may [Name];
    AskAddressAgain "ask_address_again" needs [] may [];
    AskHouseNumber "ask_house_number" needs [] may [];
    KnownAddress "known_address" needs [Address] may [];
    EchoAddress "echo_address" needs [Address] may [];
    AskCompany "ask_company" needs [] may [Name];
    AskNumberCallerId "ask_number_caller_id" needs [LastFour] may [];
    AskNumber "ask_number" needs [] may [Name];
    NumberReadback "number_readback" needs [Number] may [];
    AskNumberAgain "ask_number_again" needs [] may [];
    AskNumberRest "ask_number_rest" needs [] may [];
    NumberNotDialable "number_not_dialable" needs [] may [];
    NumberNeeded "number_needed" needs [] may [];
    AskNumberKeys "ask_number_keys" needs [] may [];
    Promise "promise" needs [] may [Name];
    PageWait "page_wait" needs [] may [];
    PageFailed "page_failed" needs [] may [];
    PageNowSent "page_now_sent" needs [] may [];
    EmergencyExtra "emergency_extra" needs [] may [];
    IssueReadback "issue_readback" needs [Issue] may [];
    EmergencySignoff "emergency_signoff" needs [] may [Name];
    SignoffUnsent "signoff_unsent" needs [] may [];
    DetailsService "details_service" needs [Thing] may [];
    DetailsAny "details_any" needs [] may [];
    DetailsQuote "details_quote" needs [] may [];
    DetailsMaintenance "details_maintenance" needs [] may [];
    FactsReadback "facts_readback" needs [] may [Name Address];
    NoCalendar "no_calendar" needs [Opens] may [];
    NoCalendarNoHours "no_calendar_no_hours" needs [] may [];
    SameDay "same_day" needs [] may [];
    RoutineExtra "routine_extra" needs [] may [];
    Closing "closing" needs [] may [Name];
    BookingOffer "booking_offer" needs [Day HalfDay] may [];
    BookingConfirm "booking_confirm" needs [Day Time] may [];
    FullyBooked "fully_booked" needs [] may [];
    Transfer "transfer" needs [] may [];
    TransferFailed "transfer_failed" needs [] may [];
    HoldPhrase "hold_phrase" needs [] may [];
    HoldStopped "hold_stopped" needs [] may [];
    Acknowledged "acknowledged" needs [By] may [];
    MspEscalate "msp_escalate" needs [] may [Name];
    MspConnect "msp_connect" needs [] may [];
    MspKnowledge "msp_knowledge" needs [] may [];
    ResolveIntro "resolve_intro" needs [] may [];
    ResolveStep "resolve_step" needs [Step] may [];
    ResolveWait "resolve_wait" needs [] may [];
    ResolveFixed "resolve_fixed" needs [] may [];
    ResolveNext "resolve_next" needs [] may [];
    ResolveDone "resolve_done" needs [] may [];
    ResolveFailed "resolve_failed" needs [] may [];
    Robot "robot" needs [] may [];
    RobotLater "robot_later" needs [] may [];
    Pricing "pricing" needs [] may [];
    PricingOwner "pricing_owner" needs [Pricing] may [];
    Person "person" needs [] may [];
    Hold "hold" needs [] may [];
    GotIt "got_it" needs [] may [];
    NoProblem "no_problem" needs [] may [];
    Added "added" needs [] may [];
    DidNotCatch "did_not_catch" needs [] may [];
    Filler "filler" needs [] may [];
    FillerAgain "filler_again" needs [] may [];
    StillThere "still_there" needs [] may [];
    CannotHear "cannot_hear" needs [] may [];
    SilentGoodbye "silent_goodbye" needs [] may [];
    KeypadMenu "keypad_menu" needs [] may [];
    VoicemailGreeting "voicemail_greeting" needs [] may [];
    VoicemailStart "voicemail_start" needs [] may [];
    VoicemailNumber "voicemail_number" needs [] may [];
    KeyEmergency "key_emergency" needs [] may [];
    VoicemailThanks "voicemail_thanks" needs [] may [];
    SpamClose "spam_close" needs [] may [];
    WrapUp "wrap_up" needs [] may [];
    SpanishCallback "spanish_callback" needs [] may [];
    Goodbye "goodbye" needs [] may [Name];
}

impl PromptId {
    /// The sentence for a safety instruction.
    pub fn for_safety(safety: domain::Safety) -> Self {
        use domain::Safety;
        match safety {
            Safety::Gas => PromptId::SafetyGas,
            Safety::CarbonMonoxide => PromptId::SafetyCarbonMonoxide,
            Safety::Electrical => PromptId::SafetyElectrical,
            Safety::Danger => PromptId::SafetyDanger,
            Safety::WaterShutoff => PromptId::SafetyWaterShutoff,
            Safety::Sewage => PromptId::SafetySewage,
            Safety::DripFaucets => PromptId::SafetyDripFaucets,
            Safety::KeepCool => PromptId::SafetyKeepCool,
        }
    }

    /// Sentences that tell the caller that help was called: only true once a page is stored.
    pub fn is_promise(self) -> bool {
        [
            PromptId::Promise,
            PromptId::PageNowSent,
            PromptId::EmergencySignoff,
            PromptId::KeyEmergency,
            PromptId::MspEscalate,
            PromptId::TransferFailed,
            PromptId::Acknowledged,
        ]
        .contains(&self)
    }

    /// A safety instruction.
    pub fn is_safety(self) -> bool {
        (PromptId::SafetyGas..=PromptId::SafetyKeepCool).contains(&self)
    }
}

//! Danger to life or limb whose cause is unknown or outside our trades.

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "danger.fire",
        label: "fire",
        issue: Issue::Danger,
        service: Service::Unknown,
        grade: Grade::LifeSafety,
        patterns: &[
            "smoke ~3 basement|kitchen|house|attic|garage|bedroom|hallway|wall|walls|vents|furnace|dryer|outlet|ceiling|room|apartment|office|store !detector|alarm|detectors|alarms|test",
            "went|gone|blew|big|loud ~1 boom|bang|kaboom ~8 furnace|boiler|heater|water_heater|transformer|soot|smoke|flames",
            "furnace|boiler|heater|water_heater|transformer ~5 boom|kaboom|exploded|blew_up|backfired|soot",
            "soot ~4 all_over|everywhere|coming|black|pouring",
            "smells|smell|smelling ~3 smoke|smoky|fire|something_burning !wood|cigarette|neighbor|bbq|barbecue|cigarettes|weed|alarm",
            "on_fire|in_flames|up_in_flames|caught_fire|catch_fire|catching_fire|on_a_fire|start_a_fire|started_a_fire",
            "there|is|a|have|seeing|see fire !alarm|extinguisher|department|sprinkler|place|pit|inspection",
            "fire|flames ~3 kitchen|basement|house|room|wall|attic|garage|building|apartment|bedroom|stove|oven !code|inspection|sprinkler",
            "flames ~2 come|coming|shooting|out|from",
            "exploded|explosion|blew_up|going_to_explode|going_to_blow_up|about_to_explode|about_to_blow",
            "fire_alarm|smoke_alarm|smoke_alarms|smoke_detector|fire_alarms|smoke_detectors|fire_detector ~4 smoke|smell|burning|haze|real|fire_department",
            "fire_alarm|smoke_alarm|smoke_alarms|smoke_detector|smoke_detectors ~4 go_off|going_off|went_off|blaring|screaming|will_not_stop !battery",
        ],
    },
    Rule {
        id: "danger.person",
        label: "a person is in danger",
        issue: Issue::Danger,
        service: Service::Unknown,
        grade: Grade::LifeSafety,
        patterns: &[
            "knocked|threw|thrown|blown ~5 butt|back|ass|across|down|feet|off_my_feet ~6 ?touched|outlet|light|switch",
            "touched|touch ~8 knocked|threw_me|thrown|tingle|tingled|numb|jolt",
            "someone|somebody|people|person|kid|kids|child ~5 get|getting|be hurt|killed|burned|electrocuted|injured|shocked",
            "not|can_not|barely|trouble|hard ~1 breathe|breathing|breath",
            "everyone|everybody|we|kids|i ~3 cough|coughing|choking|gagging|wheezing ~6 smoke|fumes|gas|house|furnace|air",
            "smoke|fumes ~6 cough|coughing|choking|gagging|wheezing|eyes_burning",
            "fell|slipped|lying|laying|collapsed|passed ~3 floor|down|out|stairs|ladder ~6 not|hurt|bleeding|blood|moving|get_up",
            "can_not|not|trouble|hard_time|difficulty|having_a_hard_time|hard_to breathe|breathing",
            "pass_out|passed_out|passing_out|unconscious|unresponsive|collapsed_on_the_floor|not_responding_to_me|not_waking_up|will_not_wake_up|fainted|fainting|heart_attack|stroke|seizure|overdose|choking|bleeding|drowning|suffocating",
            "trap|trapped|stuck ~2 inside|elevator|under|basement|lift !pipe|toy|something",
            "life|lives ~2 danger|threatening|risk|stake",
            "life_threatening|threaten_our_lives|matter_of_life|life_or_death|someone_is_going_to_die|going_to_die|could_die|could_kill|might_die|fear_for_my_life|someone_could_get_killed|someone_is_going_to_get_killed",
            "someone|somebody|kid|child|son|daughter|husband|wife|mom|mother|dad|father|guy|man|tenant|worker|coworker|baby|i|he|she ~2 hurt|injured|burned_his|burned_her|burned_badly|burned_my|scalded|bleeding|electrocuted|fell_through|fell_in",
            "scald|scalding ~3 water|burn|skin|child|kid|baby",
            "someone ~2 breaking_in|broke_in|in_my_house|in_the_house",
            "call|called|calling|dial 911|nine_one_one|the_fire_department|fire_department|an_ambulance|ambulance",
            "in_danger|immediate_danger|grave_danger|serious_danger|our_safety|unsafe_to_stay|not_safe_to_stay|not_safe_here|do_not_feel_safe",
            "should_we|should_i|do_we|do_i|need_to|have_to|had_to evacuate|get_out_of|leave_the|get_everyone_out|get_out",
            "evacuated|evacuating|evacuate !water|system",
            "heat_stroke|heatstroke|heat_exhaustion|hypothermia|hypothermic|frostbite|overheated_and_dizzy|turning_blue|lips_are_blue",
            "structure|building|house|floor|wall|porch|deck ~2 collapse|collapsing|about_to_collapse|going_to_collapse|cave_in|caving_in !ceiling",
        ],
    },
];

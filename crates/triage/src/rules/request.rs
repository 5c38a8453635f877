//! The caller's own assessment: "this is an emergency", "I need someone now" and "it can wait" (K22).

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "request.emergency",
        label: "caller says it is an emergency",
        issue: Issue::Unknown,
        service: Service::Unknown,
        grade: Grade::Request,
        patterns: &[
            "emergency|emergencies|emergancy|emerging_see|a_mergency|emergent",
            "urgent|urgently|dire|critical|crisis",
            "dangerous|danger|hazard|hazardous|dangerously",
            "life threatening",
            "need|want|get|send|have|require ~3 emergency_plumber|emergency_electrician|emergency_service|emergency_repair|emergency_technician|emergency_hvac|emergency_call|emergency_plumbing|emergency_appointment|emergency_visit|emergency_tech|emergency_heat",
            "can_not|will_not|not|could_not wait !to|for_the_season|too_long",
            "tomorrow|morning ~2 too_late|not_soon_enough",
        ],
    },
    Rule {
        id: "request.now",
        label: "caller needs someone now",
        issue: Issue::Unknown,
        service: Service::Unknown,
        grade: Grade::Request,
        patterns: &[
            "need|needs|want|get|send|must_have|gotta_have|have_to_have ~4 someone|somebody|plumber|electrician|technician|tech|person|guy|help|repairman|you|anyone|anybody|them|him|engineer ~5 now|tonight|immediately|right_away|this_minute|this_instant|this_second|quickly|quick|this_night|at_once|straight_away|fast",
            "need|needs help|it_fixed|this_fixed|it_looked_at|you ~3 now|tonight|immediately|right_away|fast",
            "come|get_here|get_out_here|come_out|out_here|get_over_here|over_here ~3 right_now|tonight|immediately|right_away|as_fast_as|now !or",
            "can_someone|can_somebody|could_someone|can_you|could_you|could_somebody ~3 come|get|send|out ~4 tonight|right_now|immediately|right_away|now",
            "someone|somebody|plumber|electrician|technician|tech ~3 out_here|here|over ~2 tonight|right_now|now|immediately|right_away",
            "help ~1 immediately|right_now|right_away",
            "need ~1 immediate|emergency",
            "need ~4 fixed|repaired|looked_at|taken_care|handled|done ~2 tonight|right_now|immediately|right_away",
            "needs|requires attention|immediate ~2 tonight|now|immediately|right_away|attention",
            "has_to_be|must_be|got_to_be|needs_to_be|have_to_be ~3 tonight|now|immediately|right_away",
        ],
    },
    Rule {
        id: "request.soon",
        label: "caller would like someone soon",
        issue: Issue::Unknown,
        service: Service::Unknown,
        grade: Grade::Unclear,
        patterns: &[
            "asap|as_soon_as_possible|a_s_a_p|soon_as_you_can|as_soon_as_you_can|as_soon_as_i_can|soonest",
            "anyone|anybody|someone|somebody|plumber|technician ~2 available|come|on_call ~2 tonight|now|right_now",
            "after_hours|on_call|on_duty service|person|tech|technician|plumber|electrician|someone",
        ],
    },
    Rule {
        id: "request.can_wait",
        label: "caller says it can wait",
        issue: Issue::Unknown,
        service: Service::Unknown,
        grade: Grade::CanWait,
        patterns: &[
            "can|could|will|would|should|able_to wait ~1 till|until|for|a|tomorrow|monday|tuesday|wednesday|thursday|friday|morning|next|it|if|no",
            "can|could|will|would|it|that|guess|probably wait",
            "no|not ~1 rush|hurry|hurries|big_deal|pressing|super_urgent|big_rush",
            "not ~4 emergency|urgent|crisis|critical|dangerous|danger",
            "tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|morning|afternoon|daytime|business_hours|next_week|weekend ~2 fine|ok|okay|works|good|great|soon_enough|perfect|is_alright|alright|be_fine",
            "fine|ok|okay|works|good|alright ~2 tomorrow|monday|morning|in_the_morning|till_tomorrow|until_tomorrow|until_monday|until_morning",
            "whenever|when_ever|at_your_convenience|any_time_this_week|anytime_this_week|at_some_point|no_hurry|when_you_can|when_you_get_a_chance|when_you_get_around|when_you_open|when_you_are_open|sometime",
            "in_the_morning|tomorrow|tomorrow_morning|next_week|monday|during_business_hours|during_the_week|this_week|first_thing|first_thing_tomorrow ~2 please|would_be|is_fine|call_me|call|works|fine",
            "call|come|someone|somebody|appointment|schedule|get_me_in|out|visit|stop_by|come_by ~5 tomorrow|in_the_morning|monday|tuesday|wednesday|thursday|friday|next_week|this_week|sometime|during_business_hours|next_month|saturday",
            "not ~2 tonight|right_now|this_late|until_tomorrow|wake !working|work|stop|come",
            "do_not|not need ~5 tonight|right_now|today|immediately",
            "just|only call|calling|leave|leaving ~3 message|ahead|question|info|information",
            "leave|leaving a message",
            "not|no ~1 immediate|immediately",
            "planning ahead",
            "can|will live_with_it|live_without|manage|hold|survive|make_it|get_by",
            "after|over the weekend|holiday|holidays",
        ],
    },
];

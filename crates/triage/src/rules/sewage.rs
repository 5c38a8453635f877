//! Sewage coming back into the house.

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "sewage.backup",
    label: "sewage backup",
    issue: Issue::Sewage,
    service: Service::Plumbing,
    grade: Grade::Urgent,
    patterns: &[
        "grease_trap|grease_interceptor|lift_station|manhole|clean_out|drain_field ~4 back|backing|backed|overflow|overflowing|up|spilling",
        "toilets|drains|sinks|showers|fixtures ~3 overflow|overflowing|backing|backed|coming_up|gurgling|bubbling",
        "flush|flushes|flushed|flushing ~8 comes_up|coming_up|comes_back|backs_up|bubbles_up|rises|fills ~4 tub|shower|bathtub|sink|drain|floor|basement",
        "bath|bathtub|tub|shower|sink|drains|drain|toilet ~6 full_of|filled_with|filling_with ~2 sewage|crap|poop|black|brown|dirty|nasty|waste",
        "smells|stinks|smell ~3 sewage|sewer|poop ~6 coming|water|floor|basement|backing|up",
        "coming|came|comes ~3 up|back|out ~4 poop|sewage|feces|waste|toilet_paper|sludge|raw",
        "%sewage|sewer|septic|suage|sewerage|sue_age|soo_age|sewidge|waste_water|wastewater|raw_sewage|main_drain|main_line|sewer_line|sewer_main|sewar|sooage ~3 back|backing|backed|backup|backups|backflow|back_flow|come|coming|came|overflow|overflowing|bubble|bubbling|in|out|all_over|everywhere|spill|spilling|leak|leaking|rise|rising|flood|flooding|up|pouring|flowing|burst|broke|broken|collapsed|gushing",
        "backup|backing|backed|back|overflowing ~2 sewage|sewer|septic|suage|sewer_line|main_drain|main_line",
        "sewage|suage|sewerage|sue_age",
        "raw|black sewage|suage|water|sewer",
        "poop|shit|=crap|feces|fecal|turds|human_waste|toilet_paper|toilet_water|waste|dookie ~4 come|coming|came|up|out|floor|tub|shower|bathtub|everywhere|basement|backing|backed|floating|all_over|sink|overflow|overflowing",
        "come|coming|came|backing|backed|bubbling|rising|gurgling|overflowing ~2 up|out|back|into ~4 floor_drain|shower|tub|bathtub|toilets|basement_drain|drains|shower_drain|basement",
        "toilet|toilets|sink|washer|dishwasher|flush|flushing ~8 come|comes|coming|backs|backing|back|bubbles|backed ~3 shower|tub|bathtub|floor_drain|sink|basement",
        "every|all|both|multiple|whole_house|three|two drain|drains|toilets|fixtures|bathrooms|sinks ~3 back|backed|backing|clog|clogged|stopped_up|overflowing|plugged|gurgling|not_draining|will_not_drain",
        "floor_drain|basement_drain|cleanout|clean_out ~3 back|backing|backed|overflow|overflowing|coming|bubbling|up|spewing|flooding|gushing",
        "toilet|toilets|commode ~2 back|backing|backed ~1 up ~4 into|all_over|onto|everywhere|bathtub|tub|shower|floor|spilling",
        "dirty|nasty|gross|brown|disgusting|sewer|stinky|foul ~1 water ~3 coming|come|backing|up|out_of|bubbling|everywhere|floor",
        "septic|septic_tank ~3 overflow|overflowing|full_and|backing|backed|alarm",
        "drain|tub|shower|toilet|sink ~4 bring|bringing|spit|spitting|pushing|throwing|bubbling|shooting ~1 up ~4 black|brown|stuff|sewer|dirty|gunk|nasty|sludge",
        "black|brown|dirty|nasty stuff|gunk|sludge|muck ~3 coming|come|up|bubbling|out",
        "sewage|suage|raw_sewage ~4 @room|everywhere|tub|shower|floor|sink|yard",
    ],
}];

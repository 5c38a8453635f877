//! What makes a matter graver or lighter: people, weather, flow, fear; and "it stopped", "just a drip".

use domain::{Issue, Service};

use super::{Grade, Rule};

const fn rule(
    id: &'static str,
    label: &'static str,
    grade: Grade,
    patterns: &'static [&'static str],
) -> Rule {
    Rule { id, label, issue: Issue::Unknown, service: Service::Unknown, grade, patterns }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "amplifier.vulnerable",
        "vulnerable people",
        Grade::Vulnerable,
        &[
            "@vulnerable",
            "#65..110 year|years|yr ?old !house|home|furnace|boiler|building|water|heater|pipe|pipes|unit|system",
            "#65..110 =and sick|alone|frail",
            "#0..12 year|month|week|day|years|months|weeks|days ?old !house|home|furnace|boiler|building|water|heater|pipe|pipes|unit|system|and|ac|one|roof|faucet|toilet",
            "mom|mother|father|dad|husband|wife|neighbor|aunt|uncle|she|he|parents|tenant|lady|who ~1 #70..110",
            "old|older|aging|sick|frail mom|mother|dad|father|parents|lady|man|woman|husband|wife|neighbor|tenant|people|folks|person|aunt|uncle",
            "medical|health ~1 condition|conditions|issue|issues|problem|problems|equipment|device|needs|reasons",
            "just|home from_the_hospital|from_hospital|from_surgery",
            "had surgery",
            "on oxygen|dialysis|chemo|a_ventilator",
        ],
    ),
    rule(
        "amplifier.cold",
        "freezing cold",
        Grade::Cold,
        &[
            "#-60..62 degree|degrees|fahrenheit|f",
            "#-60..62 outside|out_there|out_side|inside|in_here|in_the_house",
            "#-60..60 =in|=inside ~2 house|apartment|here|bedroom|room",
            "house|inside|it|temperature|thermostat ~4 down_to|at|says|reads|reading|dropped_to|showing|is #30..62",
            "down_to|dropped_to|dropping_to #-60..62",
            "below|sub zero|freezing",
            "#1..40 below",
            "minus|negative #..40",
            "single_digits|single_digit|in_the_teens|in_the_twenties|in_the_thirties|in_the_20s|in_the_30s|subzero|sub_zero",
            "freez|freezing|frozen|frigid|ice_cold|icebox|bitter|blizzard|snowstorm|snow|snowing|ice_storm|arctic|polar|cold_snap|windchill|wind_chill|shivering|hypothermia|frosty|frost",
            "so|too|really|very|getting|super|extremely|pretty|freaking|bitterly|awfully|damn cold",
            "cold ~2 house|in_here|inside|outside|out|tonight|in_the_house|at_night|apartment",
            "house|apartment|inside|room|home|building ~2 cold|chilly|colder|freezing",
            "see ~2 breath",
            "it is|gets|getting cold|freezing",
        ],
    ),
    rule(
        "amplifier.hot",
        "extreme heat",
        Grade::Hot,
        &[
            "#98..130 degree|degrees|fahrenheit|outside|in_here|inside|in_the_house|out",
            "extreme|dangerous|excessive|deadly|record heat",
            "heat wave|advisory|warning",
            "heat_wave|heatwave|triple_digits|triple_digit",
        ],
    ),
    rule(
        "amplifier.gush",
        "water pouring",
        Grade::Flowing,
        &[
            "pouring|gushing|spraying|spewing|shooting !rain|outside|down_rain",
            "all_over ~2 floor|place|house",
            "waterfall|geyser|gusher",
        ],
    ),
    rule(
        "amplifier.flowing",
        "active flow",
        Grade::Flowing,
        &[
            "pour|gush|spray|shoot|spew|spurt|squirt|cascade|flood",
            "will_not|not|does_not|can_not ~2 =stop|=stopping|=quit !working|heating|cooling|running|chirping|beeping",
            "getting|gets|keeps_getting|is_getting worse|bigger|faster",
            "getting worse|faster|bigger|heavier|into|everywhere",
            "steady stream|flow",
            "now|really coming out",
            "coming ~2 fast|quick|hard|pretty_good|strong|full",
            "out_of_control|full_blast|nonstop|non_stop|like_crazy|like_a_river|a_river|spreading|rising|water_level",
            "running down|through|into|across|along",
            "bucket|buckets|towels|pot|pots|pan ~3 full|fill|filling|overflowing|every|enough|keep_up|not_holding|soaked",
            "coming through|out_of_the_wall|from_the_ceiling|down_the_wall",
        ],
    ),
    rule(
        "amplifier.distress",
        "caller is distressed",
        Grade::Distress,
        &[
            "do_not|not know what to do|what_i_am_supposed",
            "panic|panicking|freaking out|panicked",
            "freak_out|freaking_out|desperate|terrified|help_me|oh_my_god|please_help|please_hurry|hurry|hurry_up",
            "scared|frightened|afraid !of_heights",
            "oh my god|goodness|lord",
            "i am crying|begging",
        ],
    ),
    rule(
        "lowering.resolved",
        "under control",
        Grade::Resolved,
        &[
            "shut|turn|turned|cut|close|closed|got ~2 water|valve|main|it|shutoff|supply|leak ~2 =off|=down|=closed|=stopped",
            "shut_off|turned_off|closed|cut_off ~3 water|valve|main|it|supply|shutoff|everything",
            "it|water|leak|leaking|dripping|flow|flooding|flood|that ~2 =stopped|has_stopped|is_stopped|=quit|contained|under_control|taken_care|subsided|gone_down|=drained|=dried|=gone|is_off|off_now",
            "=stopped leaking|dripping|running|flowing|coming|pouring|flooding|spraying|gushing|the_leak|the_water|it",
            "heat|power|it|ac|furnace|water ~2 back_on|working_again|working_now|came_back|back_up",
            "we|all|everything ~1 good_now|fine_now|okay_now|ok_now",
            "dry now|already|up|again|out",
            "it|everything|basement|floor|all dry|dried|cleaned|mopped ?now",
            "cleaned|mopped|dried ~2 up",
            "under control|contained",
            "no|not ~1 longer|anymore leaking|running|active|coming",
            "not|no active|actively leak|leaking|flow|flooding|flowing",
            "it|that|they|water|leak ~1 fixed|patched|clamped|capped|plugged !wrong",
            "fixed|patched|clamped|capped ~1 it|that|pipe|leak",
        ],
    ),
    rule(
        "lowering.slight",
        "slight",
        Grade::Slight,
        &[
            "small|slow|little|tiny|minor|slight|bit_of_a|slightly|pinhole|occasional ~1 leak|drip|dripping|leaking|puddle|trickle|seep|issue|problem|amount|stain|leaks|bit_of_water",
            "leak|leaking|drip|dripping|leaks ~2 slowly|little|slightly|occasionally|slow|bit|once_in_a_while|every_now_and_then|tiny|sometimes|not_bad|not_much|slow_drip",
            "drip|drips|dripping|dripped|drippy",
            "stain|stained|spot|discoloration|discolored|damp|moist|mildew|mold",
            "bucket|bowl|pan|pot|towel ~2 under|underneath|beneath|catching|catch",
            "catching|caught ~3 bucket|bowl|pan|pot|towel",
            "only|just ~2 drop|drops|drip|trickle|little|bit",
            "nothing|not ~1 major|big|crazy|serious|terrible|too_bad|bad|that_bad|huge",
            "trickle|trickling|weeping|sweating|condensation",
            "for|past #1..|couple|few|several week|weeks|month|months|year|years|days",
            "for a while|months|weeks|ages|week|month|years|year|couple_weeks",
        ],
    ),
];

//! Carbon monoxide: the alarm, the name as recognisers spell it, and sick people beside a furnace.

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "co.alarm",
        label: "carbon monoxide alarm",
        issue: Issue::CarbonMonoxide,
        service: Service::Hvac,
        grade: Grade::LifeSafety,
        patterns: &[
            "=co|carbon|%monoxide|c_o ~1 thing|monitor|sensor|alert|device|unit|gadget|meter ~6 shut_up|will_not|not|going|loud|off|screaming|quiet",
            "=co|carbon|%monoxide|c_o|carbon_dioxide ~2 @alarm ~6 shut_up|will_not_stop|not_stop|will_not_shut|keeps_going|loud|not_quit|keep_going",
            "poison|poisonous|bad|toxic ~1 air|gas|gases|fumes ~5 @sounding|going_nuts|nuts",
            "alarm|detector ~3 say|says|said|reads|reading|shows|showing ~1 =co|carbon|c_o",
            "alarm|detector|thing|monitor ~5 beep|beeping|beeps|beeped|chirps #4..4 times|beeps",
            "#4..4 beeps|loud_beeps|quick_beeps",
            "carbon|%monoxide|=co ~3 thing|monitor|sensor|alert|device|unit ~4 @sounding|screaming|nuts|crazy|wont_stop|will_not_stop|high",
            "putting_out|producing|leaking|spilling|venting|making ~2 carbon|monoxide|=co",
            "=co|coe|c02|co2|seo|ceo|cee_oh|see_oh|sea_oh|see_o|c_o|c.o|see_all|ceoh ~1 @alarm|larm|larms|alarms ~4 @sounding",
            "@sounding ~4 =co|carbon|%monoxide @alarm",
            "%monoxide|mon_oxide|mono_oxide|mono_side ~2 @alarm ~4 @sounding !battery",
            "carbon|carbin|carbine|carmen|common @alarm ~4 @sounding",
            "carbon|carbin|carbine|carmen|carpet|common %monoxide|mon_oxide|mono_oxide|and_oxide|an_oxide|in_oxide|of_oxide|in_oxide|manoxide|dioxide|monocide|noxide|my_oxide ~3 @alarm ~4 @sounding",
            "=co|monoxide|carbon ~2 @alarm ~3 say|says|read|reads|show|shows|ppm|high|number|numbers|levels",
            "=co|carbon ~1 @alarm|reading|level|levels ~2 high|elevated|positive|#20..",
            "#20.. ppm|parts_per_million",
            "alarm|detector ~4 carbon|monoxide|=co ~3 @sounding",
            "alarm|detector ~3 go_off|going_off|went_off|beeping|screaming|blaring ~6 headache|dizzy|nauseous|sick|woozy|lightheaded|vomiting|faint",
            "headache|headaches|dizzy|nauseous|sick|woozy|lightheaded ~8 detector|alarm ~3 go_off|going_off|went_off|beeping|screaming|blaring",
            "carbon|carbin|carmen|common oxide",
            "detector|alarm ~3 @sounding ~6 carbon|=co|monoxide",
            "alarm|detector|alarms|detectors ~3 @sounding ~8 not ~1 smoke|fire",
            "carbon|carbin|carmen|common %monoxide|dioxide|mon_oxide|and_oxide ~6 @sounding",
            "=co ~4 go_off|going_off|went_off|beep|beeping|screaming|chirping|alarming|going_of",
        ],
    },
    Rule {
        id: "co.named",
        label: "carbon monoxide",
        issue: Issue::CarbonMonoxide,
        service: Service::Hvac,
        grade: Grade::LifeSafety,
        patterns: &[
            "%carbon|carbin|carmen|common|car_bon|carb_on %monoxide|mon_oxide|mono_oxide|and_oxide|an_oxide|in_oxide|manoxide|monocide|noxide|my_oxide !detector|detectors|alarm|alarms|sensor|test|testing|inspection|safety",
            "%monoxide|monoxyd|manoxide poison|poisoned|poisoning|leak|levels|in|fumes",
            "=co poison|poisoning|leak|levels|in_the_house|in_my_house|readings",
            "exhaust|flue_gas|flue_gases|combustion_gases ~3 backing_up|coming_in|come_in|into|filling|fill|in_the_house|spilling",
            "car|truck|generator|engine ~4 run|running|idling ~3 garage|basement|inside ~8 headache|dizzy|sick|faint|alarm|fumes",
            "garage|house ~3 fill|full ~2 exhaust|fumes",
        ],
    },
    Rule {
        id: "co.sick",
        label: "several people feel ill near a heater",
        issue: Issue::CarbonMonoxide,
        service: Service::Hvac,
        grade: Grade::LifeSafety,
        patterns: &[
            "we|everyone|everybody|all|kids|wife|husband|family|both|i ~5 headache|headaches|dizzy|nauseous|lightheaded|woozy|sick|throwing_up|vomiting ~8 since|when|whenever|after ~4 furnace|heat|heater|boiler|generator|fireplace|stove|pilot",
            "feel|feeling|feels|felt|got ~3 sick|dizzy|woozy|lightheaded|nauseous|headache ~14 furnace|boiler|heater|fumes|exhaust|generator",
            "everyone|everybody|we|all|all_of_us|kids|family|wife|husband|whole_family|both ~4 headache|headaches|dizzy|nauseous|nauseated|lightheaded|light_headed|woozy|sick_to_our|throwing_up|vomiting|groggy|passing_out ~10 furnace|heater|heat|boiler|alarm|detector|generator|fireplace|stove|monoxide|inside|house",
            "furnace|heater|boiler|generator|fireplace|stove ~10 everyone|everybody|we|all|kids|i|family|wife|husband ~4 headache|headaches|dizzy|nauseous|lightheaded|light_headed|woozy|throwing_up|vomiting|passing_out|faint",
            "headache|headaches|dizzy|nauseous|lightheaded ~4 when|whenever|every_time|since ~3 furnace|heat|heater|boiler",
        ],
    },
    Rule {
        id: "co.detector",
        label: "carbon monoxide detector",
        issue: Issue::CarbonMonoxide,
        service: Service::Hvac,
        grade: Grade::Unclear,
        patterns: &[
            "=co|coe|seo|see_oh|monoxide|carbon|oxide ~1 @alarm",
            "battery|batteries ~6 =co|monoxide|carbon ~1 @alarm",
        ],
    },
];

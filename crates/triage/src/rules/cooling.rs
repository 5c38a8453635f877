//! No cooling: an emergency only with vulnerable people (or extreme heat), otherwise a question.

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "cooling.out",
    label: "no AC",
    issue: Issue::NoCooling,
    service: Service::Hvac,
    grade: Grade::NoCooling,
    patterns: &[
        "air ~2 not|does_not|is_not|stopped|quit|will_not ~2 work|working|cooling|cool|blowing|blow|on|come|turn|running|cold !pressure",
        "air ~1 =out|quit|died|went_out|gave_out|is_out|conked|broke|broken|is_down|is_dead|crapped !of|filter|duct",
        "no|lost|without|not_have|got_no|not_any @ac",
        "@ac|unit|system ~3 =out|died|dead|quit|stopped|stop|=off|=down|broke|broken|conked|kaput|gone|failed|busted|shot|cut_out|shut_down|shut_off|went_out|gave_out|gave_up|crapped_out|kicked_the_bucket|bit_the_dust|on_the_fritz|die|=went|frozen|freez|iced !tune|warranty|season|noise",
        "@ac ~2 will_not|does_not|is_not|not|never|did_not|has_not|can_not ~2 work|working|come|turn|start|kick|cool|cooling|blow|blowing|run|running|keep|keeping|on|coming|respond",
        "@ac|unit|vents ~3 blow|blowing|blows|putting_out ~1 hot|warm|no_cold",
        "not|no|will_not|never cool|cooling|cold_air|get_cool",
        "house|apartment|it|room|place|home ~3 oven|sauna|boiling|sweltering|roasting|burning_up|unbearable|hot_in|hot_inside|so_hot",
        "@ac ~4 problem|problems|issue|issues|trouble|wrong|acting_up|acting|messed_up|fritz|leak|leaking",
        "problem|problems|issue|trouble|wrong ~4 @ac",
    ],
}];

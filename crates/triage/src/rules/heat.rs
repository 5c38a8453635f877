//! No heat, and furnaces that are only strange.

use domain::{Issue, Service};

use super::{Grade, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "heat.out",
        label: "no heat",
        issue: Issue::NoHeat,
        service: Service::Hvac,
        grade: Grade::NoHeat,
        patterns: &[
            "furnace|boiler|heater|heat_pump|unit ~3 just|only|keeps ~1 clicks|clicking|beeping|humming|flashing|blinking|tripping|shutting",
            "furnace|boiler|heater|heat ~4 shutting|shuts|kicks|kicking|cutting|cuts ~2 off|out",
            "not|no|without|zero ~2 heat|heating|warm_air|hot_air !pump",
            "house|apartment|place|home|room|it|here ~4 cold|freezing|frigid ~6 furnace|boiler|heater|heat|radiators",
            "furnace|boiler|heater|radiators ~8 house|apartment|place|kids|baby|everyone|we ~4 cold|freezing|shivering|frozen",
            "in our|my coats|coat|jackets|parkas|hats_and_gloves",
            "heat|furnace|boiler|heater ~6 been_out|been_off|has_been_out|not_been_on|not_been_working|hasnt_worked|has_not_worked|off_since|out_since",
            "out|low|empty ~2 oil|heating_oil|propane|fuel ~6 heat|furnace|cold|freezing|boiler|tank",
            "cold|freezing|chilly|frigid ~1 in_here|in_the_house|inside|in_my_house|in_our_house|in_the_apartment|in_this_house|in_my_apartment|in_our_apartment",
            "heat_pump|furnace|boiler ~2 frozen|iced|freezing_up|ice",
            "no|know|lost|lose|without|got_no|have_no|zero|not_got|not_have|not_get|not_getting|have_not_had|not_had|not_any|any|new|node heat|heating|%heat|eat !pump|quote|tomorrow|issue|issues|problem|problems|trouble|complaints|shrink|gun",
            "there is no heat",
            "heat|heating|heater|%furnace|boiler|heat_pump|hvac|radiators|radiator|pilot|heating_system|baseboards|baseboard|mini_split|forest|furniss|furnish|furnas|furness|boil_her ~3 =out|died|dead|quit|stopped|stop|=off|=down|broke|broken|conked|kaput|gone|failed|busted|shot|cut_out|shut_down|shut_off|went_out|gave_out|gave_up|crapped_out|kicked_the_bucket|bit_the_dust|on_the_fritz|give_up|given_up|shuts_off|shutting_off|toast|fried|kicked_out|kick_on|tripped|locked_out|die|=went|ain't !tune|warranty|coverage|noise|season|filter",
            "heat|heating|heater|furnace|boiler|heat_pump|hvac|radiators|pilot|pilot_light|unit|thermostat|baseboards|forest|furnish ~2 will_not|does_not|is_not|not|never|did_not|has_not|refuses_to|can_not ~2 work|working|come|turn|start|kick|fire|ignite|light|stay|run|running|heat|heating|putting|blow|blowing|warm|keeping|keep|produc|respond|on|coming|relight|relit|lit|going|get_warm",
            "can_not|not|unable ~2 get|keep ~3 heat|furnace|boiler|heater|pilot|house ~4 on|work|working|start|started|lit|light|going|warm|running|relit|relight|kick|stay|turn|up_to|fire|ignite|heat|back|catch|come",
            "blow|blowing|blows|pushing|putting_out ~2 cold|cool|no_heat|freezing|lukewarm ~2 air !ac",
            "furnace|heater|heat|boiler|heat_pump|vents|hvac|it ~2 blow|blowing|blows ~2 cold|cool",
            "radiator|radiators|baseboard|baseboards|registers|vents ~2 cold|ice_cold|stone_cold|not_hot|not_warm",
            "house|apartment|it|place|room|home|building|inside|temperature ~2 freez|freezing|ice_cold|an_icebox|icebox|ice_box|below_freezing|frigid|freezer|meat_locker|like_a_refrigerator|like_ice",
            "freezing in|inside !rain",
            "we|i|kids|everyone|tenants|they ~1 freezing|freezing_to_death|frozen|freezing_our|shivering",
            "see ~2 breath ~2 inside|in|house",
            "house|inside|it|temperature|apartment|thermostat|indoor ~3 dropping|dropped|falling|drops|down_to|going_down|plummet|getting_colder|getting_cold|losing_heat",
            "wear|wearing|under|bundled ~3 coats|coat|jackets|blankets|gloves|parkas|hats",
            "run|ran out ~1 heating_oil|oil|fuel_oil|propane|fuel",
            "out_of oil|heating_oil|fuel_oil|propane|fuel",
            "not warming|heating|getting_warm ~2 house|up|anything|at_all",
            "house|apartment|home|it|room ~2 will_not|not|does_not ~1 warm|heat|get_warm|heat_up|warming|heating|getting_warm",
            "heat ~2 not_been|been_out|been_off|was_off|out_since",
            "furnace|boiler|heater|heat error|code ~2 out|off|stopped|shut",
        ],
    },
    Rule {
        id: "heat.vague",
        label: "furnace trouble",
        issue: Issue::NoHeat,
        service: Service::Hvac,
        grade: Grade::Unclear,
        patterns: &[
            "something|somethings|issue|issues|problem|problems|trouble|wrong ~4 furnace|heater|heat|boiler|heating|heat_pump|hvac",
            "furnace|heater|heat|boiler|heating|heat_pump|hvac ~3 issue|issues|problem|problems|trouble|wrong|acting_up|acting|messed_up|not_right|weird|funny|screwed_up|fritz|on_and_off|cycling|short_cycling|intermittent|struggling",
            "furnace|boiler|heater|heat_pump ~2 leak|leaking|banging|clanking|screeching|grinding|loud_bang|rumbling_loud|booming",
            "heat ~2 not_great|weak|barely|low|poor|not_keeping",
        ],
    },
    Rule {
        id: "heat.noise",
        label: "strange furnace noise",
        issue: Issue::MinorRepair,
        service: Service::Hvac,
        grade: Grade::Slight,
        patterns: &[
            "weird|strange|odd|funny|loud|rattling|squeaking|humming|whistling|clicking|squealing|banging|little|knocking|annoying noise|noises|sound|sounds",
            "making|makes|make ~4 noise|noises|sound|racket|clicking|rattling|squeaking|humming|whistling",
            "rattle|rattling|squeak|squeaking|squealing|whistling|clicking|clanking|knocking|rumbling|vibrating",
            "noisy|louder_than_usual",
        ],
    },
];

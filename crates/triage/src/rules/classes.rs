//! Word classes of the trade, used in patterns as `@name`. Each is a list of words and `_` phrases.

/// The words of a class; empty for an unknown name, which a test forbids.
pub(super) fn class(name: &str) -> &'static str {
    CLASSES.iter().find(|(n, _)| *n == name).map_or("", |(_, words)| words)
}

pub(super) const CLASSES: &[(&str, &str)] = &[
    // things that carry water
    (
        "pipe",
        "pipe|%pipe|pipeline|plumb|water_line|supply_line|waterline|hose|spigot|hose_bib|bibb|valve|fitting|joint|pex|copper|main|water_main|line|plumbing|tubing|riser",
    ),
    (
        "fixture",
        "toilet|commode|faucet|tap|sink|shower|showerhead|tub|bathtub|bath|dishwasher|washer|washing_machine|disposal|garbage_disposal|fridge|refrigerator|icemaker|ice_maker|water_heater|hot_water_heater|heater|hot_water_tank|tank|boiler|radiator|softener|water_softener|sprinkler|humidifier|spigot|hydrant|geyser|urinal|well_pump|aquarium|waterbed|hot_tub",
    ),
    (
        "ceiling",
        "ceiling|roof|wall|light|light_fixture|drywall|sheetrock|plaster|floorboards|chandelier|vent|ductwork",
    ),
    (
        "room",
        "basement|kitchen|bathroom|bedroom|garage|laundry|laundry_room|hallway|hall|house|home|apartment|unit|condo|floor|carpet|room|den|living_room|attic|crawlspace|crawl_space|closet|cellar|utility_room|office|shop|store|restaurant|building|place|lobby|stairwell|stairs|furniture|downstairs|upstairs|yard|driveway|warehouse|mudroom|nursery|dining_room|rug|hardwood|cabinet|counter|trailer|cabin|school|church|clinic|dorm|playroom",
    ),
    (
        "pour",
        "pour|gush|spray|shoot|spew|spurt|squirt|stream|cascade|blast|geyser|geysering|jet|flow|rush|fountain|flood|%gushing|%spraying|%pouring|piss|dump|bubbl|sprai",
    ),
    (
        "burst",
        "burst|%burst|bust|busted|rupture|split|explode|pop|snap|crack|break|separate|let_go|blow|blow_off|come_apart|come_off|come_loose|shear|give_way|give_out|disconnect|sever|break_off|fall_off|buss",
    ),
    ("everywhere", "everywhere|every_where|all_over|all_around|all_across|all_down"),
    (
        "lots",
        "lot|lots|ton|tons|fast|bad|badly|heavily|nonstop|non_stop|constantly|worse|steady|steadily|major|massive|massively|serious|buckets|gallons|quickly|crazy|everywhere",
    ),
    // heat and cold
    (
        "heater",
        "furnace|%furnace|boiler|heater|heat|heating|heat_pump|radiator|radiators|baseboard|baseboards|heating_system|space_heater|hvac|central_heat|pilot|pilot_light|wall_heater|mini_split|propane_heater|steam_heat",
    ),
    (
        "out",
        "out|dead|down|off|kaput|gone|broken|broke|die|quit|conk_out|fail|kick_the_bucket|give_out|give_up|crap_out|crapped|bust|busted|shot|kill|toast|fry|fried|cut_out|shut_down|shut_off|stop|stopped|went_out|go_out|conked|bite_the_dust|on_the_fritz|dies",
    ),
    (
        "ac",
        "ac|a/c|air_conditioner|air_conditioning|air_condition|air_con|aircon|cooling|central_air|cool_air|cold_air|conditioner|ac_unit|swamp_cooler",
    ),
    // wires
    (
        "electric",
        "outlet|socket|plug|receptacle|switch|light_switch|panel|breaker|breaker_box|breaker_panel|fuse|fuse_box|fusebox|electrical_box|electrical_panel|electric_panel|wire|wiring|cord|cable|light|light_fixture|fixture|ceiling_fan|fan|junction_box|meter|transformer|power_line|dimmer|lamp|chandelier|electrical|electric|electricity|power_strip|extension_cord|charger|generator|meter_base|service_panel|main|subpanel|gfci|gfi|doorbell|thermostat|box|wall_plate|plugin",
    ),
    (
        "appliance",
        "dryer|oven|stove|range|cooktop|microwave|dishwasher|washer|washing_machine|fridge|refrigerator|freezer|furnace|heater|water_heater|boiler|ac|air_conditioner|space_heater|motor|blower|compressor|pump|disposal|unit|air_handler|condenser|attic_fan|exhaust_fan|toaster|hot_tub|mini_split|baseboard|vent|vents|register",
    ),
    (
        "smell",
        "smell|%smell|mell|mells|smells|odor|odour|scent|stink|reek|whiff|stench|fume|fumes|aroma|smelled|oder",
    ),
    ("alarm", "alarm|%alarm|detector|%detector|sensor|monitor|detecter|thing|thingy|device|gadget|tester"),
    (
        "sounding",
        "go_off|going_off|beep|scream|chirp|blare|ring|sound|alert|flash|blink|going_of|go_nuts|go_crazy|going_nuts|going_crazy|going_haywire|go_haywire|going_wild|going_berserk|going_bonkers|blast|squawk|whistle|hollering|freaking_out|acting_up|active|not_stop|trip|shriek|wail|squeal|screech|yell|activate|trigger|sounding|red|buzz|keep_going|went_off|set_off|sounded|peep|ping",
    ),
    // people who are hurt sooner than others
    (
        "vulnerable",
        "baby|infant|newborn|toddler|kid|kiddo|child|son|daughter|grandson|granddaughter|grandkid|grandchild|little_one|little_ones|elderly|senior|seniors|grandma|grandpa|grandmother|grandfather|granny|nana|disabled|handicapped|wheelchair|bedridden|oxygen|dialysis|pregnant|asthma|asthmatic|copd|ventilator|preemie|premature|month_old|months_old|week_old|weeks_old|nursing_home|daycare|day_care|assisted_living|hospice|ill|medical_condition|heart_condition|medical_equipment|insulin|cpap|epileptic|cancer|chemo|feeding_tube|diabetic|quadriplegic|paralyzed|twins|breathing_machine|nebulizer|alzheimer|dementia|heart_problems|lung_condition|breathing_problems|respiratory|immunocompromised|recovering_from_surgery|medically_fragile",
    ),
    // IT
    (
        "system",
        "server|internet|network|wifi|wi_fi|phone_system|phones|phone_lines|phone_line|email_server|mail_server|exchange|email|e_mail|mail|file_server|domain_controller|firewall|vpn|system|systems|website|web_site|site|database|sql|pos|point_of_sale|cash_registers|registers|card_reader|card_readers|payment_system|credit_card_machine|credit_card_machines|terminals|router|switch|active_directory|citrix|rdp|remote_desktop|quickbooks|erp|emr|ehr|san|nas|hypervisor|vmware|cloud|office_365|o365|microsoft_365|m365|sharepoint|shared_drive|teams|production|line_of_business|voip|everything|application|software|booking_system|scheduling_system|practice_management|azure|hosting|storage|data_center|circuit|fiber|modem|computers|workstations|machines|dispatch_system|printers",
    ),
    (
        "all",
        "nobody|no_one|everyone|everybody|all_of_us|whole_office|entire_office|whole_company|entire_company|whole_team|all_users|all_staff|whole_building|everyone's|whole_department|whole_floor|all_our_users|none_of_us|the_office|all_employees|whole_site|whole_clinic|whole_practice|whole_warehouse|anyone|anybody|whole_staff|our_team|the_team|all_my_people|whole_plant|every_user|every_employee",
    ),
    ("cannot", "can_not|could_not|unable|will_not|not_able|can_nobody|locked|kicked|cannot"),
    (
        "itdown",
        "down|offline|off_line|dead|crash|out|unreachable|not_responding|not_working|go_down|went_down|stop|fail|unavailable|not_respond|inaccessible|frozen|not_up|broken|is_not_working|blow_up|hung|not_loading|timing_out|cut_out",
    ),
];

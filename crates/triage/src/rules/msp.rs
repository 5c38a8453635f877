//! IT trouble: who is stopped, and by what. Only read on lines of an IT service provider.

use domain::{Issue, Service};

use super::{Grade, Rule};

const fn rule(
    id: &'static str,
    label: &'static str,
    issue: Issue,
    grade: Grade,
    patterns: &'static [&'static str],
) -> Rule {
    Rule { id, label, issue, service: Service::It, grade, patterns }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "it.outage",
        "systems down",
        Issue::ItOutage,
        Grade::ItWide,
        &[
            "server|servers|email_server|mail_server|exchange|file_server|domain_controller|firewall|network|internet|phone_system|phones|phone_lines|database|sql|pos|point_of_sale|cash_registers|card_readers|payment_system|emr|ehr|erp|production|active_directory|everything|whole_system|systems|website|web_site|circuit|fiber|san|hypervisor|vmware|data_center|terminals|dispatch_system|practice_management|line_of_business|booking_system|voip|citrix|core_switch|shared_drive|computers|workstations|machines ~4 @itdown",
            "server|servers|domain_controller|hypervisor|host|san|nas|firewall|raid ~3 will_not|does_not|not|can_not ~2 boot|start|come|turn|respond|responding|power|working|reachable|ping|pinging|online|up",
            "lost|no|without|lose|zero|not_have internet|network|connectivity|phones|dial_tone|email|server|power_to_the_server|network_connection|phone_service|wifi ~6 @all|office|building|site|location|company|store|clinic|shop|warehouse|branch|anywhere",
            "lost|no|without|lose internet|network|phones|phone_service|dial_tone|connectivity",
            "internet|network|phones|phone_system|email|server|servers|wifi|system|systems|website|vpn ~4 @itdown ~6 @all|whole|entire|office|building|site|company|all_day|store|clinic|customers|patients",
            "@all ~4 @cannot ~3 work|log|login|get|access|connect|print|open|use|do|send|receive|take|process|reach|call|email|see|sign|ring|bill|ship|clock",
            "@all ~4 can|able ~3 work|log|login|get|access|connect|print|open|use|do|send|receive|take|process|reach|call|email|see|sign|ring",
            "@all ~3 locked_out|kicked_off|offline|down|disconnected|dead_in_the_water|getting_an_error|unable|is_out|lost_access|getting_errors|getting_kicked|booted|stuck|affected|having_this|having_the_same|same_problem|same_issue|stranded|idle|sitting_around",
            "we|office|company|business|store|clinic|practice|plant|warehouse|staff ~2 @cannot ~2 work|log|login|access|get_into|do_anything|take_payments|process|operate|bill|ship|see_patients|take_orders|take_calls|make_calls|get_online|open|function|run",
            "whole|entire|all|none_of|every|both|everyone|everybody ~3 network|internet|system|systems|registers|computers|computer|phones|phone|servers|server|machines|workstations|terminals|offices|sites|locations|screens|site|building|printers|apps|email ~6 down|drop|dropped|out|not|error|blue|dead|died|crash|crashed|offline|locked|gone|frozen|work|working|lost|black|went|quit|kicked|fail|failed|stopped",
            "dead_in_the_water|business_is_stopped|business_is_down|losing_money|losing_sales|line_of_customers|costing_us|production_is_down|production_down|shut_down_for|work_stoppage|lost_everything|all_our_data|all_of_our_data|completely_down|all_down|entirely_down|everything_is_gone",
            "server|servers|server_room|rack|data_center|network_closet ~4 beep|beeping|alarm|hot|overheat|overheating|flooding|smoke|smoking|no_power|without_power|water|red_light|red_lights|amber|ac",
            "ups|battery_backup ~3 beep|beeping|dead|failed|alarm|screaming|on_battery",
            "raid|array|drive|drives ~2 fail|failed|degraded|failure",
            "our|the|all|entire|whole ~1 email|e_mail|mail|internet|network|wifi|phone_system|server|servers|phones|website|system ~3 @itdown",
        ],
    ),
    rule(
        "it.people",
        "several people stopped",
        Issue::ItOutage,
        Grade::ItWide,
        &[
            "people|folks|guys|clients|staff|employees|users|customers|patients|techs|team ~4 @cannot ~3 work|log|login|get|access|connect|print|open|use|do|send|receive|take|process|reach|call|email|see|sign|ring",
            "people|folks|staff|employees|users|customers|patients ~3 locked_out|kicked_off|offline|disconnected|getting_errors|stuck",
            "#2..9999 users|people|employees|staff|computers|workstations|of_us|person|agents|nurses|stations|machines|doctors|desks|reps|teachers ~5 @cannot|locked|down|stuck|offline|affected|standing_around|waiting|sitting|idle|without|out",
            "@cannot|locked|down|stuck|affects|affecting|affected|waiting ~5 #2..9999 users|people|employees|staff|computers|workstations|of_us|agents",
        ],
    ),
    rule(
        "it.security",
        "security incident",
        Issue::ItOutage,
        Grade::ItWide,
        &[
            "ransomware|ransom|ransom_note|malware|hacked|hack|hacker|hackers|breach|breached|compromised|cryptolocker|encrypted|data_theft|cyber_attack|cyberattack|infected|trojan|intruder|ransom_wear|random_ware|ransome_where|randsomware|wire_fraud",
            "virus !protection|scanner|subscription",
            "files|folders|data|drive ~4 encrypted|locked|renamed|gone|missing|deleted|weird_extension|scrambled|will_not_open",
            "clicked|click|opened ~4 link|attachment|phishing|email ~8 password|gone|locked|weird|popup|screen|now|credentials|login|bad|phishing|suspicious",
            "entered|gave|typed|put_in ~4 password|credentials|bank|login|card ~6 fake|phishing|link|site|scam|someone|email|caller",
            "someone|somebody|they ~3 in|into|access|sending|sent|controlling|remote|moving ~3 email|account|network|computer|mouse|bank|server|system",
            "wired|wire|transferred|sent ~4 money|payment|funds|gift_cards ~6 scam|fake|wrong|fraud|ceo",
            "suspicious login|logins|activity|sign_in|wire|transfer",
            "mouse ~3 moving|by_itself",
            "screen ~4 bitcoin|pay|ransom|skull",
            "stolen|lost ~2 laptop|server|computer|phone",
        ],
    ),
    rule(
        "it.one_user",
        "one user's trouble",
        Issue::ItTrouble,
        Grade::ItSingle,
        &[
            "forgot|forgotten|reset|change|expired|new|need|lost|resetting|wrong ~3 password|passwords|pin|passcode|username|login",
            "remember ~2 password|pin|passcode|username",
            "password ~3 reset|expired|not_working|change|will_not|wrong|forgot|does_not",
            "my|his|her account|login|password|mfa|laptop|computer|pc|printer|monitor|keyboard|mouse|screen|headset|outlook|email|phone|vpn|excel|teams|docking_station|workstation|desktop|tablet|ipad|mailbox|zoom|onedrive|authenticator|code|webcam|camera|speakers|scanner|dock",
            "printer|scanner|copier|plotter|fax ~5 not|jam|jammed|offline|toner|will_not|blank|print|printing|paper|scan|error|stuck|ink|streaks",
            "can_not|unable|trouble ~2 print|scan|hear|find|see_my|open_my|open_the_file|open_a_file",
            "computer|laptop|pc|machine|desktop|screen|outlook|excel|word|browser|chrome|teams|zoom|phone|it ~3 slow|sluggish|laggy|lagging|freezing|frozen|crashing|crashes|crashed|choppy",
            "locked_out ~2 my|of_my|account",
            "new employee|hire|user|laptop|computer|monitor|phone|license|starter|mouse|keyboard|starting",
            "mfa|two_factor|authenticator|verification_code|2fa|token ~4 not|new|code|reset|lost|expired|app|setup|work",
            "set_up|setup|install|installed|add|onboard|order|upgrade|update|license|licenses|renew|request|purchase ~4 user|laptop|computer|email|account|software|printer|phone|employee|monitor|office|adobe|access|license|licenses|machine|someone",
            "deleted ~3 file|folder|email|by_accident|by_mistake",
            "need|want|request ~2 access|license|monitor|mouse|keyboard|update|help_with_excel|adapter|cable|charger",
            "spam|phishing|suspicious|weird email|emails|message|messages !clicked|click",
            "toner|ink_cartridge|paper_jam|headset|second_monitor|dual_monitors|email_signature|out_of_office|mailing_list|distribution_list|calendar_invite|shared_mailbox|wallpaper|bookmark|zoom_link|ringtone|extension|caller_id|voicemail_pin|voicemail_greeting",
            "just|only me|my_computer|one_user|one_person|mine|the_one|my_machine|my_account|myself|one_computer|one_of_us|my_laptop|one_workstation",
            "one user|person|computer|employee|workstation|machine|printer|laptop",
        ],
    ),
    rule(
        "it.unclear",
        "IT trouble of unknown reach",
        Issue::ItTrouble,
        Grade::ItUnclear,
        &[
            "vpn|email|e_mail|internet|wifi|network|server|outlook|quickbooks|phones|teams|shared_drive|system|software|application|website|remote_desktop|rdp|connection|citrix|sharepoint|database|cloud|app|program|backup|backups|office_365 ~5 not|down|drop|dropping|disconnect|disconnecting|error|issue|issues|problem|problems|trouble|slow|offline|fail|failed|failing|crash|crashed|crashing|out|stopped|intermittent|acting|will_not|broken|weird|dead|keeps|frozen",
            "can_not|unable|could_not|not_able|trouble ~2 log|login|get|access|connect|open|send|receive|print|reach|use|see|work|sign",
            "error|code|blue_screen|bluescreen",
            "computer|computers|laptop|pc|workstation|phone|monitor|machine ~4 not|will_not|crash|crashed|dead|black|broken|down|stopped|died|error|stuck|frozen",
            "locked out",
        ],
    ),
];

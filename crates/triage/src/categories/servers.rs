//! The server room: servers, their power, their backups.

use domain::Category::{Backup, Server, Ups};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        Ups,
        8,
        &[
            "=the|=our|=a|=apc|=this|=that|=my|=an|=and ups !package|driver|store|truck|tracking|delivery|label|shipment|shipping|account|guy|man",
            "ups ~3 beep|beeping|battery|fail|failed|dead|replace|alarm|alarming|power|red|load|hold|died|unit|light|shut|screaming|self_test|not|is",
            "uninterruptible|uninterruptable|apc|battery_back_up|battery_backup|battery_backups|power_backup|backup_battery|backup_power|power_conditioner|eaton|tripp_lite|cyberpower !package|driver|store|truck|tracking|delivery|label|shipment|shipping|account",
            "battery ~5 rack|server|servers|server_room|closet|network_closet|data_closet|under_my_desk|under_the_desk ~4 ?beep|beeping|replace|dead|swollen|red",
            "beep|beeping|chirping|screaming ~6 rack|server_room|server_closet|closet|battery|under_my_desk|under_the_desk|power_box|big_black_box|black_box",
            "rack|server_room|server_closet|closet|black_box|power_box|big_battery ~5 beep|beeping|chirping|screaming !server",
            "surge_protector|power_surge|power_strip ~8 server|rack|battery|computers|equipment",
            "on_battery|runtime|battery_runtime",
            "power ~4 blip|blipped|flicker|flickered|outage|went_out|cut ~10 server|servers|rack|battery|shut_down|turned_off",
        ],
    ),
    clue(
        Backup,
        6,
        &[
            "backup|backups|back_ups|backed_up|veeam|datto|acronis|carbonite|backblaze|snapshot|snapshots|shadow_copy|offsite_copy !battery|power|generator|internet|toilet|line|phone|plan|email",
            "restore|restoring|recover|recovered|recovering|retrieve|undelete|get_back ~6 file|files|folder|folders|data|document|documents|spreadsheet|version|database|email|mailbox|deleted|yesterday",
            "deleted|delete|overwrote|overwritten|erased|lost|wiped|saved_over|disappeared|vanished|trashed ~5 file|files|folder|folders|document|documents|spreadsheet|data|database|project|photos|drive|proposal|directory|it_by_mistake|it_by_accident",
            "file|files|folder|folders|document|spreadsheet|presentation|database|proposal ~5 deleted|overwritten|erased|wiped|disappeared|vanished|gone|saved_over|missing",
            "previous|older|earlier|last_week|yesterday ~2 version|copy|versions",
            "accidentally|by_mistake|by_accident ~3 delete|deleted|erased|overwrote|saved_over",
        ],
    ),
    clue(
        Server,
        4,
        &[
            "server|servers|file_server|domain_controller|hypervisor|vmware|hyper_v|esxi|virtual_machine|vm|vms|vcenter|san|nas|sql|database_server|terminal_server_is|active_directory|raid|raid_array|synology|exchange_server|app_server|application_server !room_battery",
            "mapped|network|shared|share|company|office|team ~1 drive|drives|folder|folders|share|shares",
            "s|p|h|f|g|x|z|k|q|m|y drive",
            "drive ~2 letter|mapping|mapped",
            "erp|emr|ehr|epic|sap|practice_management|line_of_business|database ~4 @bad|@cannot|error|hung|will_not",
            "quickbooks ~6 multi_user|company_file|server|host|everyone|database|network",
        ],
    ),
    clue(
        Server,
        3,
        &[
            "server|servers|domain_controller|host|vm|sql|database ~4 down|offline|crash|crashed|reboot|rebooted|restart|slow|full|out_of_space|disk_space|hung|unreachable|not_responding|boot|died|dead|fan|overheating|hot|red_light|amber|failed|space|memory",
            "disk|drive|raid|array|storage ~4 failed|full|failure|degraded|predictive|amber|out_of_space ~6 server|array|host|san|nas",
            "server_room|server_closet|data_center|server_rack",
        ],
    ),
];

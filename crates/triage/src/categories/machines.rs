//! What stands on the desk: crashes, new devices, everything else about one computer.

use domain::Category::{Crash, NewDevice, Workstation};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        NewDevice,
        7,
        &[
            "new|replacement|loaner|brand_new|another|spare|additional ~2 laptop|laptops|computer|computers|pc|pcs|desktop|workstation|workstations|machine|phone|iphone|tablet|ipad|ipads|monitor|hire|hires|employee|employees|user|users|starter|starters|person|people|staff|guy|girl|intern|interns|coworker|associate|receptionist|macbook|docking_station|dock|keyboard|mouse|headset|printer|nurse|doctor|attorney|paralegal|salesperson|sales_rep|rep|manager|bookkeeper|team_member|hardware|equipment|device|devices|surface|webcam|cell",
            "set_up|setup|setting_up|configure|provision|image|onboard|onboarding|deploy|hook_up|unbox|get_going|enroll ~5 laptop|laptops|computer|computers|pc|pcs|desktop|workstation|workstations|machine|phone|tablet|ipad|ipads|employee|user|hire|someone|monitor|monitors|account|macbook|printer|device|person|dock|docking_station",
            "onboarding|onboard|new_hire|new_hires|new_user|new_starter|new_employee",
            "start|starts|starting|begin|begins|joining ~4 monday|tuesday|wednesday|thursday|friday|tomorrow|next_week|the_first|today ~8 ?laptop|computer|account|email|set",
            "order|ordering|buy|purchase|quote|get|need ~3 laptop|laptops|computer|computers|pc|desktop|workstation|monitor|monitors|ipad|tablet|docking_station|macbook|mouse|keyboard|headset",
            "transfer|move|migrate|copy ~4 files|data|stuff|everything ~6 new|other|old|another",
            "out_of_the_box|still_in_the_box|in_the_box|came_in_the_mail|just_arrived|just_delivered",
        ],
    ),
    clue(
        Crash,
        6,
        &[
            "blue_screen|blue_screens|bluescreen|bluescreens|bsod|blue_screened|screen_of_death|stop_code|stop_error|kernel_panic|frowny_face|sad_face|blue_screening|memory_dump|blue_death",
            "crash|crashes|crashing|crashed !server",
            "freeze|freezes|freezing|frozen|locks_up|locking_up|locked_up|lock_up|hangs|hanging|hung|hang|froze|seizes_up|not_responding|unresponsive|stops_responding !account|temperature",
            "restart|restarts|restarting|reboot|reboots|rebooting|shuts|shutting|shut|turns|turning ~3 itself|its_own|own|randomly|by_itself|random|middle|down_randomly|off_randomly|out_of_nowhere|without_warning",
            "keeps|kept|constantly|randomly|just ~2 restarting|rebooting|closing|crashing|freezing|shutting_down|shutting_off|quitting|closing_itself|turning_off|hanging|dying",
            "program|app|application|software|excel|word|quickbooks|outlook|chrome|browser|autocad|teams|it ~4 closes|closing|quits|quit|shuts_down|dies|kicks_me_out|disappears|has_stopped_working|stopped_working|not_responding ~4 ?itself|own",
            "boot_loop|reboot_loop|restart_loop|spinning_beach_ball|beach_ball",
        ],
    ),
    clue(
        Workstation,
        3,
        &[
            "computer|laptop|pc|desktop|workstation|machine|monitor|monitors|screen|screens|keyboard|mouse|trackpad|touchpad|dock|docking_station|webcam|camera|microphone|mic|speakers|speaker|headset|headphones|sound|audio|usb|hard_drive|battery|charger|fan|display|hdmi|bluetooth|tower|imac|macbook|touchscreen|thumb_drive|flash_drive|tablet|ipad|dual_monitors|second_monitor|power_button|display_cable|adapter|desktop_icons|icons|taskbar|projector|power_cord|laptop_lid|hinge",
        ],
    ),
    clue(
        Workstation,
        2,
        &[
            "@machine|it ~4 slow|sluggish|laggy|lagging|crawling|forever|hot|loud|noise|black|dead|turn_on|power_on|start|boot|wake|charge|charging|full|molasses|spinning|power_up|come_on|startup|beeps|beeping|flickering|hourglass|age|wheel",
            "turn_on|power_on|boot|boot_up|start_up|wake_up|power_up|come_on ~5 ?@machine",
            "screen|monitor|display|monitors ~4 black|blank|dark|flickering|flicker|cracked|lines|dead|upside_down|sideways|not|no_signal|went|fuzzy|purple|tiny|off",
            "spilled|dropped|coffee|cracked|water ~6 keyboard|laptop|screen|computer",
            "no sound|audio|signal|picture|video",
            "slow|sluggish|molasses|out_of_space|low_disk_space|disk_full|storage_full|hard_drive_full",
        ],
    ),
];

//! Programs of the office: mail, Microsoft 365, licences, updates, printers.

use domain::Category::{Email, License, M365, Patch, Printer};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        License,
        7,
        &[
            "license|licenses|licence|licences|licensing|licensed|unlicensed|product_key|activation_key|serial_number|subscription|subscriptions|activate|activation|deactivated_product|product_activation|license_key|seat|seats|renewal !plate",
            "trial ~3 expired|ended|over|ends|up",
            "office|word|excel|windows|adobe|autocad|acrobat|quickbooks ~5 activate|activated|activation|unlicensed|expired|product_key|genuine|not_genuine|renew|renewed|read_only_mode|reduced_functionality",
            "not_genuine|genuine_windows|reduced_functionality",
            "buy|purchase|renew|order ~4 copies|copy|adobe|autocad|office|acrobat|software",
        ],
    ),
    clue(
        Patch,
        7,
        &[
            "patch|patches|patching|patched|hotfix|windows_update|windows_updates|security_update|security_updates|feature_update|firmware|firmware_update|service_pack|patch_tuesday|cumulative_update",
            "update|updates|updated|updating|upgrade|upgraded ~6 stuck|fail|failed|failing|install|installing|installed|percent|restart|reboot|rebooting|loop|broke|since|after|overnight|pending|hours|error|windows|forever|roll|rolled|undo|undoing|revert|automatic|nag|nagging|wants|asking|keeps|won't|will_not|not|ran",
            "since|after|ever_since|following ~5 update|updates|updated|upgrade|upgraded",
            "roll_back|rollback|uninstall ~3 update|updates|patch",
            "restart_to_update|update_and_restart|working_on_updates|configuring_updates|preparing_updates|do_not_turn_off_your_computer",
            "vulnerability|vulnerabilities|cve|zero_day|out_of_date|outdated",
            "windows #10..12 ~3 upgrade|update|end_of_life",
            "upgrade ~3 windows|windows_11|windows_eleven",
            "update|updates",
        ],
    ),
    clue(
        Printer,
        6,
        &[
            "printer|printers|print|printing|prints|printed|copier|copy_machine|plotter|toner|ink|ink_cartridge|cartridge|paper_jam|print_queue|spooler|print_spooler|scanner|scan|scanning|scans|scanned|scan_to_email|scan_to_folder|fax|faxes|faxing|label_maker|label_printer|zebra|xerox|ricoh|laserjet|brother|canon|konica|lexmark|receipt_printer|labels|scan_folder !screen|barcode_inventory|virus",
            "paper ~2 jam|jammed|tray|stuck|feed",
        ],
    ),
    clue(
        Email,
        4,
        &[
            "email|emails|e_mail|e_mails|mail|mailbox|inbox|outlook|exchange|gmail|webmail|smtp|imap|distribution_list|distribution_group|mailing_list|shared_mailbox|junk_folder|spam_folder|out_of_office|auto_reply|autoreply|signature|email_signature|attachment|attachments|newsletter|undeliverable|bounceback",
            "bounce|bounced|bouncing|bounces|undeliverable|non_delivery|kickback|kicked_back|mailer_daemon",
        ],
    ),
    clue(
        Email,
        2,
        &[
            "send|receive|get|getting|sending|receiving|reply|forward ~4 email|emails|mail|messages|attachment",
            "email|emails|mail|messages|outlook ~5 send|sending|receive|receiving|go_out|going_out|coming|come_in|coming_in|stuck|outbox|bounce|bounced|arrive|junk|spam|full|search|down|not_syncing|sync|missing|delayed|late|disconnected",
            "outlook|inbox|mailbox ~4 not|will_not|full|disconnected|offline|stuck|search|slow|missing|asking|prompting",
            "stuck_in_my_outbox|stuck_in_the_outbox|mailbox_full|mailbox_is_full|going_to_junk|going_to_spam",
        ],
    ),
    clue(
        M365,
        5,
        &[
            "m365|m_365|microsoft_365|office_365|o365|o_365|ms_365|three_sixty_five|365|sharepoint|share_point|onedrive|one_drive|teams|microsoft_teams|ms_teams|planner|power_bi|powerbi|power_automate|intune|onenote|one_note|azure_ad|entra|tenant|admin_center|copilot|forms !viewer",
            "share_point|sharepoints|one_drives|teems",
        ],
    ),
    clue(
        M365,
        3,
        &[
            "word|excel|powerpoint|power_point|spreadsheet|pivot_table|office_apps|office_suite|access_database|visio|publisher|office_programs !for_it|of_mouth",
            "calendar|calendars|meeting_invite|meeting_invites|calendar_invite|shared_calendar|meeting|meetings|scheduling_assistant|room_calendar",
            "sync|syncing|synced|coauthor|co_author|shared_file|red_x|sync_pending ~4 ?files|folder|onedrive|sharepoint",
            "teams ~5 meeting|call|chat|camera|mic|microphone|audio|video|channel|sound|share|sharing|screen|muted|status",
        ],
    ),
];

//! Malware, break-ins and bait: whoever names one of these means it.

use domain::Category::{Breach, Malware, Phishing};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        Malware,
        6,
        &[
            "ransomware|ransom|cryptolocker|malware|spyware|adware|trojan|keylogger|rootkit|crypto_virus|ransom_wear|cryptominer",
            "virus|viruses|worm|infection|infected !protection|license|scanner|subscription",
            "files|file|folders|drive|everything|server|documents|data ~4 encrypted|scrambled|gibberish|weird_extension|dot_locked|strange_extension|renamed_themselves|can_not_be_opened_pay",
            "bitcoin|ransom_note|pay_them|decrypt|decryption|skull",
            "pop_up|popup|pop_ups|popups|pop_upping ~6 keep|keeps|all_over|everywhere|infected|virus|call|microsoft|ads|non_stop|nonstop|scary|warning|screaming",
            "keep|keeps|getting|a_bunch|tons|these|weird|fake ~3 pop_up|popup|pop_ups|popups",
            "antivirus|anti_virus|defender|sentinelone|crowdstrike|malwarebytes|webroot|sophos ~5 found|flagged|alert|detected|quarantined|threat|caught|went_off|says|screaming|popped",
            "fake|scary ~2 microsoft|windows|antivirus|security ~2 warning|alert|message|screen|page|popup",
            "warning|message|page|screen ~5 call ~2 microsoft|number|support",
            "browser|homepage|search_engine|home_page|chrome ~4 hijacked|redirecting|redirects|changed_itself|changed_by_itself|taken_over",
            "toolbar|toolbars|bonzi",
            "downloaded|installed|opened|ran ~5 something|file|attachment|program|thing ~6 weird|virus|bad|shady|sketchy|infected|acting",
        ],
    ),
    clue(
        Breach,
        6,
        &[
            "hacked|hacker|hackers|hack|breach|breached|data_breach|compromised|intruder|break_in|broken_into",
            "someone|somebody|they|stranger|hacker|person|people ~4 in|into|access|logged|logging|using|reading|sending|sent|controlling|moving|got_into|signed ~4 email|account|network|computer|mouse|bank|server|system|mailbox|files|data|laptop|password|cursor|crm",
            "wire|wired|transferred|sent|paid ~5 money|payment|funds|gift_cards|thousand|invoice|wire ~8 scam|fake|wrong|fraud|fraudulent|ceo|boss|hacked|not_from|never_asked",
            "wire fraud|transfer_fraud|scam",
            "bank|invoice|payment|direct_deposit|routing ~4 details|info|information|number|account ~4 changed|swapped|altered",
            "sending|sent|sends|going_out ~5 emails|spam|messages|email|stuff ~5 from ~2 my|me|our|his|her|us|boss",
            "email|account|mailbox ~3 sending|sends|sent ~5 everyone|contacts|customers|clients|people|spam|itself|own",
            "mouse|cursor|computer|screen ~4 moving|move|moves|typing|clicking|opening ~4 itself|own|by_itself|someone",
            "stolen|stole|theft|robbed ~5 laptop|server|computer|phone|data|ipad|drive|files|tablet|device|customer",
            "lost|left|missing ~4 laptop|phone|usb|thumb_drive|ipad|tablet|flash_drive ~6 data|cab|taxi|uber|airport|train|work|company|plane|bus|restaurant|hotel",
            "laptop|phone|ipad|tablet|computer ~3 stolen|was_taken|got_taken|swiped",
            "data|customer|client|patient|records|files|social_security|credit_card|employee ~4 leaked|leak|exposed|stolen|dark_web|posted|exfiltrated|dumped|copied",
            "sign_in|login|logins|logged_in|sign_ins|logon ~5 russia|china|nigeria|another_country|foreign|overseas|strange|unknown|never_been|somewhere|europe|brazil|suspicious|unfamiliar|weird|did_not",
            "suspicious|unusual|strange|unauthorized|unrecognized|unknown|weird|foreign login|logins|activity|sign_in|access|user|account|transactions",
            "forwarding_rule|inbox_rule|rule ~5 did_not|never|not|nobody ~2 create|make|set|made",
            "ex_employee|former_employee|fired|let_go|terminated|old_employee|quit|disgruntled ~8 access|deleted|files|logging|logged|still|in|copied|login|email",
            "unauthorized|dark_web",
        ],
    ),
    clue(
        Phishing,
        6,
        &[
            "phishing|phish|phished|spear_phishing|fishing_email|fishing_emails|fishing_attack|spoofed|spoofing|smishing",
            "clicked|click|opened|clicking|followed|tapped ~6 link|attachment|button|file|url|email|qr_code",
            "suspicious|sketchy|weird|fake|strange|scam|shady|fishy|odd|bogus|funny_looking|phony|suspect|iffy ~3 email|emails|message|messages|link|attachment|text|invoice|mail|docusign|qr",
            "email|message|text|mail|e_mail|invoice ~5 looks|looked|seems|seemed|feels|might_be|smells|pretty_sure_is ~3 fake|suspicious|fishy|phony|weird|off|scam|scammy|legit|sketchy|wrong|phishing|fraud|funny",
            "is ~5 legit|legitimate|real|scam|safe_to_open|safe_to_click|safe",
            "email|message|text ~8 legit|legitimate|a_scam|safe_to_open|for_real",
            "entered|gave|typed|put|put_in|filled_in|submitted ~4 password|credentials|bank|login|card|info|information|social ~8 fake|phishing|link|site|scam|page|form|website|not_real|email|bogus",
            "gift_cards|gift_card",
            "asking|asked|asks|wants ~5 gift_cards|wire|bank_details|my_credentials|verify_my_account|confirm_my_password",
            "pretending|impersonating|claiming|posing|claims ~3 to_be|as|be",
            "boss|ceo|owner|manager|president ~5 email|emailed|text|texted ~8 not_him|not_her|gift|wire|urgent|never_sent|did_not_send",
            "account_will_be_closed|mailbox_will_be_deactivated|verify_my|verify_your|package_delivery|bank_of_america|fedex|docusign|paypal|dhl ~8 email|link|click|legit|fake|text",
        ],
    ),
];

//! Lines: tunnels, remote desktops, names, firewalls, the internet.

use domain::Category::{Connectivity, Dns, Firewall, Rdp, Vpn};

use super::{Clue, clue};

pub(super) const CLUES: &[Clue] = &[
    clue(
        Vpn,
        7,
        &[
            "vpn|v_p_n|vpns|anyconnect|any_connect|globalprotect|global_protect|forticlient|openvpn|wireguard|sonicwall_client|netextender|zscaler|tailscale|vpm|v_pn|vp_n|bpn|b_p_n",
            "tunnel ~3 @bad|office|network|connect|up|drops|site|home",
            "connect|connecting|connected|get_into|reach ~3 office|work|company ~1 network ~5 home|remotely|hotel|road|remote",
            "home|remotely|hotel|road|airport|starbucks ~8 connect|get_into|reach ~3 office|work|company ~1 network",
        ],
    ),
    clue(
        Rdp,
        7,
        &[
            "rdp|r_d_p|rds|remote_desktop|remote_desktops|remotedesktop|remote_session|remote_app|remoteapp|terminal_server|terminal_services|remote_into|remoting_in|remote_in|remote_pc|desktop_gateway|remote_computer|remote_machine|remote_gateway|citrix|avd|virtual_desktop|azure_desktop|splashtop|logmein|log_me_in|teamviewer|team_viewer|anydesk|screenconnect",
            "remote|remotely|from_home|from_my_home ~6 into|onto|to|access|control|connect|desktop|log_in|log_into|get_on ~4 my|office|work ~1 computer|desktop|pc|machine|workstation",
            "get_into|access|connect|connect_to|reach|log_into|see|dial_into ~3 work|office ~1 computer|desktop|pc|machine|workstation ~6 home|remotely|remote",
            "remoted|remoting",
        ],
    ),
    clue(
        Dns,
        7,
        &[
            "dns|d_n_s|dnss|name_server|nameserver|name_servers|nameservers|mx_record|mx_records|cname|txt_record|a_record|spf|dkim|dmarc|dns_record|domain_registrar|registrar|godaddy|name_resolution|domain_records",
            "domain|domain_name|hostname|host_name|url|site_name ~5 expired|resolve|resolving|pointing|point|points|renew|renewal|transfer|expire|lapsed|propagate|registration|wrong_place",
            "server|ip|site|website|address|name ~5 not_be_found|not_resolve|not_resolving|resolve|could_not_be_found|dns|can_not_be_resolved",
            "resolve|resolving ~4 name|names|domain|address|host|hostname|site",
            "by|with|using ip|ip_address ~6 name|not_by",
            "website|site|web_page ~4 wrong|somebody_else|different|parked|old_host|another ~3 server|page|site|place|company|website",
            "internet|pages|sites|websites ~6 by_ip|ip_address|by_name",
            "can ping ~6 not|name|browse|site",
        ],
    ),
    clue(
        Firewall,
        7,
        &[
            "firewall|fire_wall|firewalls|sonicwall|sonic_wall|fortigate|forti_gate|palo_alto|watchguard|meraki_mx|pfsense|untangle|checkpoint|cisco_asa|content_filter|web_filter|webfilter|port_forwarding|port_forward|geo_blocking|whitelist|white_list|allowlist|allow_list|unblock|unblocked|blocklist",
            "open|opened|forward|close ~2 port|ports",
            "port #1..65535",
            "blocked|blocking|block|blocks ~5 website|site|page|web|vendor|application|app|traffic|connection|ip|ips|youtube|url|policy|portal|sites|category|category_says",
            "website|site|page|portal|vendor|web_page|sites|url ~5 blocked|block|blocking|restricted|denied_by|filtered|access_denied|forbidden",
            "access_denied ~4 website|site|page|policy",
            "rule ~3 traffic|inbound|outbound|allow|port|block",
        ],
    ),
    clue(
        Connectivity,
        4,
        &[
            "internet|wifi|wi_fi|wireless|network|ethernet|fiber|broadband|comcast|spectrum|isp|router|modem|switch_port|access_point|access_points|wap|hotspot|connection|lan|wan|why_fi|data_jack|wall_jack|network_jack|network_cable|ethernet_cable|bandwidth|cox|verizon|starlink|lte|cell_signal",
            "online|on_line|connectivity|get_online|offline ~6 ?@cannot",
            "no|lost|without|lose|not_have internet|wifi|network|connection|connectivity|signal|service",
            "phones|phone_system|voip|desk_phones|phone_lines|dial_tone|handsets|ringcentral|phone_service|call_quality ~4 @bad|no|not|static|choppy|garbled|robotic",
            "no|lost dial_tone|phones|phone_service",
            "pages|page|sites|websites|website|youtube|google|zoom|calls ~4 load|loading|buffering|buffer|choppy|time_out|timing_out|lag|freezes|spin",
        ],
    ),
    clue(
        Connectivity,
        2,
        &[
            "internet|wifi|wireless|network|connection ~4 @bad",
            "wifi|wireless ~5 conference|lobby|warehouse|upstairs|office|back|guest|break_room|signal|weak|bars|password_for_guests",
            "signal|bars|dead_spot|dead_zone|coverage",
            "speed|slow|crawling|crawl ~4 internet|wifi|network|connection",
        ],
    ),
];

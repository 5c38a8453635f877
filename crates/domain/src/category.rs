//! The 22 ticket categories of an IT service desk (source C:17).

use serde::{Deserialize, Serialize};

/// What a ticket is about, as a service desk sorts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A server or a service on it is down, full or slow.
    Server,
    /// Battery backup and power of the server room.
    Ups,
    /// One person's computer: slow, will not start, screen, keyboard.
    Workstation,
    /// A program or a computer that freezes, crashes or shows a blue screen.
    Crash,
    /// Updates and patches.
    Patch,
    /// A licence or subscription that ran out or is missing.
    License,
    /// The tunnel into the office network.
    Vpn,
    /// Internet, network or wireless out or slow.
    Connectivity,
    /// Names that do not resolve, records, domains.
    Dns,
    /// A firewall blocks, or needs a rule.
    Firewall,
    /// Mail that does not come or go.
    Email,
    /// A suspicious message, perhaps clicked on.
    Phishing,
    /// A forgotten or expired password.
    Password,
    /// A locked account.
    Locked,
    /// Second factor: codes, the authenticator, a new telephone.
    Mfa,
    /// Remote desktop.
    Rdp,
    /// Backups that failed, and files to be restored.
    Backup,
    /// A virus, ransomware, pop-ups.
    Malware,
    /// Somebody is in who should not be; data or an account is in strange hands.
    Breach,
    /// Microsoft 365 beside mail: Teams, SharePoint, OneDrive, the Office programs.
    M365,
    /// Printers and scanners.
    Printer,
    /// A new computer, telephone or person to be set up.
    NewDevice,
}

impl Category {
    /// All 22, in the order of the source.
    pub const ALL: [Category; 22] = [
        Category::Server,
        Category::Ups,
        Category::Workstation,
        Category::Crash,
        Category::Patch,
        Category::License,
        Category::Vpn,
        Category::Connectivity,
        Category::Dns,
        Category::Firewall,
        Category::Email,
        Category::Phishing,
        Category::Password,
        Category::Locked,
        Category::Mfa,
        Category::Rdp,
        Category::Backup,
        Category::Malware,
        Category::Breach,
        Category::M365,
        Category::Printer,
        Category::NewDevice,
    ];

    /// The name in files and in the models' label lists.
    pub fn slug(self) -> &'static str {
        match self {
            Category::Server => "server",
            Category::Ups => "ups",
            Category::Workstation => "workstation",
            Category::Crash => "crash",
            Category::Patch => "patch",
            Category::License => "license",
            Category::Vpn => "vpn",
            Category::Connectivity => "connectivity",
            Category::Dns => "dns",
            Category::Firewall => "firewall",
            Category::Email => "email",
            Category::Phishing => "phishing",
            Category::Password => "password",
            Category::Locked => "locked",
            Category::Mfa => "mfa",
            Category::Rdp => "rdp",
            Category::Backup => "backup",
            Category::Malware => "malware",
            Category::Breach => "breach",
            Category::M365 => "m365",
            Category::Printer => "printer",
            Category::NewDevice => "new_device",
        }
    }

    /// The category of a slug; `None` for anything else.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.slug() == slug)
    }

    /// The name that people read: "Connectivity", "New device".
    pub fn title(self) -> &'static str {
        match self {
            Category::Server => "Server",
            Category::Ups => "UPS",
            Category::Workstation => "Workstation",
            Category::Crash => "Crash",
            Category::Patch => "Patch",
            Category::License => "License",
            Category::Vpn => "VPN",
            Category::Connectivity => "Connectivity",
            Category::Dns => "DNS",
            Category::Firewall => "Firewall",
            Category::Email => "Email",
            Category::Phishing => "Phishing",
            Category::Password => "Password",
            Category::Locked => "Locked",
            Category::Mfa => "MFA",
            Category::Rdp => "RDP",
            Category::Backup => "Backup",
            Category::Malware => "Malware",
            Category::Breach => "Breach",
            Category::M365 => "M365",
            Category::Printer => "Printer",
            Category::NewDevice => "New device",
        }
    }
}

/// How sure a category is (source C:17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A guess.
    #[default]
    Low,
    /// Probable.
    Medium,
    /// The caller named it.
    High,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_reads_back_from_its_slug() {
        for category in Category::ALL {
            assert_eq!(Category::from_slug(category.slug()), Some(category));
        }
        assert_eq!(Category::from_slug("Server"), None);
    }
}

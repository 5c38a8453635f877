//! Who is on duty in a shop: the roster, the ladder's settings and the assignment, from what the owner wrote.

use domain::{Channel, Contact, ContactId, Means, Roster};
use oncall::{Assignment, Policy};

use crate::config::Shop;

/// Everything that a ladder needs to know of its shop.
#[derive(Debug, Clone)]
pub(crate) struct Duty {
    pub(crate) policy: Policy,
    pub(crate) roster: Roster,
    pub(crate) assignment: Assignment,
}

impl Duty {
    /// As the owner has written it.
    pub(crate) fn of(shop: &Shop) -> Self {
        let written = &shop.oncall;
        let primary = person("primary", &written.primary_name, &written.primary_phone);
        let backup = written.backup.as_ref().map(|b| person("backup", &b.name, &b.phone));
        let owner = person("owner", &shop.profile.owner_name, &written.owner_phone);
        let assignment = Assignment {
            primary: primary.id.clone(),
            backups: backup.iter().map(|b| b.id.clone()).collect(),
            second_at_once: false,
        };
        let roster = Roster {
            backup: backup.as_ref().map(|b| b.id.clone()),
            owner: owner.id.clone(),
            people: [Some(primary), backup, Some(owner)].into_iter().flatten().collect(),
        };
        let policy = Policy {
            warm_transfer: written.warm_transfer,
            transfer_ring_s: written.transfer_ring_s,
            text_after_s: written.text_after_s,
            call_after_s: written.call_after_s,
            backup_after_s: written.backup_after_s,
            owner_after_s: written.owner_after_s,
            ..Policy::default()
        };
        Self { policy, roster, assignment }
    }

    /// "Mike"; the short name of somebody who is not on the roster any more.
    pub(crate) fn name_of(&self, contact: &ContactId) -> String {
        self.roster.contact(contact).map_or_else(|| contact.to_string(), |c| c.name.clone())
    }
}

/// The channel that a written means leaves by; `None` for the two that ring a telephone.
pub(crate) fn channel_of(means: Means) -> Option<Channel> {
    match means {
        Means::SmsInternet => Some(Channel::Sms),
        Means::SmsModem => Some(Channel::SmsModem),
        Means::Push => Some(Channel::Push),
        Means::Email => Some(Channel::Email),
        Means::Transfer | Means::Voice => None,
    }
}

fn person(short: &str, name: &str, phone: &domain::PhoneNumber) -> Contact {
    let id = ContactId::from_name(name).or_else(|| short.parse().ok());
    Contact {
        id: id.expect("primary, backup and owner are short names"),
        name: name.to_string(),
        phone: Some(phone.clone()),
        email: None,
        push: None,
        skills: Vec::new(),
        tier: 1,
        languages: Vec::new(),
    }
}

//! `[shop.oncall]`: the people and the ladder's times. Who has which hours is in `rota`.
//!
//! The short form names a technician, a backup and the owner by name and number. The long form lists people, and
//! everything else names them by their ids. Both may be mixed: the same number is the same person.

use domain::{Contact, ContactId, Language, Means, PhoneNumber, Roster, Service, Skill};
use jiff::tz::TimeZone;
use oncall::Policy;

use super::{
    super::{
        checked::{OncallRoster, Person},
        fault::{Place, nearest},
        raw::{self, At},
    },
    Check,
};

const NUMBER: &str = "+15552345678";

impl Check<'_, '_> {
    pub(super) fn oncall(
        &mut self,
        shop: &raw::Shop,
        zone: Option<&TimeZone>,
        section: &Place,
    ) -> Option<OncallRoster> {
        let Some(At { value: written, place: at }) = &shop.oncall else {
            let place = section.below("oncall", section.span.clone());
            self.faults.error(
                &place,
                "shop.oncall is missing: nobody could be woken",
                "[shop.oncall] with primary_name, primary_phone and owner_phone",
            );
            return None;
        };
        let mut people = self.people(written);
        let primary = self.primary(written, at, &mut people);
        let backup = self.backup(written, &mut people);
        let owner = self.owner(shop, written, at, &mut people);
        let policy = self.policy(written, at);
        let schedule =
            self.schedule(shop, written, zone, &people, primary.as_ref().ok().and_then(Clone::clone));
        let maintenance = self.maintenance(written, zone);
        let (primary, owner, schedule) = (primary.ok()?, owner?, schedule?);
        let roster = Roster { people, backup: backup.clone(), owner };
        let first = primary.or_else(|| schedule.rotation.as_ref()?.people.first().cloned());
        let first = first.or_else(|| roster.people.first().map(|c| c.id.clone()))?;
        let reached =
            |id: &ContactId| roster.contact(id).and_then(|c| Some((c.name.clone(), c.phone.clone()?)));
        let Some((primary_name, primary_phone)) = reached(&first) else {
            self.faults.error(
                at,
                format!("{first} has no telephone number"),
                format!("phone = \"{NUMBER}\""),
            );
            return None;
        };
        let Some((_, owner_phone)) = reached(&roster.owner) else {
            self.faults.error(at, "the owner has no telephone number", format!("owner_phone = \"{NUMBER}\""));
            return None;
        };
        Some(OncallRoster {
            primary_name,
            primary_phone,
            backup: backup.as_ref().and_then(reached).map(|(name, phone)| Person { name, phone }),
            owner_phone,
            warm_transfer: policy.warm_transfer,
            transfer_ring_s: policy.transfer_ring_s,
            text_after_s: policy.text_after_s,
            call_after_s: policy.call_after_s,
            backup_after_s: policy.backup_after_s,
            owner_after_s: policy.owner_after_s,
            roster,
            schedule,
            policy,
            maintenance,
        })
    }

    /// `[[shop.oncall.person]]`
    fn people(&mut self, written: &raw::Oncall) -> Vec<Contact> {
        let list = written.person.as_ref().map(|p| p.value.as_slice()).unwrap_or_default();
        let mut people: Vec<Contact> = Vec::new();
        for At { value: one, place } in list {
            let Some(contact) = self.person(one, place) else { continue };
            if people.iter().any(|c| c.id == contact.id) {
                let what = format!("two people have the id {:?}", contact.id.as_str());
                self.faults.error(place, what, "id = \"…\" with another short name");
                continue;
            }
            people.push(contact);
        }
        people
    }

    fn person(&mut self, written: &raw::Person, at: &Place) -> Option<Contact> {
        let name = self.required(at, "name", &written.name, "Mike");
        let example = "small letters, digits and dashes: \"mike\"";
        let id = self.read(written.id.as_ref(), str::parse, example);
        let phone = self.phone(written.phone.as_ref());
        let email = self.read(written.email.as_ref(), email, "\"mike@example.com\"");
        let push = self.text(&written.push).map(|p| p.value.trim().to_owned());
        let skill_example = "\"plumbing\", or \"plumbing:5\" with a level from 1 to 5";
        let skills = listed(&written.skills);
        let skills = skills.iter().filter_map(|s| self.read(Some(s), skill, skill_example)).collect();
        let words = [("en", Language::English), ("es", Language::Spanish)];
        let languages = listed(&written.languages);
        let languages = languages.iter().filter_map(|l| self.word(&l.value, &l.place, &words)).collect();
        let tier = self.whole(&written.tier, 1..=3, "1 first line, 3 expert", 1);
        if written.phone.is_none() && written.email.is_none() && written.push.is_none() {
            let what = format!("{} has no phone, push or email: nobody could be woken", at.key);
            self.faults.error(at, what, format!("phone = \"{NUMBER}\""));
        }
        let name = name?.value.trim().to_owned();
        let id = match (id, &written.id) {
            (Some(id), _) => id,
            (None, Some(_)) => return None,
            (None, None) => self.id_of(&name, at)?,
        };
        Some(Contact { id, name, phone, email, push, skills, tier, languages })
    }

    fn id_of(&mut self, name: &str, at: &Place) -> Option<ContactId> {
        let id = ContactId::from_name(name);
        if id.is_none() {
            self.faults.error(at, format!("{name:?} gives no short name"), "id = \"mike\" beside the name");
        }
        id
    }

    /// The usual technician. `Err`: missing or wrong, and told. `Ok(None)`: a rotation or calendar has it.
    fn primary(
        &mut self,
        written: &raw::Oncall,
        at: &Place,
        people: &mut Vec<Contact>,
    ) -> Result<Option<ContactId>, ()> {
        if let Some(named) = &written.primary {
            return self.somebody(named, people).map(Some).ok_or(());
        }
        let named = written.primary_name.is_some() || written.primary_phone.is_some();
        let planned = written.rotation.is_some() || written.calendar.is_some() || written.shift.is_some();
        if planned && !named {
            return Ok(None);
        }
        let name = self.required(at, "primary_name", &written.primary_name, "Mike");
        let phone = self.required(at, "primary_phone", &written.primary_phone, NUMBER);
        let phone = self.phone(phone);
        let (Some(name), Some(phone)) = (name, phone) else { return Err(()) };
        self.joined(name.value.trim(), phone, at, people, 0).map(Some).ok_or(())
    }

    fn owner(
        &mut self,
        shop: &raw::Shop,
        written: &raw::Oncall,
        at: &Place,
        people: &mut Vec<Contact>,
    ) -> Option<ContactId> {
        if let Some(named) = &written.owner {
            return self.somebody(named, people);
        }
        let phone = self.required(at, "owner_phone", &written.owner_phone, NUMBER);
        let phone = self.phone(phone)?;
        let name = shop.owner_name.as_ref().map_or("Owner", |n| n.value.trim());
        self.joined(name, phone, at, people, usize::MAX)
    }

    fn backup(&mut self, written: &raw::Oncall, people: &mut Vec<Contact>) -> Option<ContactId> {
        if let Some(named) = &written.backup {
            return self.somebody(named, people);
        }
        let phone = self.phone(written.backup_phone.as_ref());
        let name = self.text(&written.backup_name);
        match (&written.backup_phone, &written.backup_name) {
            (Some(At { place, .. }), None) => {
                self.faults.error(place, "the backup has a number but no name", "backup_name = \"Sam\"");
            }
            (None, Some(At { place, .. })) => {
                let example = "backup_phone = \"+15552345678\"";
                self.faults.error(place, "the backup has a name but no number", example);
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
        let (name, phone) = (name?, phone?);
        self.joined(name.value.trim(), phone, &name.place, people, usize::MAX)
    }

    /// The person with this number, or a new one at this place of the list.
    fn joined(
        &mut self,
        name: &str,
        phone: PhoneNumber,
        at: &Place,
        people: &mut Vec<Contact>,
        place: usize,
    ) -> Option<ContactId> {
        if let Some(same) = people.iter().find(|c| c.phone.as_ref() == Some(&phone)) {
            return Some(same.id.clone());
        }
        let mut id = self.id_of(name, at)?;
        if people.iter().any(|c| c.id == id) {
            // two Mikes: the second is told apart by his number
            id = ContactId::from_name(&format!("{name} {}", phone.last_four()))?;
        }
        let contact = Contact {
            id: id.clone(),
            name: name.to_owned(),
            phone: Some(phone),
            email: None,
            push: None,
            skills: Vec::new(),
            tier: 1,
            languages: Vec::new(),
        };
        people.insert(place.min(people.len()), contact);
        Some(id)
    }

    /// Somebody named by id, or by name.
    pub(super) fn somebody(&mut self, named: &At<String>, people: &[Contact]) -> Option<ContactId> {
        let wanted = named.value.trim();
        let found = people.iter().find(|c| c.id.as_str() == wanted || c.name.eq_ignore_ascii_case(wanted));
        if found.is_none() {
            let known: Vec<&str> = people.iter().map(|c| c.id.as_str()).collect();
            let write_instead = match nearest(wanted, &known) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None if known.is_empty() => "[[shop.oncall.person]] with name and phone first".into(),
                None => format!("one of \"{}\"", known.join("\", \"")),
            };
            let what = format!("{} names {wanted:?}, who is not among the people", named.place.key);
            self.faults.error(&named.place, what, write_instead);
        }
        found.map(|c| c.id.clone())
    }

    fn policy(&mut self, written: &raw::Oncall, at: &Place) -> Policy {
        let usual = Policy::default();
        let wait = 0..=86_400;
        let unit = "seconds";
        let minutes = |m: u32| m.saturating_mul(60);
        let policy = Policy {
            warm_transfer: written.warm_transfer.as_ref().is_none_or(|w| w.value),
            transfer_ring_s: self.whole(&written.transfer_ring_s, 5..=120, unit, usual.transfer_ring_s),
            text_after_s: self.whole(&written.text_after_s, wait.clone(), unit, usual.text_after_s),
            call_after_s: self.whole(&written.call_after_s, wait.clone(), unit, usual.call_after_s),
            call_ring_s: self.whole(&written.call_ring_s, 10..=120, unit, usual.call_ring_s),
            backup_after_s: self.whole(&written.backup_after_s, wait.clone(), unit, usual.backup_after_s),
            owner_after_s: self.whole(&written.owner_after_s, wait, unit, usual.owner_after_s),
            means: self.means(written.means.as_ref(), usual.means),
            means_wait_s: self.whole(&written.means_wait_s, 5..=300, unit, usual.means_wait_s),
            call_tries: self.whole(&written.call_tries, 1..=10, "calls", usual.call_tries),
            call_again_s: self.whole(&written.call_again_s, 5..=600, unit, usual.call_again_s),
            callback_within_s: minutes(self.whole(&written.callback_within_min, 0..=240, "minutes", 20)),
            callback_grace_s: minutes(self.whole(&written.callback_grace_min, 1..=60, "minutes", 5)),
            repeat_every_s: minutes(self.whole(&written.repeat_every_min, 1..=240, "minutes", 15)),
            repeat_by_call: written.repeat_by_call.as_ref().is_none_or(|r| r.value),
            expires_after_s: minutes(60 * self.whole::<u32>(&written.expires_after_h, 1..=72, "hours", 12)),
        };
        if !(policy.call_after_s <= policy.backup_after_s && policy.backup_after_s <= policy.owner_after_s) {
            let what = "the steps of shop.oncall are out of order";
            let example = "call_after_s <= backup_after_s <= owner_after_s, such as 60, 600 and 1200";
            self.faults.error(at, what, example);
        }
        if policy.text_after_s.saturating_add(policy.owner_after_s) >= policy.expires_after_s {
            let what = "an alert would expire before the owner's turn";
            self.faults.error(at, what, "expires_after_h longer than owner_after_s, such as 12");
        }
        policy
    }

    fn means(&mut self, written: Option<&At<Vec<At<String>>>>, usual: Vec<Means>) -> Vec<Means> {
        let words = [
            ("sms", Means::SmsInternet),
            ("modem", Means::SmsModem),
            ("push", Means::Push),
            ("call", Means::Voice),
            ("email", Means::Email),
        ];
        let Some(list) = written else { return usual };
        let mut means = Vec::new();
        for one in &list.value {
            if let Some(found) = self.word(&one.value, &one.place, &words).filter(|m| !means.contains(m)) {
                means.push(found);
            }
        }
        if list.value.is_empty() {
            let what = format!("{} is empty: nobody could be woken", list.place.key);
            self.faults.error(
                &list.place,
                what,
                "means = [\"sms\", \"modem\", \"push\", \"call\", \"email\"]",
            );
        }
        means
    }
}

pub(super) fn listed(list: &Option<At<Vec<At<String>>>>) -> &[At<String>] {
    list.as_ref().map(|l| l.value.as_slice()).unwrap_or_default()
}

fn email(text: &str) -> Result<String, &'static str> {
    let (user, host) = text.split_once('@').ok_or("not an e-mail address")?;
    let fine = !user.is_empty() && host.contains('.') && !text.contains([' ', '<', '>', ',']);
    if fine { Ok(text.to_owned()) } else { Err("not an e-mail address") }
}

fn skill(text: &str) -> Result<Skill, &'static str> {
    let (word, level) = text.split_once(':').unwrap_or((text, "3"));
    let service = match word.trim() {
        "plumbing" => Service::Plumbing,
        "hvac" => Service::Hvac,
        "electrical" => Service::Electrical,
        "it" => Service::It,
        "general" => Service::General,
        _ => return Err("a trade is plumbing, hvac, electrical, it or general"),
    };
    let level = level.trim().parse().ok().filter(|l| (1..=5).contains(l)).ok_or("a level is 1 to 5")?;
    Ok(Skill { service, level })
}

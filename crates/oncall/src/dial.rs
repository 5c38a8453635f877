//! Who may be dialled: people on the roster, nobody else.
//!
//! Talking the agent into calling an expensive number is the classic attack on such a box. Here a number cannot be
//! dialled unless it went through one of the two functions below, and both return roster numbers only. What a
//! caller, a model, a REFER or a 302 asks for is compared, never used.

use domain::{Contact, ContactId, PhoneNumber, Roster};

/// The number of somebody on the roster: the only kind of number that is ever called or texted as staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialable {
    contact: ContactId,
    number: PhoneNumber,
}

impl Dialable {
    /// The number of this person; `None` when he is not on the roster or has no telephone.
    pub fn of(roster: &Roster, contact: &ContactId) -> Option<Self> {
        roster.contact(contact).and_then(Self::from_contact)
    }

    /// For a target that somebody outside asked for (REFER, 302, a model's words, an address such as
    /// `sip:+15552345678@pbx`): the roster's own number if it is exactly that, else `None`.
    pub fn matching(roster: &Roster, wanted: &str) -> Option<Self> {
        let wanted = number_in(wanted)?;
        let found = roster.people.iter().find(|c| c.phone.as_ref() == Some(&wanted));
        found.and_then(Self::from_contact)
    }

    /// Whose number it is.
    pub fn contact(&self) -> &ContactId {
        &self.contact
    }

    /// The number.
    pub fn number(&self) -> &PhoneNumber {
        &self.number
    }

    fn from_contact(contact: &Contact) -> Option<Self> {
        let number = PhoneNumber::parse_dialable(contact.phone.as_ref()?.e164()).ok()?;
        Some(Self { contact: contact.id.clone(), number })
    }
}

/// The number of a SIP or tel address, or of a bare number. An address with anything unusual has none.
fn number_in(wanted: &str) -> Option<PhoneNumber> {
    let text = wanted.trim();
    let text = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
    let bare = ["sip:", "sips:", "tel:"].iter().find_map(|scheme| {
        let fits = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        fits.then(|| &text[scheme.len()..])
    });
    let user = bare.unwrap_or(text).split(['@', ';', '?']).next().unwrap_or_default();
    user.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, metro};

    #[test]
    fn roster_numbers_can_be_dialled_in_every_spelling() {
        let roster = metro();
        for wanted in
            ["+15558870002", "(555) 887-0002", "sip:+15558870002@pbx.example;user=phone", "<tel:15558870002>"]
        {
            let found = Dialable::matching(&roster, wanted).unwrap_or_else(|| panic!("{wanted}"));
            assert_eq!((found.contact(), found.number().e164()), (&id("mike"), "+15558870002"));
        }
    }

    #[test]
    fn strangers_and_half_numbers_cannot() {
        let roster = metro();
        for wanted in [
            "+88112345678",
            "5558870002,,,9",
            "sip:mike@pbx",
            "+15558870002 or +88112345678",
            "",
            "+1555887000",
        ] {
            assert_eq!(Dialable::matching(&roster, wanted), None, "{wanted}");
        }
        assert_eq!(Dialable::of(&roster, &id("nobody")), None);
    }
}

//! What only shows when all shops are seen together: names and numbers that two of them claim.

use std::collections::BTreeMap;

use super::{
    super::{
        checked::UnknownNumber,
        choose::number_key,
        raw::{self, At},
    },
    Check,
};

impl Check<'_, '_> {
    pub(super) fn shops_together(&mut self, shops: &[At<raw::Shop>]) {
        self.same_ids(shops);
        self.same_called_numbers(shops);
        self.same_caller_numbers(shops);
        let takes_everything = |s: &&At<raw::Shop>| {
            listed(&s.value.called_numbers).is_empty() && listed(&s.value.caller_numbers).is_empty()
        };
        for extra in shops.iter().filter(takes_everything).skip(1) {
            self.faults.error(
                &extra.place,
                "two shops have neither called_numbers nor caller_numbers: both would take every call",
                "called_numbers = [\"+15552345678\"] in each shop, or in all but one",
            );
        }
    }

    pub(super) fn unknown_number(
        &mut self,
        written: Option<&At<String>>,
        shops: &[At<raw::Shop>],
    ) -> UnknownNumber {
        let Some(At { value, place }) = written else { return UnknownNumber::Say36 };
        if value == "say36" {
            return UnknownNumber::Say36;
        }
        let wanted = value.strip_prefix("shop:").map(str::trim);
        let id = |s: &At<raw::Shop>| s.value.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
        if let Some(found) = shops.iter().position(|s| Some(id(s).as_str()) == wanted) {
            return UnknownNumber::Shop(found);
        }
        let ids: Vec<String> = shops.iter().map(|s| format!("\"shop:{}\"", id(s))).collect();
        let what = format!("{} is {value:?}, but there is no such shop", place.key);
        self.faults.error(place, what, format!("\"say36\" or {}", ids.join(" or ")));
        UnknownNumber::Say36
    }

    fn same_ids(&mut self, shops: &[At<raw::Shop>]) {
        let mut seen = BTreeMap::new();
        for id in shops.iter().filter_map(|s| s.value.id.as_ref()) {
            if seen.insert(id.value.as_str(), ()).is_some() {
                let what = format!("two shops have the id {:?}", id.value);
                self.faults.error(&id.place, what, "another short name");
            }
        }
    }

    /// A number may be shared only by customers who are told apart by the number they call from; one
    /// shop without `caller_numbers` may take the rest.
    fn same_called_numbers(&mut self, shops: &[At<raw::Shop>]) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let for_anybody = |s: &&At<raw::Shop>| listed(&s.value.caller_numbers).is_empty();
        for shop in shops.iter().filter(for_anybody) {
            for number in listed(&shop.value.called_numbers) {
                let key = number_key(&number.value);
                let name = shop.value.id.as_ref().map_or("the shop before", |id| &id.value);
                if let Some(first) = seen.insert(key, name) {
                    self.faults.error(
                        &number.place,
                        format!("{} is a number of {first} already", number.value),
                        "each number in one shop only, or caller_numbers that tell the customers apart",
                    );
                }
            }
        }
    }

    fn same_caller_numbers(&mut self, shops: &[At<raw::Shop>]) {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, shop) in shops.iter().enumerate() {
            for number in listed(&shop.value.caller_numbers) {
                let first = seen.insert(number_key(&number.value), index);
                if first.is_some_and(|f| f != index) {
                    let what = format!("{} is a caller_number of two shops", number.value);
                    self.faults.error(&number.place, what, "each caller's number in one shop only");
                }
            }
        }
    }
}

fn listed(list: &Option<At<Vec<At<String>>>>) -> &[At<String>] {
    list.as_ref().map(|l| l.value.as_slice()).unwrap_or_default()
}

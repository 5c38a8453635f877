//! The words that wake somebody (MSG-01, source D:620-626).

use domain::Page;
use jiff::tz::TimeZone;

/// The emergency text for the on-call person, one fact a line. `zone` is the shop's.
pub fn page_text(page: &Page, business: &str, zone: &TimeZone) -> String {
    let called_at = page.called_at.to_zoned(zone.clone()).strftime("%-I:%M %p");
    let phone = page.caller_phone.as_ref().map_or("withheld".to_string(), ToString::to_string);
    format!(
        "EMERGENCY CALL - {business}\nCaller: {}\nPhone: {phone}\nAddress: {}\nIssue: {}\nCalled at: {called_at}\n\
         Call them back ASAP. They've been told you'll reach out within a few minutes.",
        page.caller_name.as_deref().unwrap_or("Unknown"),
        page.address.as_deref().unwrap_or("Not provided"),
        page.summary,
    )
}

#[cfg(test)]
mod tests {
    use domain::{CallId, Issue};

    use super::*;

    #[test]
    fn page_reads_as_the_source_writes_it() {
        let page = Page {
            call_id: CallId::new(1, [0; 10]),
            profile_id: "metro-plumbing".into(),
            caller_phone: "+15555550415".parse().ok(),
            caller_name: Some("Jim Kowalski".into()),
            address: Some("218 Oak Lane".into()),
            issue: Issue::Water,
            summary: "Water spraying out of a pipe.".into(),
            called_at: "2026-02-13T03:22:00Z".parse().unwrap(),
            revision: 1,
        };
        let chicago = TimeZone::get("America/Chicago").unwrap();
        assert_eq!(
            page_text(&page, "Metro Plumbing", &chicago),
            "EMERGENCY CALL - Metro Plumbing\nCaller: Jim Kowalski\nPhone: (555) 555-0415\nAddress: 218 Oak Lane\n\
             Issue: Water spraying out of a pipe.\nCalled at: 9:22 PM\n\
             Call them back ASAP. They've been told you'll reach out within a few minutes."
        );
    }
}

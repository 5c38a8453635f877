//! The shop of the worked examples, called in every written conversation and test.

use domain::{BusinessHours, Disclosure, OpenSpan, Profile, Service, SpanishMode, Trade};
use jiff::civil::time;

/// Metro Plumbing: Dave owns it, Mike is on call, the office is open 8 to 5 on weekdays (source D:1393).
pub fn metro() -> Profile {
    let day = vec![OpenSpan { opens: time(8, 0, 0, 0), closes: time(17, 0, 0, 0) }];
    Profile {
        id: "metro-plumbing".into(),
        business_name: "Metro Plumbing".into(),
        owner_name: "Dave".into(),
        agent_name: "Alex".into(),
        trade: Trade::Trades,
        services: vec![Service::Plumbing, Service::Hvac],
        oncall_name: Some("Mike".into()),
        time_zone: "America/Chicago".into(),
        hours: BusinessHours {
            week: [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]],
            holidays: vec![],
        },
        always_active: false,
        pricing_answer: None,
        disclosure: Disclosure::Asked,
        spanish: SpanishMode::Callback,
        record: true,
        recording_notice: true,
        max_call_s: 300,
    }
}

//! `after_hours_config` and `oncall_config`: what was in force at the last start, for whoever reads the
//! file later. The configuration file leads; nothing here is read back by the daemon.

use domain::{PhoneNumber, Profile};
use rusqlite::{Connection, named_params};
use serde_json::{Map, Value, json};

use super::{all, change, column};
use crate::store::error::StoreError;

/// One shop as it is remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct ShopRecord {
    /// The business.
    pub profile: Profile,
    /// The first number that it answers.
    pub called_number: Option<String>,
    /// The office's own number.
    pub business_number: Option<PhoneNumber>,
    /// The technician's number; the name is in the profile.
    pub primary_phone: PhoneNumber,
    /// Who comes next.
    pub backup: Option<(String, PhoneNumber)>,
    /// The last resort.
    pub owner_phone: PhoneNumber,
    /// Whether the caller is put through.
    pub warm_transfer: bool,
    /// How long that rings, seconds.
    pub transfer_ring_s: u32,
    /// Waiting times of the steps 2 to 5, seconds.
    pub step_delays_s: [u32; 4],
}

/// Writes the shops that are in force; others stay, marked inactive.
pub(in crate::store) fn put_all(db: &Connection, shops: &[ShopRecord]) -> Result<(), StoreError> {
    let doing = "store the shops";
    change(db, doing, "UPDATE after_hours_config SET is_active = 0", [])?;
    change(db, doing, "UPDATE oncall_config SET is_active = 0", [])?;
    for shop in shops {
        put_shop(db, shop)?;
        put_roster(db, shop)?;
    }
    Ok(())
}

/// Shops of the last start: id, technician, seconds until the owner is told.
pub(in crate::store) fn in_force(db: &Connection) -> Result<Vec<(String, String, u32)>, StoreError> {
    all(
        db,
        "read the shops",
        "SELECT c.id, primary_tech_name, escalation_step5_delay_seconds FROM after_hours_config c
         JOIN oncall_config o ON o.id = c.id WHERE c.is_active AND o.is_active ORDER BY c.id",
        [],
        |row| {
            let delay_s = column(row, "escalation_step5_delay_seconds")?;
            Ok((column(row, "id")?, column(row, "primary_tech_name")?, delay_s))
        },
    )
}

fn put_shop(db: &Connection, shop: &ShopRecord) -> Result<(), StoreError> {
    let profile = &shop.profile;
    change(
        db,
        "store the shops",
        "INSERT INTO after_hours_config (id, business_name, twilio_number, business_number, ai_name,
             business_hours, time_zone, always_active)
         VALUES (:id, :name, :called, :business, :agent, :hours, :zone, :always)
         ON CONFLICT (id) DO UPDATE SET business_name = :name, twilio_number = :called,
             business_number = :business, ai_name = :agent, business_hours = :hours, time_zone = :zone,
             always_active = :always, is_active = 1",
        named_params! {
            ":id": profile.id,
            ":name": profile.business_name,
            ":called": shop.called_number,
            ":business": shop.business_number.as_ref().map(PhoneNumber::e164),
            ":agent": profile.agent_name,
            ":hours": hours(profile).to_string(),
            ":zone": profile.time_zone,
            ":always": profile.always_active,
        },
    )?;
    Ok(())
}

fn put_roster(db: &Connection, shop: &ShopRecord) -> Result<(), StoreError> {
    let [step2, step3, step4, step5] = shop.step_delays_s;
    change(
        db,
        "store the on-call roster",
        "INSERT INTO oncall_config (id, primary_tech_name, primary_tech_phone, backup_tech_name,
             backup_tech_phone, owner_phone, warm_transfer_enabled, warm_transfer_timeout_seconds,
             escalation_step2_delay_seconds, escalation_step3_delay_seconds,
             escalation_step4_delay_seconds, escalation_step5_delay_seconds)
         VALUES (:id, :name, :phone, :backup_name, :backup_phone, :owner, :transfer, :ring, :s2, :s3, :s4, :s5)
         ON CONFLICT (id) DO UPDATE SET primary_tech_name = :name, primary_tech_phone = :phone,
             backup_tech_name = :backup_name, backup_tech_phone = :backup_phone, owner_phone = :owner,
             warm_transfer_enabled = :transfer, warm_transfer_timeout_seconds = :ring,
             escalation_step2_delay_seconds = :s2, escalation_step3_delay_seconds = :s3,
             escalation_step4_delay_seconds = :s4, escalation_step5_delay_seconds = :s5, is_active = 1",
        named_params! {
            ":id": shop.profile.id,
            ":name": shop.profile.oncall_name.as_deref().unwrap_or("on-call technician"),
            ":phone": shop.primary_phone.e164(),
            ":backup_name": shop.backup.as_ref().map(|(name, _)| name),
            ":backup_phone": shop.backup.as_ref().map(|(_, phone)| phone.e164()),
            ":owner": shop.owner_phone.e164(),
            ":transfer": shop.warm_transfer,
            ":ring": shop.transfer_ring_s,
            ":s2": step2,
            ":s3": step3,
            ":s4": step4,
            ":s5": step5,
        },
    )?;
    Ok(())
}

/// The week in the source's form: `{"mon": [{"start": "08:00", "end": "17:00"}], …, "holidays": […]}`.
fn hours(profile: &Profile) -> Value {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let clock = |t: jiff::civil::Time| t.strftime("%H:%M").to_string();
    let mut week = Map::new();
    for (name, spans) in names.iter().zip(&profile.hours.week) {
        let spans: Vec<Value> =
            spans.iter().map(|s| json!({ "start": clock(s.opens), "end": clock(s.closes) })).collect();
        week.insert((*name).into(), Value::Array(spans));
    }
    week.insert("holidays".into(), json!(profile.hours.holidays));
    Value::Object(week)
}

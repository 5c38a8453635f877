-- Version 1. Names and columns follow the source (D:976-1155) as amended by the decisions page.
-- Times are UTC, RFC 3339 with exactly three decimals and a `Z`, so that text order is time order.
-- Ids are UUIDv7 text. This file is frozen once released: changes are a new migration.

-- What was in force at the last start; the configuration file is the source of truth.
CREATE TABLE after_hours_config (
    id                TEXT PRIMARY KEY,                 -- the profile's short name: metro-plumbing
    business_name     TEXT NOT NULL,
    twilio_number     TEXT,                             -- first called number, E.164 or extension
    business_number   TEXT,                             -- where callers go while the office is open
    ai_name           TEXT NOT NULL DEFAULT 'Alex',
    business_hours    TEXT NOT NULL,                    -- JSON: {"mon":[{"start":"08:00","end":"17:00"}], … , "holidays":[…]}
    time_zone         TEXT NOT NULL,                    -- IANA name (decision K28)
    always_active     INTEGER NOT NULL DEFAULT 0 CHECK (always_active IN (0, 1)),
    is_active         INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at        TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE oncall_config (
    id                              TEXT PRIMARY KEY REFERENCES after_hours_config (id) ON DELETE CASCADE,
    primary_tech_name               TEXT NOT NULL,
    primary_tech_phone              TEXT NOT NULL,
    backup_tech_name                TEXT,
    backup_tech_phone               TEXT,
    owner_phone                     TEXT NOT NULL,
    warm_transfer_enabled           INTEGER NOT NULL DEFAULT 1 CHECK (warm_transfer_enabled IN (0, 1)),
    warm_transfer_timeout_seconds   INTEGER NOT NULL DEFAULT 30,
    escalation_step2_delay_seconds  INTEGER NOT NULL DEFAULT 0,
    escalation_step3_delay_seconds  INTEGER NOT NULL DEFAULT 60,
    escalation_step4_delay_seconds  INTEGER NOT NULL DEFAULT 600,
    escalation_step5_delay_seconds  INTEGER NOT NULL DEFAULT 1200,
    is_active                       INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at                      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at                      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE after_hours_calls (
    id                     TEXT PRIMARY KEY,
    profile_id             TEXT NOT NULL,               -- the business; no foreign key: a shop may leave the config
    sip_call_id            TEXT NOT NULL,
    caller_phone           TEXT,                        -- NULL: withheld
    caller_display         TEXT,
    called                 TEXT NOT NULL,
    called_at              TEXT NOT NULL,
    utc_offset_s           INTEGER NOT NULL,            -- the shop's offset at that moment
    ended_at               TEXT,
    call_duration_seconds  INTEGER,
    is_after_hours         INTEGER NOT NULL DEFAULT 1 CHECK (is_after_hours IN (0, 1)),
    recording_url          TEXT,                        -- path below the data folder
    status                 TEXT NOT NULL DEFAULT 'in_progress'
                           CHECK (status IN ('in_progress', 'completed', 'abandoned', 'spam', 'cut', 'failed')),
    created_at             TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at             TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX idx_after_hours_calls_date   ON after_hours_calls (called_at DESC);
CREATE INDEX idx_after_hours_calls_caller ON after_hours_calls (caller_phone, called_at DESC);
CREATE INDEX idx_after_hours_calls_open   ON after_hours_calls (status) WHERE status IN ('in_progress', 'cut');

-- The transcript, one row per turn.
CREATE TABLE turns (
    call_id     TEXT NOT NULL REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    turn_index  INTEGER NOT NULL,
    speaker     TEXT NOT NULL CHECK (speaker IN ('caller', 'agent')),
    text        TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,                       -- since the call was answered
    confidence  REAL NOT NULL,
    tone        TEXT NOT NULL,
    latency_ms  INTEGER,
    decision    TEXT,
    PRIMARY KEY (call_id, turn_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE lead_cards (
    id                        TEXT PRIMARY KEY,
    call_id                   TEXT NOT NULL UNIQUE REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    profile_id                TEXT NOT NULL,
    caller_phone              TEXT,
    phone_confirmed           INTEGER NOT NULL DEFAULT 0 CHECK (phone_confirmed IN (0, 1)),
    caller_name               TEXT NOT NULL DEFAULT 'Unknown',
    address                   TEXT,
    called_at                 TEXT NOT NULL,
    classification            TEXT NOT NULL CHECK (classification IN ('emergency', 'routine', 'spam')),
    priority                  TEXT NOT NULL,
    issue                     TEXT NOT NULL,
    issue_summary             TEXT NOT NULL,
    issue_detail              TEXT NOT NULL DEFAULT '', -- the caller's own words: leaves with the transcript
    service_type              TEXT NOT NULL DEFAULT 'unknown',
    same_day                  INTEGER NOT NULL DEFAULT 0 CHECK (same_day IN (0, 1)),
    classification_reasoning  TEXT NOT NULL DEFAULT '',
    safety_instruction_given  TEXT NOT NULL DEFAULT '[]', -- JSON list of {safety, at, complete}
    caller_tone               TEXT NOT NULL DEFAULT 'neutral',
    recording_url             TEXT,
    call_duration             INTEGER NOT NULL DEFAULT 0,
    appointment_booked        INTEGER NOT NULL DEFAULT 0 CHECK (appointment_booked IN (0, 1)),
    appointment_date          TEXT,
    oncall_outcome            TEXT NOT NULL DEFAULT 'not_applicable',
    callback_status           TEXT NOT NULL DEFAULT 'not_called',
    callback_notes            TEXT NOT NULL DEFAULT '[]', -- JSON list of remarks for the dispatcher
    included_in_digest        INTEGER NOT NULL DEFAULT 0 CHECK (included_in_digest IN (0, 1)),
    digest_sent_at            TEXT,
    crm_synced                INTEGER NOT NULL DEFAULT 0 CHECK (crm_synced IN (0, 1)),
    crm_sync_id               TEXT,
    created_at                TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at                TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX idx_lead_cards_date            ON lead_cards (called_at DESC);
CREATE INDEX idx_lead_cards_classification  ON lead_cards (classification, called_at DESC);
CREATE INDEX idx_lead_cards_callback_status ON lead_cards (callback_status) WHERE callback_status = 'not_called';
CREATE INDEX idx_lead_cards_digest          ON lead_cards (included_in_digest, called_at DESC) WHERE included_in_digest = 0;

-- An alert belongs to a call; the card is linked when it exists (decision K25).
CREATE TABLE emergency_alerts (
    id                      TEXT PRIMARY KEY,
    call_id                 TEXT NOT NULL REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    lead_card_id            TEXT REFERENCES lead_cards (id) ON DELETE SET NULL,
    caller_name             TEXT,
    caller_phone            TEXT,
    address                 TEXT,
    issue_summary           TEXT NOT NULL,
    tech_name               TEXT NOT NULL,
    tech_phone              TEXT NOT NULL,
    twilio_number           TEXT,                       -- the number that alerts are sent from
    escalation_step         TEXT NOT NULL CHECK (escalation_step IN
                            ('warm_transfer', 'sms_oncall', 'auto_dial_oncall', 'sms_backup', 'sms_owner_unresolved')),
    acknowledged            INTEGER NOT NULL DEFAULT 0 CHECK (acknowledged IN (0, 1)),
    acknowledged_at         TEXT,
    acknowledgment_message  TEXT,
    dispatched              INTEGER NOT NULL DEFAULT 0 CHECK (dispatched IN (0, 1)),
    dispatched_at           TEXT,
    created_at              TEXT NOT NULL
) STRICT;
CREATE INDEX idx_emergency_alerts_pending ON emergency_alerts (tech_phone, acknowledged) WHERE acknowledged = 0;
CREATE INDEX idx_emergency_alerts_call    ON emergency_alerts (call_id);

CREATE TABLE digest_history (
    id                TEXT PRIMARY KEY,
    digest_date       TEXT NOT NULL UNIQUE,
    digest_start      TEXT NOT NULL,
    digest_end        TEXT NOT NULL,
    total_calls       INTEGER NOT NULL DEFAULT 0,
    emergencies       INTEGER NOT NULL DEFAULT 0,
    routine_booked    INTEGER NOT NULL DEFAULT 0,
    routine_callback  INTEGER NOT NULL DEFAULT 0,
    spam              INTEGER NOT NULL DEFAULT 0,
    channel           TEXT NOT NULL CHECK (channel IN ('slack', 'sms', 'email')),
    digest_content    TEXT,
    sent_at           TEXT                              -- empty until one try succeeds (decision K09)
) STRICT;

-- What waits to leave the box. The key is what the far side can be searched for.
CREATE TABLE outbox (
    id               TEXT PRIMARY KEY,
    channel          TEXT NOT NULL CHECK (channel IN ('page', 'sms', 'ticket', 'slack', 'email')),
    idempotency_key  TEXT NOT NULL UNIQUE,
    call_id          TEXT NOT NULL REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    payload          TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    sent_at          TEXT
) STRICT;
CREATE INDEX idx_outbox_waiting ON outbox (created_at) WHERE sent_at IS NULL;
CREATE INDEX idx_outbox_call    ON outbox (call_id);

CREATE TRIGGER set_updated_at_after_hours_config AFTER UPDATE ON after_hours_config
WHEN NEW.updated_at = OLD.updated_at BEGIN
    UPDATE after_hours_config SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = NEW.id;
END;
CREATE TRIGGER set_updated_at_oncall_config AFTER UPDATE ON oncall_config
WHEN NEW.updated_at = OLD.updated_at BEGIN
    UPDATE oncall_config SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = NEW.id;
END;
CREATE TRIGGER set_updated_at_after_hours_calls AFTER UPDATE ON after_hours_calls
WHEN NEW.updated_at = OLD.updated_at BEGIN
    UPDATE after_hours_calls SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = NEW.id;
END;
CREATE TRIGGER set_updated_at_lead_cards AFTER UPDATE ON lead_cards
WHEN NEW.updated_at = OLD.updated_at BEGIN
    UPDATE lead_cards SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = NEW.id;
END;

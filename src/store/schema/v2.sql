-- Version 2. One alert per call with the steps of its ladder, an outbox that knows what has become of its items,
-- and the small tables around them. This file is frozen once released: changes are a new migration.

-- ── alerts ─────────────────────────────────────────────────────────────────────────────────────────
-- An alert belongs to a call (decision K25); its steps have rows of their own (decision K08).
CREATE TABLE emergency_alerts_v2 (
    id                      TEXT PRIMARY KEY,
    call_id                 TEXT NOT NULL UNIQUE REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    lead_card_id            TEXT REFERENCES lead_cards (id) ON DELETE SET NULL,
    profile_id              TEXT NOT NULL,
    reply_code              TEXT NOT NULL,
    drill                   INTEGER NOT NULL DEFAULT 0 CHECK (drill IN (0, 1)),
    issue                   TEXT NOT NULL,
    caller_name             TEXT,
    caller_phone            TEXT,
    address                 TEXT,
    issue_summary           TEXT NOT NULL,
    state                   TEXT NOT NULL,              -- domain::AlertState
    opened_at               TEXT NOT NULL,
    seen_at                 TEXT NOT NULL,              -- newest time at which the ladder was looked at
    acknowledged_at         TEXT,
    acknowledged_by         TEXT,                       -- short name on the roster
    acknowledged_via        TEXT,
    acknowledgment_message  TEXT,
    closed_at               TEXT
) STRICT;
-- Version 1 wrote one row for each page of a call and could send none: far too old to wake anybody now.
INSERT INTO emergency_alerts_v2 (id, call_id, lead_card_id, profile_id, reply_code, issue, caller_name,
    caller_phone, address, issue_summary, state, opened_at, seen_at, acknowledged_at, acknowledgment_message,
    closed_at)
SELECT a.id, a.call_id, a.lead_card_id, c.profile_id, 'V1',
    coalesce((SELECT issue FROM lead_cards l WHERE l.call_id = a.call_id), 'unknown'), a.caller_name,
    a.caller_phone, a.address, a.issue_summary, 'done', a.created_at, a.created_at, a.acknowledged_at,
    a.acknowledgment_message, a.created_at
FROM emergency_alerts a JOIN after_hours_calls c ON c.id = a.call_id
WHERE NOT EXISTS (SELECT 1 FROM emergency_alerts b
    WHERE b.call_id = a.call_id AND (b.created_at, b.id) > (a.created_at, a.id));
DROP TABLE emergency_alerts;
ALTER TABLE emergency_alerts_v2 RENAME TO emergency_alerts;
CREATE INDEX idx_emergency_alerts_open ON emergency_alerts (state)
    WHERE state NOT IN ('done', 'not_an_emergency');

-- One row for every step: attempted, delivered, acknowledged are three times.
CREATE TABLE alert_steps (
    alert_id         TEXT NOT NULL REFERENCES emergency_alerts (id) ON DELETE CASCADE,
    number           INTEGER NOT NULL,
    rung             INTEGER NOT NULL,
    step             TEXT NOT NULL,                     -- domain::EscalationStep
    contact          TEXT NOT NULL,                     -- short name on the roster
    means            TEXT NOT NULL,                     -- domain::Means
    due_at           TEXT NOT NULL,
    may_repeat       INTEGER NOT NULL DEFAULT 0 CHECK (may_repeat IN (0, 1)),
    outcome          TEXT NOT NULL,                     -- domain::StepOutcome
    failure          TEXT,
    attempted_at     TEXT,
    delivered_at     TEXT,
    acknowledged_at  TEXT,
    ended_at         TEXT,
    PRIMARY KEY (alert_id, number)
) STRICT, WITHOUT ROWID;

-- ── outbox ─────────────────────────────────────────────────────────────────────────────────────────
-- What waits to leave the box, and what has become of it. The key is what the far side can be searched for.
CREATE TABLE outbox_v2 (
    id               TEXT PRIMARY KEY,
    channel          TEXT NOT NULL
                     CHECK (channel IN ('sms', 'sms_modem', 'push', 'slack', 'email', 'ticket', 'webhook')),
    idempotency_key  TEXT NOT NULL UNIQUE,
    call_id          TEXT REFERENCES after_hours_calls (id) ON DELETE CASCADE,  -- NULL: a test, a digest
    alert_id         TEXT REFERENCES emergency_alerts (id) ON DELETE CASCADE,
    step_number      INTEGER,                           -- the step of the alert's ladder that it is
    destination      TEXT NOT NULL,                     -- number, address, topic: order is kept for each
    payload          TEXT NOT NULL,                     -- JSON: domain::Outgoing
    created_at       TEXT NOT NULL,
    expires_at       TEXT,                              -- NULL: never too late
    next_try_at      TEXT NOT NULL,
    tries            INTEGER NOT NULL DEFAULT 0,
    state            TEXT NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'sent', 'dead', 'expired', 'cancelled')),
    sent_by          TEXT,                              -- the connector that has it
    far_id           TEXT,
    may_repeat       INTEGER NOT NULL DEFAULT 0 CHECK (may_repeat IN (0, 1)),
    refusal          TEXT,                              -- domain::StepFailure
    last_error       TEXT,
    sent_at          TEXT,
    delivered_at     TEXT
) STRICT;
INSERT INTO outbox_v2 (id, channel, idempotency_key, call_id, destination, payload, created_at, next_try_at,
    state, last_error, sent_at)
SELECT id, 'sms', idempotency_key, call_id, tech,
    json_object('kind', 'sms', 'to', tech, 'body', coalesce(json_extract(payload, '$.summary'), '')),
    created_at, created_at, iif(sent_at IS NULL, 'expired', 'sent'),
    iif(sent_at IS NULL, 'written by a NightDesk that could not send yet', NULL), sent_at
FROM (SELECT o.*, coalesce((SELECT primary_tech_phone FROM oncall_config LIMIT 1), '+0000000') AS tech
      FROM outbox o);
DROP TABLE outbox;
ALTER TABLE outbox_v2 RENAME TO outbox;
CREATE INDEX idx_outbox_waiting ON outbox (channel, next_try_at) WHERE state = 'waiting';
CREATE INDEX idx_outbox_order   ON outbox (channel, destination, next_try_at) WHERE state = 'waiting';
CREATE INDEX idx_outbox_call    ON outbox (call_id);
CREATE INDEX idx_outbox_alert   ON outbox (alert_id);
CREATE INDEX idx_outbox_far     ON outbox (far_id) WHERE far_id IS NOT NULL;

-- Each try is a row (decision K09), begun before anything leaves: a try without an end was cut.
CREATE TABLE delivery_tries (
    item_id     TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    try         INTEGER NOT NULL,
    connector   TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    ended_at    TEXT,
    outcome     TEXT CHECK (outcome IN ('accepted', 'already_there', 'later', 'unsure', 'never')),
    why         TEXT,
    PRIMARY KEY (item_id, try)
) STRICT, WITHOUT ROWID;

-- Replies and receipts that were read, so that one that is told twice counts once.
CREATE TABLE far_events (
    connector    TEXT NOT NULL,
    far_id       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    PRIMARY KEY (connector, far_id, kind)
) STRICT, WITHOUT ROWID;

-- Callers who want no text from us (TCPA). Never asked for pages to staff: they have their own consent.
CREATE TABLE opt_outs (
    number  TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    how     TEXT NOT NULL                               -- their words, or "by hand"
) STRICT;

-- What somebody at the command line wants of the running daemon.
CREATE TABLE requests (
    id       INTEGER PRIMARY KEY,
    made_at  TEXT NOT NULL,
    body     TEXT NOT NULL,                             -- JSON: store::Request
    answer   TEXT                                       -- NULL: not done yet
) STRICT;

-- ── calls that we made ─────────────────────────────────────────────────────────────────────────────
-- Voice pages and transfers, kept 30 days (source C:24).
CREATE TABLE call_outs (
    id           TEXT PRIMARY KEY,
    alert_id     TEXT REFERENCES emergency_alerts (id) ON DELETE CASCADE,
    step_number  INTEGER,
    contact      TEXT NOT NULL,
    number       TEXT NOT NULL,
    started_at   TEXT NOT NULL,
    ended_at     TEXT,
    outcome      TEXT,                                  -- NULL: rings, or was cut
    why          TEXT
) STRICT;
CREATE INDEX idx_call_outs_date ON call_outs (started_at);

-- ── cloud models: what left the box for which call, and what it cost ───────────────────────────────
CREATE TABLE cloud_usage (
    id              INTEGER PRIMARY KEY,
    call_id         TEXT REFERENCES after_hours_calls (id) ON DELETE CASCADE,
    at              TEXT NOT NULL,
    model           TEXT NOT NULL,
    bytes_out       INTEGER NOT NULL,
    tokens_in       INTEGER NOT NULL,
    tokens_out      INTEGER NOT NULL,
    cost_usd_micro  INTEGER NOT NULL
) STRICT;
CREATE INDEX idx_cloud_usage_date ON cloud_usage (at);

-- ── settings of the source that version 1 left out (D:984-992) ─────────────────────────────────────
ALTER TABLE after_hours_config ADD COLUMN calendar_enabled INTEGER NOT NULL DEFAULT 0 CHECK (calendar_enabled IN (0, 1));
ALTER TABLE after_hours_config ADD COLUMN digest_enabled INTEGER NOT NULL DEFAULT 1 CHECK (digest_enabled IN (0, 1));
ALTER TABLE after_hours_config ADD COLUMN digest_channel TEXT NOT NULL DEFAULT 'slack' CHECK (digest_channel IN ('slack', 'sms', 'email'));
ALTER TABLE after_hours_config ADD COLUMN digest_slack_webhook TEXT;
ALTER TABLE after_hours_config ADD COLUMN digest_email TEXT;
ALTER TABLE after_hours_config ADD COLUMN digest_phone TEXT;
ALTER TABLE after_hours_config ADD COLUMN digest_time TEXT NOT NULL DEFAULT '06:00:00';

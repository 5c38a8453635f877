-- Version 2. The outbox gets its states.

-- What waits to leave the box, and what has become of it. The key is what the far side can be searched for.
CREATE TABLE outbox_v2 (
    id               TEXT PRIMARY KEY,
    channel          TEXT NOT NULL CHECK (channel IN ('sms', 'push', 'slack', 'email', 'ticket', 'webhook')),
    idempotency_key  TEXT NOT NULL UNIQUE,
    call_id          TEXT REFERENCES after_hours_calls (id) ON DELETE CASCADE,  -- NULL: a test, a digest
    alert_id         TEXT,
    destination      TEXT NOT NULL,                     -- number, address, topic: order is kept for each
    payload          TEXT NOT NULL,                     -- JSON: domain::Outgoing
    created_at       TEXT NOT NULL,
    expires_at       TEXT,                              -- NULL: never too late
    next_try_at      TEXT NOT NULL,
    tries            INTEGER NOT NULL DEFAULT 0,
    state            TEXT NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'sent', 'dead', 'expired', 'cancelled')),
    far_id           TEXT,
    may_repeat       INTEGER NOT NULL DEFAULT 0 CHECK (may_repeat IN (0, 1)),
    last_error       TEXT,
    sent_at          TEXT,
    delivered_at     TEXT
) STRICT;
-- Version 1 knew no way out: its pages are far too old to wake anybody now.
INSERT INTO outbox_v2 (id, channel, idempotency_key, call_id, destination, payload, created_at, next_try_at,
    state, last_error, sent_at)
SELECT id, 'sms', idempotency_key, call_id, tech,
    json_object('kind', 'sms', 'to', tech, 'body', coalesce(json_extract(payload, '$.summary'), '')),
    created_at, created_at, iif(sent_at IS NULL, 'expired', 'sent'),
    iif(sent_at IS NULL, 'written by a NightDesk that could not send yet', NULL), sent_at
FROM (
    SELECT o.*, coalesce(
        (SELECT tech_phone FROM emergency_alerts a WHERE a.call_id = o.call_id ORDER BY a.created_at DESC LIMIT 1),
        (SELECT primary_tech_phone FROM oncall_config LIMIT 1), '+0000000') AS tech
    FROM outbox o
);
DROP TABLE outbox;
ALTER TABLE outbox_v2 RENAME TO outbox;
CREATE INDEX idx_outbox_waiting ON outbox (channel, next_try_at) WHERE state = 'waiting';
CREATE INDEX idx_outbox_call    ON outbox (call_id);
CREATE INDEX idx_outbox_far     ON outbox (far_id) WHERE far_id IS NOT NULL;

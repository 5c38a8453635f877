INSERT INTO after_hours_calls (id, profile_id, sip_call_id, caller_phone, caller_display, called, called_at,
    utc_offset_s, ended_at, call_duration_seconds, recording_url, status)
VALUES ('019c54a0-0000-7000-8000-000000000001', 'metro-plumbing', 'a1@pbx', '+15555550415', 'Jim Kowalski',
    '+15552340001', '2026-02-13T03:22:00.000Z', -21600, '2026-02-13T03:23:40.000Z', 100,
    'recordings/2026/02/a.wav', 'completed');
INSERT INTO after_hours_calls (id, profile_id, sip_call_id, caller_phone, called, called_at, utc_offset_s,
    ended_at, call_duration_seconds, status)
VALUES ('019c54a0-0000-7000-8000-000000000002', 'metro-plumbing', 'a2@pbx', NULL, '+15552340001',
    '2026-02-13T12:10:00.000Z', -21600, '2026-02-13T12:10:31.000Z', 31, 'spam');
INSERT INTO turns VALUES ('019c54a0-0000-7000-8000-000000000001', 0, 'agent', 'Metro Plumbing, this is Alex',
    0, 1.0, 'neutral', 90, NULL);
INSERT INTO turns VALUES ('019c54a0-0000-7000-8000-000000000001', 1, 'caller', 'my basement is flooding',
    4100, 0.91, 'worried', NULL, 'EMERGENCY: flooding');
INSERT INTO lead_cards (id, call_id, profile_id, caller_phone, phone_confirmed, caller_name, address, called_at,
    classification, priority, issue, issue_summary, issue_detail, service_type, classification_reasoning,
    safety_instruction_given, caller_tone, call_duration, callback_notes)
VALUES ('019c54a0-0000-7000-8000-000000000003', '019c54a0-0000-7000-8000-000000000001', 'metro-plumbing',
    '+15555550415', 1, 'Jim Kowalski', '218 Oak Lane', '2026-02-13T03:22:00.000Z', 'emergency', 'P1', 'water',
    'Burst pipe, basement flooding.', 'my basement is flooding', 'plumbing', 'EMERGENCY: flooding',
    '[{"safety":"water_shutoff","at":"2026-02-13T03:23:15Z","complete":true}]', 'worried', 100,
    '["Number confirmed"]');
INSERT INTO emergency_alerts (id, call_id, lead_card_id, caller_phone, issue_summary, tech_name, tech_phone,
    escalation_step, created_at)
VALUES ('019c54a0-0000-7000-8000-000000000004', '019c54a0-0000-7000-8000-000000000001',
    '019c54a0-0000-7000-8000-000000000003', '+15555550415', 'Burst pipe, basement flooding.', 'Mike',
    '+15558870002', 'sms_oncall', '2026-02-13T03:22:46.000Z');
INSERT INTO outbox (id, channel, idempotency_key, call_id, payload, created_at)
VALUES ('019c54a0-0000-7000-8000-000000000005', 'page', 'page:1:0', '019c54a0-0000-7000-8000-000000000001', '{}',
    '2026-02-13T03:22:46.000Z');

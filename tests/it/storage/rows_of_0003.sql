-- One row per table, as 0003 made them. Never edited.
INSERT INTO idempotency_keys (caller, key, request_hash, status, body, shown_once, created_at)
VALUES ('key_01kaxw3vd0f1wvj1d2sahtfxyz', 'once', X'0707070707070707070707070707070707070707070707070707070707070707', 201,
        '{"id":"prd_01kaxw3vd0f1wvj1d2sahtfxyz"}', FALSE, 1795339800000);

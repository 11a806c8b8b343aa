-- One row per table, as 0002 made them. Never edited.
INSERT INTO refresh_tokens (token_hash, family_id, created_at, expires_at, spent_at, successor_hash, sealed_successor)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 'fam_01kaxw3vd0f1wvj1d2sahtfxyz',
        1795339800000, 1797931800000, 1795339801000,
        X'0808080808080808080808080808080808080808080808080808080808080808', X'0102');
INSERT INTO revoked_tokens (jti, expires_at) VALUES ('fam_01kaxw3vd0f1wvj1d2sahtfxyz.unique', 1795340100000);

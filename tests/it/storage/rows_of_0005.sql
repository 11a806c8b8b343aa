-- One row per table, as 0005 made them. Never edited.
INSERT INTO audit_seals (chain, sequence, at, leaves, root, previous, signature)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 1, 1795339801000, X'010203', X'01', X'02', X'03');
INSERT INTO audit_heads (chain, sequence, digest, mac)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 1, X'01', X'02');
INSERT INTO audit_sealing (id, next, skipped, seals, events, mac) VALUES (1, 2, X'010203', 1, 1, X'01');
INSERT INTO audit_cuts (chain, sequence, events, digest, keep_days, at, signature)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 1, 1, X'01', 30, 1795339802000, X'02');
INSERT INTO audit_erasures (user_id, at, signature, through, finished_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339802000, X'01', 2, NULL);

-- One row per table, as 0004 made them. Never edited.
INSERT INTO resource_usage (organization_id, product_id, resource, used, reported_at)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'prd_01kaxw3vd0f1wvj1d2sahtfxyz', 'devices', 12, 1795339800000);
INSERT INTO usage_reservations (id, organization_id, product_id, resource, amount, created_at, expires_at)
VALUES ('rsv_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', '', 'devices', 3, 1795339800000, 1795343400000);
INSERT INTO domains (domain, organization_id, verified_at)
VALUES ('acme.example', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000);
INSERT INTO user_words (word, user_id) VALUES ('archer', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz');
INSERT INTO avatars (id, user_id, media_type, image, created_at)
VALUES ('img_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'image/png', X'010203', 1795339800000);
INSERT INTO email_changes (secret_hash, user_id, email, created_at, expires_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        'alice@new.example', 1795339800000, 1795426200000);
INSERT INTO invitations (id, organization_id, email, email_comparable, role_id, message, invited_by, secret_hash, state,
                         created_at, sent_at, expires_at)
VALUES ('inv_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Bob@acme.example', 'bob@acme.example',
        'rol_01kaxw3vd0f1wvj1d2sahtfxyz', 'Welcome', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        X'0707070707070707070707070707070707070707070707070707070707070707', 'pending', 1795339800000, 1795339800000,
        1795944600000);
INSERT INTO invitation_groups (organization_id, invitation_id, group_id)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'inv_01kaxw3vd0f1wvj1d2sahtfxyz', 'grp_01kaxw3vd0f1wvj1d2sahtfxyz');
INSERT INTO outbox (id, sealed_letter, created_at, due_at, attempts, last_error)
VALUES ('let_01kaxw3vd0f1wvj1d2sahtfxyz', X'010203', 1795339800000, 1795339800000, 1, 'connection refused');

-- One row per table, as 0006 made them. Never edited.
INSERT INTO reviews (id, organization_id, name, scope, scope_id, scope_name, reviewer_id, started_by, undecided, on_revoke,
                     due_at, remind_at, every, unit, repeats_from, next_at, state, created_at, people, kept)
VALUES ('rev_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Autumn review', 'group',
        'grp_01kaxw3vd0f1wvj1d2sahtfxyz', 'Night watch', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'keep', 'remove', 1797931800000, 1797672600000, 3, 'months', 1795339800000,
        1803029400000, 'open', 1795339800000, 1, 1);
INSERT INTO review_items (id, review_id, user_id, held, verdict, note, decided_by, decided_at)
VALUES ('itm_01kaxw3vd0f1wvj1d2sahtfxyz', 'rev_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        '{"status":"active","role":"owner","groups":["Night watch"],"grants":[],"permissions":{"*":["device:read"]}}',
        'keep', 'Still on watch', 'key_01kaxw3vd0f1wvj1d2sahtfxyz', 1795426200000);
UPDATE memberships SET last_sign_in_at = 1795339800000;

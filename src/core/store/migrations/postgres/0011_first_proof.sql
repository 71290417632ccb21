-- Who set a second factor up, as of passwords. 'signup' is a person's doing before anybody proved the
-- address: the first proof drops it.
ALTER TABLE totp ADD COLUMN set_by TEXT COLLATE "C" NOT NULL DEFAULT 'operator'
    CHECK (set_by IN ('signup', 'subject', 'operator'));
ALTER TABLE recovery_codes ADD COLUMN set_by TEXT COLLATE "C" NOT NULL DEFAULT 'operator'
    CHECK (set_by IN ('signup', 'subject', 'operator'));

-- A password that was changed before the proof used to count as the user's own.
UPDATE passwords SET set_by = 'signup'
    WHERE set_by = 'subject' AND user_id IN (SELECT id FROM users WHERE verified_at IS NULL);
UPDATE totp SET set_by = 'subject'
    WHERE user_id IN (SELECT id FROM users WHERE verified_at IS NOT NULL);
UPDATE totp SET set_by = 'signup'
    WHERE set_by = 'operator' AND user_id IN (SELECT user_id FROM passwords WHERE set_by = 'signup');
UPDATE recovery_codes SET set_by = 'subject'
    WHERE user_id IN (SELECT id FROM users WHERE verified_at IS NOT NULL);
UPDATE recovery_codes SET set_by = 'signup'
    WHERE set_by = 'operator' AND user_id IN (SELECT user_id FROM passwords WHERE set_by = 'signup');

-- When the comparison of a counted attempt would surely be over; 0 where none goes on.
ALTER TABLE attempts ADD COLUMN open_until BIGINT NOT NULL DEFAULT 0;

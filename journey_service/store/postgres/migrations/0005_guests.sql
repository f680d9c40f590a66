-- Guests: installations on which others alone had sessions of the subject. What the subject says of
-- such a device holds for the subject and for nobody else.
ALTER TABLE installation_devices ADD COLUMN guest boolean NOT NULL DEFAULT false;

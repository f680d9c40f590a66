-- The sign-in epoch of an installation. $1: partition of the installation id. $2: installation id.
SELECT epoch FROM installation_epochs WHERE partition = $1 AND installation_id = $2

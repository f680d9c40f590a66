-- The place of a consumer. $1 consumer
SELECT checkpoint FROM journey_checkpoints WHERE consumer = $1

-- What operators said of exchanged meters. A point's memory bears the number of the latest one that it has taken in,
-- so that an exchange takes effect in the very transaction of the first packet that was built with it.
CREATE TABLE exchange (
    id           INTEGER PRIMARY KEY,
    meter        TEXT NOT NULL,
    point        TEXT NOT NULL,              -- as in memory
    old_final    TEXT NOT NULL,              -- decimals, in the counter's own unit
    new_start    TEXT NOT NULL,
    continues    INTEGER NOT NULL,           -- 1: an index goes on from where the old meter ended
    at           INTEGER NOT NULL,           -- readings before it are the old meter's
    told_at      INTEGER NOT NULL,
    told_by      TEXT NOT NULL,
    withdrawn_at INTEGER                     -- taken back before a reading had taken it in
) STRICT;

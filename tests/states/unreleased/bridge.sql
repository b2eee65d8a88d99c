BEGIN TRANSACTION;
CREATE TABLE booked (
    meter TEXT PRIMARY KEY,
    slot  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE doubtful (
    meter TEXT PRIMARY KEY,
    why   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE filler (body BLOB);
CREATE TABLE hole (
    id     INTEGER PRIMARY KEY,
    meter  TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE memory (
    meter TEXT NOT NULL,
    point TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (meter, point)
) STRICT, WITHOUT ROWID;
INSERT INTO "memory" VALUES('gas','1002 value accumulator,1 present-value','{"last":"134522.58","of":"0.01 m\u00b3","rises":1,"top":"35.7497517378","at":1795471531134,"moved_at":1795471529141}');
INSERT INTO "memory" VALUES('main','1001 v_1 analog-input,10 present-value','still 4 real 230.10000610351562');
CREATE TABLE packet (
    id      INTEGER PRIMARY KEY,
    queue   INTEGER NOT NULL REFERENCES queue (id),
    instant INTEGER NOT NULL,
    due     INTEGER NOT NULL,           -- 1: stands on a slot of the meter's schedule
    state   INTEGER NOT NULL DEFAULT 0, -- 0 waiting, 1 accepted, 2 set aside
    since   INTEGER NOT NULL,           -- when it came into that state
    how     INTEGER NOT NULL DEFAULT 0, -- accepted by: 0 answered 200, 1 read back
    origin  TEXT NOT NULL,
    day     TEXT NOT NULL,              -- the building's local date
    body    TEXT NOT NULL,
    why     TEXT                        -- set aside: the operator's words
, crc INTEGER NOT NULL DEFAULT -1) STRICT;
INSERT INTO "packet" VALUES(1,1,1795471528000,1,1,1795471528129,0,'live','2026-11-23','{"id":"supply","tsISO8601":"2026-11-23T22:05:28.000+00:00","value":18.7}',NULL,840199631);
INSERT INTO "packet" VALUES(2,2,1795471528000,1,1,1795471528172,0,'live','2026-11-23','{"id":"gas","tsISO8601":"2026-11-23T22:05:28.000+00:00","value":134522.57}',NULL,1221896949);
INSERT INTO "packet" VALUES(3,3,1795471528000,1,1,1795471528396,0,'live','2026-11-23','{"id":"main","tsISO8601":"2026-11-23T22:05:28.000+00:00","aP_1":17600,"v_1":230.1}',NULL,2139913969);
INSERT INTO "packet" VALUES(4,1,1795471529000,1,1,1795471529136,0,'live','2026-11-23','{"id":"supply","tsISO8601":"2026-11-23T22:05:29.000+00:00","value":18.7}',NULL,2227687745);
INSERT INTO "packet" VALUES(5,2,1795471529000,1,1,1795471529179,0,'live','2026-11-23','{"id":"gas","tsISO8601":"2026-11-23T22:05:29.000+00:00","value":134522.58}',NULL,2814992199);
INSERT INTO "packet" VALUES(6,3,1795471529000,1,1,1795471529388,0,'live','2026-11-23','{"id":"main","tsISO8601":"2026-11-23T22:05:29.000+00:00","aP_1":17600,"v_1":230.1}',NULL,4208940760);
INSERT INTO "packet" VALUES(7,1,1795471530000,1,0,1795471530118,0,'live','2026-11-23','{"id":"supply","tsISO8601":"2026-11-23T22:05:30.000+00:00","value":18.7}',NULL,2389239779);
INSERT INTO "packet" VALUES(8,2,1795471530000,1,0,1795471530140,0,'live','2026-11-23','{"id":"gas","tsISO8601":"2026-11-23T22:05:30.000+00:00","value":134522.58}',NULL,324892984);
INSERT INTO "packet" VALUES(9,3,1795471530000,1,0,1795471530386,0,'live','2026-11-23','{"id":"main","tsISO8601":"2026-11-23T22:05:30.000+00:00","aP_1":17600,"v_1":230.1}',NULL,3422871931);
INSERT INTO "packet" VALUES(10,1,1795471531000,1,0,1795471531119,0,'live','2026-11-23','{"id":"supply","tsISO8601":"2026-11-23T22:05:31.000+00:00","value":18.7}',NULL,951802733);
INSERT INTO "packet" VALUES(11,2,1795471531000,1,0,1795471531135,0,'live','2026-11-23','{"id":"gas","tsISO8601":"2026-11-23T22:05:31.000+00:00","value":134522.58}',NULL,2077790277);
INSERT INTO "packet" VALUES(12,3,1795471531000,1,0,1795471531380,0,'live','2026-11-23','{"id":"main","tsISO8601":"2026-11-23T22:05:31.000+00:00","aP_1":17600,"v_1":230.1}',NULL,1230489938);
CREATE TABLE queue (
    id            INTEGER PRIMARY KEY,
    address       TEXT NOT NULL,
    credentials   TEXT NOT NULL,
    meter         TEXT NOT NULL,
    fence         INTEGER,
    last_put      INTEGER,
    last_live     INTEGER,
    last_accepted INTEGER,
    hold_after    INTEGER,
    hold_until    INTEGER,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_attempt  INTEGER NOT NULL DEFAULT 0,
    reason        TEXT NOT NULL DEFAULT '',
    kind          TEXT NOT NULL DEFAULT '', unproven TEXT NOT NULL DEFAULT '',
    UNIQUE (meter, address, credentials)
) STRICT;
INSERT INTO "queue" VALUES(1,'https://localhost:43685/measurements/v2/unifiedjson/','default','supply',1795471529000,1795471531000,1795471531000,1795471529000,NULL,NULL,4,1795471533837,'500 Internal Server Error: a problem on the platform''s side; it is tried again; it said: Told to misbehave','backing off','');
INSERT INTO "queue" VALUES(2,'https://localhost:43685/measurements/v2/unifiedjson/','default','gas',1795471529000,1795471531000,1795471531000,1795471529000,NULL,NULL,2,1795471532285,'500 Internal Server Error: a problem on the platform''s side; it is tried again; it said: Told to misbehave','backing off','');
INSERT INTO "queue" VALUES(3,'https://localhost:43685/measurements/v2/unifiedjson/','default','main',1795471529000,1795471531000,1795471531000,1795471529000,NULL,NULL,2,1795471532328,'500 Internal Server Error: a problem on the platform''s side; it is tried again; it said: Told to misbehave','backing off','');
CREATE TABLE schedule (
    id       INTEGER PRIMARY KEY,
    meter    TEXT NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER,
    interval INTEGER NOT NULL,
    phase    INTEGER NOT NULL,
    zone     TEXT NOT NULL
) STRICT;
INSERT INTO "schedule" VALUES(1,'supply',1795471527822,NULL,1000,0,'Europe/Dublin');
INSERT INTO "schedule" VALUES(2,'gas',1795471527822,NULL,1000,0,'Europe/Dublin');
INSERT INTO "schedule" VALUES(3,'main',1795471527822,NULL,1000,0,'Europe/Dublin');
CREATE TABLE tally (
    day       TEXT NOT NULL,
    meter     TEXT NOT NULL,
    origin    TEXT NOT NULL,
    due       INTEGER NOT NULL,
    waiting   INTEGER NOT NULL DEFAULT 0,
    accepted  INTEGER NOT NULL DEFAULT 0,
    set_aside INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, meter, origin, due)
) STRICT, WITHOUT ROWID;
INSERT INTO "tally" VALUES('2026-11-23','gas','live',1,2,2,0);
INSERT INTO "tally" VALUES('2026-11-23','main','live',1,2,2,0);
INSERT INTO "tally" VALUES('2026-11-23','supply','live',1,2,2,0);
CREATE INDEX schedule_of_meter ON schedule (meter, since);
CREATE INDEX hole_of_meter ON hole (meter, last);
CREATE INDEX waiting ON packet (id, queue, instant, state) WHERE state = 0;
COMMIT;
PRAGMA user_version = 4;

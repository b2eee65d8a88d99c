-- Outbox and ledger, in one file so that an acceptance and its count commit together.
-- All instants are UTC milliseconds.

-- A queue belongs to an account and an id. Its row outlives its packets: an emptied queue knows its fence.
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
    kind          TEXT NOT NULL DEFAULT '',
    UNIQUE (meter, address, credentials)
) STRICT;

-- Append-only: a row is written at the end, keeps its size when it is accepted, and is not ordered by queue, so that
-- thousands of queues fill the same few pages. Order and uniqueness by (queue, instant) are kept in memory.
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
) STRICT;

-- By row first: grows at its end like the table, and alone is enough to rebuild every queue's order.
CREATE INDEX waiting ON packet (id, queue, instant) WHERE state = 0;

-- What a point must remember between readings, as of its meter's latest packet.
CREATE TABLE memory (
    meter TEXT NOT NULL,
    point TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (meter, point)
) STRICT, WITHOUT ROWID;

-- How many of a meter's local day's packets are in which state; kept long after the packets themselves.
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

-- When a meter was due: the slots (instant = phase modulo interval) later than since, up to and with until.
CREATE TABLE schedule (
    id       INTEGER PRIMARY KEY,
    meter    TEXT NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER,
    interval INTEGER NOT NULL,
    phase    INTEGER NOT NULL,
    zone     TEXT NOT NULL
) STRICT;
CREATE INDEX schedule_of_meter ON schedule (meter, since);

-- Why slots have no packet, as ranges with both ends included.
CREATE TABLE hole (
    id     INTEGER PRIMARY KEY,
    meter  TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX hole_of_meter ON hole (meter, last);

-- The latest slot that a reason was booked for; stays when its hole is healed.
CREATE TABLE booked (
    meter TEXT PRIMARY KEY,
    slot  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

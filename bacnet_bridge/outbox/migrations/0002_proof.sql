-- What the file says of itself is checked: a packet's row by its sum, a queue after damage by an operator.

-- CRC-32 of instant, day, origin and body; -1 in rows that version 1 wrote.
ALTER TABLE packet ADD COLUMN crc INTEGER NOT NULL DEFAULT -1;

-- Why the queue cannot be proven whole since the file was salvaged; then it collects and does not send.
ALTER TABLE queue ADD COLUMN unproven TEXT NOT NULL DEFAULT '';

-- Meters whose queues were lost with a damaged file, '' for any: what is put for them makes an unproven queue.
CREATE TABLE doubtful (
    meter TEXT PRIMARY KEY,
    why   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

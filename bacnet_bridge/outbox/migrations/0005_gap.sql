-- Gaps that a trend log is, or was, waited for. A slot of theirs is never found again, so that each is waited for once.
--
-- first, last: slots, both included. stage: vocabulary/gaps.py; 'found' is never stored. found: when the queue went on
-- hold; deadline: set with it, once. resumed: the packet that ended the gap; before, after: the points' memories as
-- committed before that packet and with it, JSON. healed: slots that were filled; why others stay holes.
--
-- queue.heals: 1 where the queue is on hold for its gaps, and for nothing else.
--
-- So few words that the schema still fits the file's first page: outbox/graft.py puts another one in its place.
CREATE TABLE gap (
 queue INT, first INT, last INT, stage TEXT, found INT, deadline INT, resumed INT, before TEXT, after TEXT, healed INT,
 why TEXT, PRIMARY KEY (queue, first)) STRICT, WITHOUT ROWID;
ALTER TABLE queue ADD COLUMN heals INT NOT NULL DEFAULT 0;

-- Patients, what they said, what they were told, and who should look at it.
-- Additive and forward only. All times come from this database's clock.

CREATE TABLE patient (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key             text NOT NULL UNIQUE,             -- keyed hash of the chat id
    chat_id         bigint NOT NULL UNIQUE,
    language        text NOT NULL DEFAULT 'en',
    country         text,
    consent_chat    int NOT NULL DEFAULT 0,           -- version of the words agreed to; 0: not
    consent_review  int NOT NULL DEFAULT 0,
    consent_training int NOT NULL DEFAULT 0,
    step            text NOT NULL DEFAULT 'new',      -- where the first conversation stands
    adult           boolean,
    sites           text[] NOT NULL DEFAULT '{}',
    hdss            int CHECK (hdss BETWEEN 1 AND 4),
    facts           text[] NOT NULL DEFAULT '{}',
    denied          text[] NOT NULL DEFAULT '{}',
    opener          text,                             -- the warm opening used last
    version         bigint NOT NULL DEFAULT 0,        -- moves with all that makes an answer in the making stale
    paused          boolean NOT NULL DEFAULT false,
    unreachable     boolean NOT NULL DEFAULT false,   -- Telegram said 403
    emergency_at    timestamptz,                      -- the stop holds until it is let go
    lease_until     timestamptz,
    fence           bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE consent_log (
    patient_id  uuid NOT NULL REFERENCES patient ON DELETE CASCADE,
    part        text NOT NULL CHECK (part IN ('chat', 'review', 'training')),
    version     int NOT NULL,                         -- 0: withdrawn or refused
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON consent_log (patient_id);

CREATE TABLE intake (
    update_id   bigint PRIMARY KEY,
    chat_id     bigint,
    kind        text NOT NULL,                        -- message, edit, command, callback, member, other
    body        text,                                 -- the raw update; emptied when it is done
    state       text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'aside')),
    emergency   boolean NOT NULL DEFAULT false,       -- already answered from memory
    attempts    int NOT NULL DEFAULT 0,
    reason      text,
    arrived_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    CHECK (state <> 'done' OR body IS NULL)
);
CREATE INDEX intake_open ON intake (chat_id, seq) WHERE state = 'new';
CREATE INDEX intake_due ON intake (due_at) WHERE state = 'new';

CREATE TABLE turn (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id  uuid NOT NULL REFERENCES patient ON DELETE CASCADE,
    update_ids  bigint[] NOT NULL,
    message_ids bigint[] NOT NULL,
    text        text NOT NULL,
    redacted    text NOT NULL,
    language    text,
    answered    boolean NOT NULL DEFAULT false,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON turn (patient_id, at DESC);

CREATE TABLE origin (                                 -- what a text may come from: a row of the pack, an approved answer
    id          text NOT NULL,                        -- emergency.heart, aluminium.how_to_use, …
    kind        text NOT NULL CHECK (kind IN ('fixed', 'cited', 'approved')),
    version     text NOT NULL,
    PRIMARY KEY (id, kind)
);

CREATE TABLE reply (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id  uuid NOT NULL REFERENCES patient ON DELETE CASCADE,
    turn_id     uuid NOT NULL REFERENCES turn ON DELETE CASCADE,
    category    text NOT NULL,
    disposition text NOT NULL CHECK (disposition IN ('SEND', 'REVIEW', 'DECLINE', 'HOLD', 'EMERGENCY')),
    language    text NOT NULL,
    draft       text,
    draft_kind  text,
    backend     text,
    adapter     text,
    passages    jsonb NOT NULL DEFAULT '[]',
    pack        text NOT NULL,
    timings     jsonb NOT NULL DEFAULT '{}',
    feedback    text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (id, disposition)
);
CREATE INDEX ON reply (patient_id, at DESC);
CREATE INDEX ON reply (turn_id);

CREATE TABLE verdict (
    reply_id    uuid NOT NULL REFERENCES reply ON DELETE CASCADE,
    n           int NOT NULL,
    check_id    text NOT NULL,
    version     text NOT NULL,
    category    text,
    asks        text NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (reply_id, n)
);

CREATE TABLE review_case (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reply_id    uuid REFERENCES reply ON DELETE CASCADE,
    patient_id  uuid REFERENCES patient ON DELETE CASCADE,
    pseudonym   text NOT NULL,
    version     int NOT NULL DEFAULT 1,
    cause       text NOT NULL,
    category    text NOT NULL,
    lenses      text[] NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    wordless    boolean NOT NULL DEFAULT false,       -- no consent to review: the case holds no words
    note        text,
    due_at      timestamptz NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX one_open_case ON review_case (reply_id) WHERE state = 'open';
CREATE INDEX ON review_case (due_at) WHERE state = 'open';

CREATE TABLE release (                                -- an expert lets a held text go; bound to its very words
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reply_id    uuid NOT NULL REFERENCES reply ON DELETE CASCADE,
    body_hash   text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (id, body_hash)
);

CREATE TABLE delivery (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id  uuid NOT NULL REFERENCES patient ON DELETE CASCADE,
    reply_id    uuid REFERENCES reply ON DELETE CASCADE,
    disposition text,                                 -- of the reply, for a draft
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('fixed', 'cited', 'approved', 'draft', 'held')),
    body        text NOT NULL,
    body_hash   text NOT NULL,
    mark        text NOT NULL DEFAULT 'none' CHECK (mark IN ('none', 'unchecked', 'checked')),
    language    text NOT NULL,
    origin_id   text,
    origin_kind text,
    release_id  uuid,
    extras      jsonb NOT NULL DEFAULT '{}',          -- buttons, sources, the message it answers
    urgent      boolean NOT NULL DEFAULT false,       -- an emergency, a held answer or a correction: repeated when uncertain
    state       text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sending', 'sent', 'uncertain', 'refused')),
    attempts    int NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until timestamptz,
    fence       bigint NOT NULL DEFAULT 0,
    message_id  bigint,
    reason      text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at     timestamptz,
    CHECK (body_hash = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
    CHECK (mark <> 'checked' OR kind IN ('approved', 'held')),
    CHECK ((kind IN ('fixed', 'cited', 'approved')) = (origin_id IS NOT NULL)),
    CHECK (origin_id IS NULL OR origin_kind IS NOT DISTINCT FROM kind),
    CHECK ((origin_id IS NULL) = (origin_kind IS NULL)),
    CHECK ((kind = 'held') = (release_id IS NOT NULL)),
    CHECK (kind <> 'draft' OR (reply_id IS NOT NULL AND disposition IS NOT NULL AND disposition IN ('SEND', 'REVIEW'))),
    FOREIGN KEY (origin_id, origin_kind) REFERENCES origin (id, kind),
    FOREIGN KEY (release_id, body_hash) REFERENCES release (id, body_hash) ON DELETE CASCADE,
    FOREIGN KEY (reply_id, disposition) REFERENCES reply (id, disposition)
);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('due', 'sending');
CREATE INDEX ON delivery (patient_id, seq);
CREATE INDEX ON delivery (reply_id);

-- A reply may only become more careful.
CREATE FUNCTION reply_only_stricter() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ranks text[] := ARRAY['SEND', 'REVIEW', 'DECLINE', 'HOLD', 'EMERGENCY'];
BEGIN
    IF array_position(ranks, NEW.disposition) < array_position(ranks, OLD.disposition) THEN
        RAISE EXCEPTION 'reply % may not go from % to %', OLD.id, OLD.disposition, NEW.disposition;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reply_only_stricter BEFORE UPDATE OF disposition ON reply
    FOR EACH ROW EXECUTE FUNCTION reply_only_stricter();

-- A text that was promised keeps its words and its stamp's ground.
CREATE FUNCTION delivery_keeps_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.body, NEW.kind, NEW.origin_id, NEW.release_id) IS DISTINCT FROM (OLD.body, OLD.kind, OLD.origin_id, OLD.release_id)
    THEN
        RAISE EXCEPTION 'delivery % keeps its words', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_keeps_words BEFORE UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION delivery_keeps_words();

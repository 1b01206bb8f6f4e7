-- Experts, what they decide, and what their decisions stand for. Additive and forward only.

CREATE TABLE reviewer (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slack_team  text NOT NULL DEFAULT '',
    slack_user  text NOT NULL,
    name        text NOT NULL,
    lenses      text[] NOT NULL CHECK (lenses <@ ARRAY['clinical', 'psychological'] AND cardinality(lenses) > 0),
    languages   text[] NOT NULL CHECK (cardinality(languages) > 0),
    lead        boolean NOT NULL DEFAULT false,
    on_call     boolean NOT NULL DEFAULT false,
    active      boolean NOT NULL DEFAULT true,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (slack_team, slack_user)
);

ALTER TABLE review_case
    ADD COLUMN claimed_by    uuid REFERENCES reviewer,
    ADD COLUMN claimed_until timestamptz,              -- a claim that ran out is nobody's
    ADD COLUMN closed_at     timestamptz,
    ADD COLUMN reminded_at   timestamptz,
    ADD COLUMN gave_up_at    timestamptz,              -- nobody decided in time: the safe text went out
    -- the card: what Slack should show, and the lease on showing it
    ADD COLUMN card_channel  text,
    ADD COLUMN card_ts       text,
    ADD COLUMN card_state    text NOT NULL DEFAULT 'due' CHECK (card_state IN ('due', 'shown', 'aside')),
    ADD COLUMN card_due_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN card_lease    timestamptz,
    ADD COLUMN card_fence    bigint NOT NULL DEFAULT 0,
    ADD COLUMN card_attempts int NOT NULL DEFAULT 0,
    ADD COLUMN blanked       boolean NOT NULL DEFAULT false;
CREATE INDEX review_case_card ON review_case (card_due_at) WHERE card_state = 'due';
CREATE INDEX review_case_shown ON review_case (card_channel, card_ts);

CREATE TABLE decision (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key          text NOT NULL UNIQUE,                 -- of the form that was sent: one sent twice is one decision
    case_id      uuid NOT NULL REFERENCES review_case ON DELETE CASCADE,
    case_version int NOT NULL,
    reviewer_id  uuid NOT NULL REFERENCES reviewer,
    lens         text NOT NULL CHECK (lens IN ('clinical', 'psychological')),
    action       text NOT NULL CHECK (action IN ('approve', 'edit', 'reject', 'escalate', 'rate')),
    body         text,
    body_hash    text,
    note         text NOT NULL DEFAULT '',
    fits_anyone  boolean NOT NULL DEFAULT false,
    for_training boolean NOT NULL DEFAULT false,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((action IN ('approve', 'edit')) = (body IS NOT NULL)),
    CHECK (body IS NULL OR body_hash = encode(sha256(convert_to(body, 'UTF8')), 'hex'))
);
CREATE INDEX ON decision (case_id, at);
CREATE INDEX ON decision (reviewer_id, at);
CREATE UNIQUE INDEX one_decision ON decision (case_id, case_version) WHERE action IN ('approve', 'edit', 'reject', 'escalate');

-- A decision is revised by another one, never changed.
CREATE FUNCTION decision_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decision % stands: append another', OLD.id;
END $$;
CREATE TRIGGER decision_stands BEFORE UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION decision_stands();

CREATE TABLE rating (
    case_id         uuid NOT NULL REFERENCES review_case ON DELETE CASCADE,
    reviewer_id     uuid NOT NULL REFERENCES reviewer,
    lens            text NOT NULL CHECK (lens IN ('clinical', 'psychological')),
    accuracy        int NOT NULL CHECK (accuracy BETWEEN 1 AND 5),
    appropriateness int NOT NULL CHECK (appropriateness BETWEEN 1 AND 5),
    empathy         int NOT NULL CHECK (empathy BETWEEN 1 AND 5),
    tags            text[] NOT NULL DEFAULT '{}',
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (case_id, reviewer_id, lens)
);

ALTER TABLE release
    ADD COLUMN decision_id  uuid REFERENCES decision ON DELETE CASCADE,
    ADD COLUMN unless_facts text[] NOT NULL DEFAULT '{}',  -- a person of whom one of these is learned must not get the text
    ADD COLUMN withdrawn_at timestamptz;

CREATE TABLE approved_answer (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    decision_id   uuid NOT NULL REFERENCES decision ON DELETE CASCADE,
    patient_id    uuid REFERENCES patient ON DELETE SET NULL,
    question      text NOT NULL,                       -- redacted
    answer        text NOT NULL,
    body_hash     text NOT NULL CHECK (body_hash = encode(sha256(convert_to(answer, 'UTF8')), 'hex')),
    language      text NOT NULL,
    country       text,
    category      text NOT NULL,
    lenses        text[] NOT NULL,
    fits_anyone   boolean NOT NULL DEFAULT false,
    for_training  boolean NOT NULL DEFAULT false,
    passages      jsonb NOT NULL DEFAULT '[]',
    review_by     date NOT NULL,
    superseded_by uuid REFERENCES approved_answer,
    withdrawn_at  timestamptz,
    at            timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE preference (
    decision_id uuid PRIMARY KEY REFERENCES decision ON DELETE CASCADE,
    draft       text NOT NULL,
    final       text NOT NULL,
    distance    int NOT NULL CHECK (distance >= 0),    -- edits of single characters
    reason      text NOT NULL DEFAULT ''
);

ALTER TABLE patient ADD COLUMN lease_by uuid;          -- the process that holds the lease: after a cut it need not wait for its own

CREATE TABLE slack_event (                             -- an event that was delivered twice is done once
    id  text PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE proposal (                                -- a text over a hard boundary: a second expert must want the same
    case_id     uuid NOT NULL REFERENCES review_case ON DELETE CASCADE,
    reviewer_id uuid NOT NULL REFERENCES reviewer,
    body        text NOT NULL,
    boundary    text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (case_id, reviewer_id)
);

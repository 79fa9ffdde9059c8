--- kinds: subscription
--- unproven: its connection string is a secret, so no two are called equal
--- before
CREATE SUBSCRIPTION n1 CONNECTION 'dbname=nowhere password=tellnobody' PUBLICATION n2, n3 WITH (connect = false, slot_name = NONE);
--- after
CREATE SUBSCRIPTION n1 CONNECTION 'dbname=nowhere password=tellnobody' PUBLICATION n2 WITH (connect = false, slot_name = NONE, synchronous_commit = local);
COMMENT ON SUBSCRIPTION n1 IS 'x';
--- dump
CREATE SUBSCRIPTION n1 CONNECTION '' PUBLICATION n2, n3 WITH (connect = false, slot_name = NONE);
ALTER SUBSCRIPTION n1 OWNER TO postgres;

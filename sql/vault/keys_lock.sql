-- Changes of keys are made one after another; readers go on.
-- params: none
-- columns: none
LOCK TABLE godwit.keys IN SHARE ROW EXCLUSIVE MODE;

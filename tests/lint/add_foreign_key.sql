-- bad: all rows are read
ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id); --!
ALTER TABLE orders ADD FOREIGN KEY (b, c) REFERENCES other; --!
ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES shops; --!
-- good: not valid; a new column; a new table
ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops;
CREATE TABLE lines (order_id bigint REFERENCES orders (id));
ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders (id);

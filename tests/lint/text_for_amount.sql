-- bad: letters
CREATE TABLE t (
    amount text NOT NULL, --!
    supply varchar(80) --!
);
-- good: numbers, or no amount
CREATE TABLE t (amount numeric(78, 0), amount_currency text, price_note text, balance_address text);

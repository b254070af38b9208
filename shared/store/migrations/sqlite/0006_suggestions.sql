-- What is bought together, counted over recent receipts by a job. Derived: it can be lost and counted again.

create table bought_together (
    brand text not null references brands (code),
    product_code text not null,
    other_code text not null,
    receipts integer not null check (receipts > 0), -- that have both
    primary key (brand, product_code, other_code)
) strict, without rowid;

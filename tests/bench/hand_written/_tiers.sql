-- What all statements read: tables with the customer that decides, rates by day, and each
-- customer's tier as the window opened.
CREATE TEMP TABLE family AS
WITH RECURSIVE up AS (
    SELECT customer_id AS child, parent_id AS decides, 1 AS generation FROM raw_customers c
    WHERE parent_id <> customer_id AND parent_id IN (SELECT customer_id FROM raw_customers)
    UNION ALL
    SELECT child, parent_id, generation + 1 FROM up JOIN raw_customers ON customer_id = decides
    WHERE parent_id <> customer_id AND parent_id IN (SELECT customer_id FROM raw_customers)
)
SELECT child, arg_max(decides, generation) AS decides FROM up GROUP BY child;

CREATE TEMP VIEW transactions AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_transactions LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW costs AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_costs LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW drivers AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_drivers LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW contracts AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_contracts LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW surveys AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_surveys LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW interactions AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_interactions LEFT JOIN family ON child = customer_id;
CREATE TEMP VIEW promises AS SELECT * REPLACE (coalesce(decides, customer_id) AS customer_id)
FROM raw_promises LEFT JOIN family ON child = customer_id;

-- Who is here: by contracts, each in force until the next takes over the day after; else by closed_on.
CREATE TEMP TABLE of_family AS
SELECT coalesce(decides, customer_id) AS customer_id, min(acquired_on) AS acquired_on,
       CASE WHEN count(*) FILTER (closed_on IS NULL) = 0 THEN max(closed_on) END AS closed_on
FROM raw_customers LEFT JOIN family ON child = customer_id GROUP BY ALL;

CREATE TEMP TABLE in_force AS
WITH renewed AS (
    SELECT c.customer_id, c.end_on, min(n.start_on) AS renewed_on
    FROM contracts c JOIN contracts n ON n.customer_id = c.customer_id AND n.start_on = c.end_on + 1
    GROUP BY ALL
)
SELECT c.*, coalesce(renewed_on, c.end_on) AS until
FROM contracts c LEFT JOIN renewed USING (customer_id, end_on);

CREATE TEMP TABLE stays AS
SELECT customer_id, greatest(start_on, acquired_on) AS since, until
FROM in_force JOIN of_family USING (customer_id)
UNION ALL
SELECT customer_id, acquired_on, least(first_on, closed_on)
FROM of_family LEFT JOIN (SELECT customer_id, min(start_on) AS first_on FROM contracts GROUP BY ALL)
    USING (customer_id)
WHERE first_on IS NULL OR acquired_on < first_on;

CREATE TEMP TABLE customers AS
SELECT customer_id, min(since) AS acquired_on,
       CASE WHEN count(*) FILTER (until IS NULL) = 0 THEN max(until) END AS closed_on
FROM stays GROUP BY ALL;

CREATE TEMP TABLE rates AS
WITH into_own AS (
    SELECT "from" AS code, date AS day, rate::DECIMAL(28, 10) AS rate,
           coalesce(lead(date) OVER (PARTITION BY "from" ORDER BY date), DATE '9999-01-01') AS next
    FROM raw_fx WHERE "to" = '$currency'
)
SELECT code, unnest(generate_series(day, least(next, day + 35) - INTERVAL 1 DAY, INTERVAL 1 DAY))::DATE
           AS day, rate
FROM into_own WHERE next > $year_ago AND day < $after;

CREATE TEMP TABLE tier_now AS
SELECT customer_id, coalesce(s.tier, CASE WHEN acquired_on >= $first THEN 'new' ELSE 'unrated' END) AS tier
FROM customers LEFT JOIN '$tiers/$period.parquet' s USING (customer_id);

CREATE TEMP TABLE tier_then AS
SELECT customer_id,
       coalesce(s.tier, CASE WHEN acquired_on >= $year_ago THEN 'new' ELSE 'unrated' END) AS tier
FROM customers LEFT JOIN '$tiers/$year_ago_period.parquet' s USING (customer_id);

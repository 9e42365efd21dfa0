-- contracts: customers and recurring revenue of a year ago that are still there.
WITH monthly AS (
    SELECT customer_id, start_on, end_on,
           CASE WHEN currency <> '$currency' THEN (amount * rate)::DECIMAL(18, 4) ELSE amount END AS amount
    FROM (SELECT *, (recurring_amount / CASE coalesce(billing_period, 'month')
                         WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END
                    )::DECIMAL(18, 4) AS amount
          FROM contracts WHERE start_on < $after AND (end_on IS NULL OR end_on >= $year_ago))
    LEFT JOIN rates ON code = currency AND day = $year_ago
),
ends AS (
    SELECT customer_id,
           max(start_on < $year_ago)::INT AS was,
           max(end_on IS NULL OR end_on >= $after)::INT AS is_,
           coalesce(sum(amount) FILTER (start_on < $year_ago), 0)::DOUBLE AS start,
           coalesce(sum(amount) FILTER (end_on IS NULL OR end_on >= $after), 0)::DOUBLE AS end_
    FROM monthly GROUP BY ALL HAVING was = 1
),
placed AS (
    SELECT coalesce(tier, 'unattributed') AS tier, ends.*
    FROM ends LEFT JOIN tier_then USING (customer_id)
),
sums AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) AS n, sum(is_) AS kept,
           count(*) FILTER (start > 0) AS paying,
           sum(start) FILTER (start > 0) AS start,
           sum(greatest(end_, 0)) FILTER (start > 0) AS end_,
           sum(least(start, greatest(end_, 0))) FILTER (start > 0) AS least_
    FROM placed GROUP BY GROUPING SETS ((tier), ())
)
SELECT 'logo_retention' AS metric, tier, n, kept AS num, n AS den, kept / n AS value FROM sums
UNION ALL
SELECT 'gross_revenue_retention', tier, paying, least_, start, least_ / start FROM sums WHERE paying > 0
UNION ALL
SELECT 'net_revenue_retention', tier, paying, end_, start, end_ / start FROM sums WHERE paying > 0;

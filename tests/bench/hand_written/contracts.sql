-- contracts: customers and recurring revenue of a year ago that are still there, and losses.
WITH monthly AS (
    SELECT customer_id, start_on, until,
           CASE WHEN currency <> '$currency' THEN (amount * rate)::DECIMAL(18, 4) ELSE amount END AS amount
    FROM (SELECT *, (recurring_amount / CASE coalesce(billing_period, 'month')
                         WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END
                    )::DECIMAL(18, 4) AS amount
          FROM in_force WHERE start_on < $after AND (until IS NULL OR until >= $year_ago))
    LEFT JOIN rates ON code = currency AND day = $year_ago
),
ends AS (
    SELECT customer_id,
           max(start_on < $year_ago)::INT AS was,
           coalesce(sum(amount) FILTER (start_on < $year_ago), 0)::DOUBLE AS start,
           coalesce(sum(amount) FILTER (until IS NULL OR until >= $after), 0)::DOUBLE AS end_
    FROM monthly GROUP BY ALL HAVING was = 1
),
placed AS (
    SELECT coalesce(tier, 'unattributed') AS tier, ends.*
    FROM ends LEFT JOIN tier_then USING (customer_id)
),
sums AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) FILTER (start > 0) AS paying,
           sum(start) FILTER (start > 0) AS start,
           sum(greatest(end_, 0)) FILTER (start > 0) AS end_,
           sum(least(start, greatest(end_, 0))) FILTER (start > 0) AS least_
    FROM placed GROUP BY GROUPING SETS ((tier), ())
),
here AS (
    SELECT customer_id, max(since < $year_ago AND coalesce(until >= $year_ago, true)) AS was,
           max(since < $after AND coalesce(until >= $after, true))::INT AS still
    FROM stays GROUP BY ALL HAVING was
),
kept AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) AS n, sum(still) AS kept
    FROM (SELECT coalesce(tier, 'unattributed') AS tier, still FROM here LEFT JOIN tier_then USING (customer_id))
    GROUP BY GROUPING SETS ((tier), ())
),
opened AS (
    SELECT customer_id, max(since < $first AND coalesce(until >= $first, true)) AS was,
           max(since < $after AND coalesce(until >= $after, true)) AS still
    FROM stays GROUP BY ALL HAVING was
),
ended AS (
    SELECT customer_id, arg_max(reason, (end_on, reason)) AS reason
    FROM contracts WHERE end_on < $after GROUP BY ALL
),
gone AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) AS n, count(*) FILTER (NOT still) AS lost,
           count(*) FILTER (NOT still AND coalesce(closed_reason, reason) IS NOT NULL) AS told
    FROM (SELECT coalesce(tier_now.tier, 'unattributed') AS tier, opened.*, closed_reason, reason
          FROM opened LEFT JOIN tier_now USING (customer_id) LEFT JOIN ended USING (customer_id)
          LEFT JOIN raw_customers USING (customer_id))
    GROUP BY GROUPING SETS ((tier), ())
)
SELECT 'churn_rate' AS metric, tier, n, lost AS num, n AS den, lost / n AS value FROM gone
UNION ALL
SELECT 'losses_explained', tier, lost, told, lost, told / lost FROM gone WHERE lost > 0
UNION ALL
SELECT 'logo_retention' AS metric, tier, n, kept AS num, n AS den, kept / n AS value FROM kept
UNION ALL
SELECT 'gross_revenue_retention', tier, paying, least_, start, least_ / start FROM sums WHERE paying > 0
UNION ALL
SELECT 'net_revenue_retention', tier, paying, end_, start, end_ / start FROM sums WHERE paying > 0;

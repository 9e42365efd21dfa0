-- transactions, costs and drivers: what each customer brought in and cost, and eleven figures of it.
WITH here AS (
    SELECT DISTINCT customer_id FROM stays
    WHERE since < $after AND (until IS NULL OR until >= $first)
),
sold AS (
    SELECT customer_id, sum(CASE WHEN currency <> '$currency'
                                 THEN (net_amount * rate)::DECIMAL(18, 4) ELSE net_amount END) AS revenue
    FROM transactions LEFT JOIN rates ON code = currency AND day = event_on
    WHERE event_on >= $first AND event_on < $after AND (loaded_at IS NULL OR loaded_at <= $as_of)
    GROUP BY ALL
),
cost AS (
    SELECT customer_id, category, driver, event_on,
           CASE WHEN currency <> '$currency' THEN (amount * rate)::DECIMAL(18, 4) ELSE amount END AS amount
    FROM costs LEFT JOIN rates ON code = currency AND day = event_on
    WHERE event_on < $after AND (loaded_at IS NULL OR loaded_at <= $as_of)
      AND (category = 'acquire' AND event_on >= $amortised_since
           OR category IN ('deliver', 'support', 'service') AND event_on >= $first)
),
served AS (
    SELECT customer_id,
           coalesce(sum(amount) FILTER (category = 'deliver'), 0)::DOUBLE AS deliver,
           coalesce(sum(amount) FILTER (category = 'support'), 0)::DOUBLE AS support,
           coalesce(sum(amount) FILTER (category = 'service'), 0)::DOUBLE AS service
    FROM cost WHERE category <> 'acquire' AND customer_id IS NOT NULL GROUP BY ALL
),
pool AS (
    SELECT driver,
           coalesce(sum(amount) FILTER (category = 'deliver'), 0)::DOUBLE AS deliver,
           coalesce(sum(amount) FILTER (category = 'support'), 0)::DOUBLE AS support,
           coalesce(sum(amount) FILTER (category = 'service'), 0)::DOUBLE AS service
    FROM cost WHERE category <> 'acquire' AND customer_id IS NULL AND driver IS NOT NULL GROUP BY ALL
),
used AS (
    SELECT driver, customer_id, sum(qty) AS qty FROM drivers
    WHERE date >= $first AND date < $after GROUP BY ALL
),
whole AS (SELECT driver, sum(qty) AS qty FROM used GROUP BY ALL HAVING sum(qty) > 0),
spread AS (
    SELECT customer_id, sum(deliver * used.qty / whole.qty) AS deliver,
           sum(support * used.qty / whole.qty) AS support, sum(service * used.qty / whole.qty) AS service
    FROM used JOIN whole USING (driver) JOIN pool USING (driver) GROUP BY ALL
),
won AS (
    SELECT date_trunc('month', acquired_on) AS month, customer_id, count(*) OVER (PARTITION BY month) AS many
    FROM customers WHERE acquired_on >= $amortised_since AND acquired_on < $after
),
winning AS (
    SELECT date_trunc('month', event_on) AS month, sum(amount)::DOUBLE AS amount
    FROM cost WHERE category = 'acquire' AND customer_id IS NULL GROUP BY ALL
),
spent AS (
    SELECT customer_id, event_on, amount::DOUBLE AS amount FROM cost
    WHERE category = 'acquire' AND customer_id IS NOT NULL
    UNION ALL
    SELECT customer_id, month, amount / many FROM won JOIN winning USING (month)
),
dated AS (
    SELECT customer_id, amount, datediff('month', event_on, $first) AS age,
           datediff('month', event_on, closed_on) AS stayed
    FROM spent LEFT JOIN customers USING (customer_id)
),
acquired AS (
    -- A part for the month, and all that is left in the month in which the customer left.
    SELECT customer_id, sum(amount * (
        CASE WHEN age >= 0 AND age < least($amortised, greatest(coalesce(stayed, $amortised), 0))
             THEN 1 ELSE 0 END
        + CASE WHEN stayed = age OR stayed < 0 AND age = 0 THEN greatest($amortised - age, 0) ELSE 0 END
    ) / $amortised) AS acquire
    FROM dated GROUP BY ALL HAVING acquire > 0
),
parts AS (
    SELECT customer_id, 0 AS revenue, 0 AS acquire, 0 AS deliver, 0 AS support, 0 AS service, 0 AS known,
           1 AS present FROM here
    UNION ALL SELECT customer_id, revenue::DOUBLE, 0, 0, 0, 0, 0, 0 FROM sold
    UNION ALL SELECT customer_id, 0, 0, deliver, support, service, 1, 0 FROM served
    UNION ALL SELECT customer_id, 0, 0, deliver, support, service, 1, 0 FROM spread
    UNION ALL SELECT customer_id, 0, acquire, 0, 0, 0, 0, 0 FROM acquired
),
customer AS (
    SELECT coalesce(tier, 'unattributed') AS tier, customer_id, sum(revenue) AS revenue,
           sum(acquire) AS acquire, sum(deliver + support + service) AS serve, sum(service) AS service,
           max(known) AS known, sum(revenue - acquire - deliver - support - service) AS margin,
           max(present) = 1 OR count(tier) = 0 AS counts
    FROM parts LEFT JOIN tier_now USING (customer_id) GROUP BY ALL
),
by_tier AS (
    SELECT tier, count(*) AS n, count(customer_id) AS customers, sum(revenue) AS revenue,
           sum(acquire) AS acquire, sum(serve) AS serve, sum(service) AS service, sum(margin) AS margin,
           count(*) FILTER (margin < 0) AS lost, sum(greatest(margin, 0)) AS gained
    FROM customer WHERE counts GROUP BY ALL
),
by_knowledge AS (
    SELECT tier, count(*) AS n, sum(abs(revenue)) AS size,
           coalesce(sum(abs(revenue)) FILTER (known > 0 AND customer_id IS NOT NULL), 0) AS known
    FROM customer GROUP BY ALL
),
line AS (
    SELECT customer_id, event_on,
           CASE WHEN currency <> '$currency' THEN (net_amount * rate)::DECIMAL(18, 4) ELSE net_amount END AS amount
    FROM transactions LEFT JOIN rates ON code = currency AND day = event_on
    WHERE event_on >= $year_ago AND event_on < $after AND (loaded_at IS NULL OR loaded_at <= $as_of)
      AND customer_id IS NOT NULL AND (kind = 'sale' OR kind IS NULL AND net_amount >= 0)
),
orders AS (
    SELECT customer_id, event_on, sum(amount)::DOUBLE AS value FROM line GROUP BY ALL HAVING value > 0
),
bought AS (
    SELECT 'average_order_value' AS metric, customer_id, value AS num, 1 AS den FROM orders WHERE event_on >= $first
    UNION ALL SELECT 'purchase_frequency', customer_id, count(*), 1 FROM orders GROUP BY ALL
),
ordered AS (
    SELECT metric, coalesce(tier, 'all') AS tier, count(*) AS n, sum(num) AS num, sum(den) AS den
    FROM (SELECT metric, coalesce(tier, 'unattributed') AS tier, num, den
          FROM bought LEFT JOIN tier_now USING (customer_id))
    GROUP BY GROUPING SETS ((metric, tier), (metric))
),
summed AS (
    FROM by_tier
    UNION ALL
    SELECT 'all', sum(n), sum(customers), sum(revenue), sum(acquire), sum(serve), sum(service),
           sum(margin), sum(lost), sum(gained)
    FROM by_tier WHERE tier <> 'unattributed'
),
sums AS (
    SELECT unnest([
        {metric: 'customer_margin', num: margin, den: n, per: customers},
        {metric: 'customer_revenue', num: revenue, den: n, per: customers},
        {metric: 'cost_to_acquire', num: acquire, den: n, per: customers},
        {metric: 'cost_to_serve', num: serve, den: n, per: customers},
        {metric: 'margin_rate', num: margin, den: revenue, per: revenue},
        {metric: 'negative_margin_share', num: lost, den: n, per: n},
        {metric: 'whale_peak', num: gained, den: margin, per: margin},
        {metric: 'failure_service_ratio', num: service, den: revenue, per: revenue}
    ], recursive := true), tier, n
    FROM summed
),
known AS (
    SELECT 'margin_knowledge' AS metric, known AS num, size AS den, size AS per, tier, n
    FROM by_knowledge
    UNION ALL SELECT 'margin_knowledge', sum(known), sum(size), sum(size), 'all', sum(n) FROM by_knowledge
)
SELECT metric, tier, n, num, den, CASE WHEN per > 0 THEN num / per END AS value
FROM (FROM sums UNION ALL FROM known)
WHERE tier <> 'unattributed' OR metric IN (
    'customer_margin', 'customer_revenue', 'cost_to_acquire', 'cost_to_serve', 'margin_knowledge')
UNION ALL SELECT metric, tier, n, num, den, num / den FROM ordered;

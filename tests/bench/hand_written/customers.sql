-- customers, and whether they buy again: survival by Kaplan and Meier, repeat purchases.
WITH seen AS (
    SELECT coalesce(s.first_tier, CASE WHEN acquired_on >= $first THEN 'new' ELSE 'unrated' END) AS tier,
           greatest($two_years_ago - acquired_on - 1, 0) AS watched,
           greatest(s.first_on - acquired_on - 1, watched) AS entered,
           CASE WHEN closed_on < $after THEN closed_on ELSE $after END - acquired_on AS stayed,
           coalesce(closed_on < $after, false) AS lost
    FROM customers LEFT JOIN '$tiers/$period.parquet' s USING (customer_id)
    WHERE acquired_on < $after AND (closed_on IS NULL OR closed_on >= $two_years_ago)
),
watched AS (
    SELECT metric, tier, last_day, entered, least(stayed, last_day + 1) AS stayed,
           lost AND stayed <= last_day AS lost
    FROM (SELECT tier, entered, stayed, lost FROM seen
          UNION ALL SELECT 'all', watched, stayed, lost FROM seen),
         (VALUES ('survival_12', $days_12), ('survival_24', $days_24)) h (metric, last_day)
    WHERE (stayed > entered OR lost AND stayed = 0 AND entered = 0) AND entered < last_day
),
events AS (
    SELECT metric, tier, last_day, day, sum(came) AS came, sum(gone) AS gone, sum(lost) AS lost
    FROM (SELECT metric, tier, last_day, entered AS day, 1 AS came, 0 AS gone, 0 AS lost FROM watched
          UNION ALL SELECT metric, tier, last_day, stayed, 0, 1, lost::INT FROM watched)
    GROUP BY ALL
),
steps AS (
    SELECT *, sum(came - gone) OVER so_far AS after_,
           sum(came - gone) OVER so_far - came + gone + CASE WHEN day <= 0 THEN came ELSE 0 END AS at_risk
    FROM events WINDOW so_far AS (PARTITION BY metric, tier ORDER BY day)
),
curves AS (
    SELECT metric, tier, sum(came) AS n,
           CASE WHEN count(*) FILTER (day <= last_day AND lost = at_risk AND lost > 0) > 0 THEN 0 ELSE
               exp(coalesce(sum(ln(1 - lost / at_risk)) FILTER (day <= last_day AND lost < at_risk), 0))
           END AS survival,
           count(*) FILTER (after_ = 0 AND day < last_day) > 0 AS gap,
           arg_max(CASE WHEN day = last_day THEN at_risk ELSE after_ END, day) FILTER (day <= last_day) AS reached
    FROM steps GROUP BY ALL
),
bought AS (
    SELECT customer_id, max(event_on >= $first)::INT AS again
    FROM transactions
    WHERE event_on >= $month_ago AND event_on < $after AND customer_id IS NOT NULL AND net_amount > 0
      AND (loaded_at IS NULL OR loaded_at <= $as_of)
    GROUP BY ALL HAVING min(event_on) < $first
),
repeated AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) AS n, sum(again) AS num
    FROM (SELECT coalesce(tier, 'unattributed') AS tier, again FROM bought LEFT JOIN tier_now USING (customer_id))
    GROUP BY GROUPING SETS ((tier), ())
)
SELECT metric, tier, n, NULL AS num, NULL AS den,
       CASE WHEN (gap OR reached = 0) AND survival > 1e-9 THEN NULL ELSE survival END AS value
FROM curves
UNION ALL SELECT 'repeat_purchase', tier, n, num, n, num / n FROM repeated;

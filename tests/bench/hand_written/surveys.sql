-- surveys: what customers said within two weeks, of one person the last of the period.
WITH asked AS (
    SELECT customer_id, contact_id, invite_id, instrument, sent_at, answered_at, score,
           answered_at IS NOT NULL AND answered_at <= sent_at + INTERVAL 14 DAY
               AND coalesce(score BETWEEN coalesce(scale_min, CASE instrument WHEN 'nps' THEN 0 ELSE 1 END)
                   AND coalesce(scale_max, CASE instrument WHEN 'nps' THEN 10 WHEN 'csat' THEN 5 ELSE 7 END),
                   false) AS answered,
           answered AND CASE instrument
               WHEN 'nps' THEN score BETWEEN 0 AND 10 AND score = floor(score) AND coalesce(scale_min, 0) = 0 AND coalesce(scale_max, 10) = 10
               WHEN 'csat' THEN score BETWEEN 1 AND 5 AND coalesce(scale_min, 1) = 1 AND coalesce(scale_max, 5) = 5
               WHEN 'ces' THEN score BETWEEN 1 AND 7 AND coalesce(scale_min, 1) = 1 AND coalesce(scale_max, 7) = 7
               ELSE false END AS counts,
           kind
    FROM surveys
    WHERE sent_at >= $start AND sent_at < $end AND coalesce(eligible, true)
),
opinions AS (
    SELECT customer_id, score, sent_at,
           coalesce(contact_id, customer_id) IS NOT NULL AND lead(sent_at) OVER (
               PARTITION BY customer_id, contact_id ORDER BY answered_at, sent_at, invite_id
           ) IS NOT NULL AS again
    FROM asked
    WHERE instrument = 'nps' AND counts AND coalesce(kind, 'relationship') = 'relationship'
),
observed AS (
    SELECT 'nps' AS metric, customer_id, (score >= 9)::INT - (score <= 6)::INT AS num
    FROM opinions WHERE NOT again
    UNION ALL
    SELECT unnest(CASE instrument WHEN 'csat' THEN ['csat', 'csat_mean'] ELSE ['ces'] END) AS metric,
           customer_id, unnest(CASE instrument WHEN 'csat' THEN [(score >= 4)::DOUBLE, score]
                               ELSE [(score >= 5)::DOUBLE] END)
    FROM asked WHERE counts AND instrument IN ('csat', 'ces')
    UNION ALL
    SELECT 'response_rate', customer_id, answered::INT FROM asked
)
SELECT metric, coalesce(tier, 'all') AS tier, count(*) AS n, sum(num) AS num, count(*) AS den,
       sum(num) / count(*) * CASE metric WHEN 'nps' THEN 100 ELSE 1 END AS value
FROM (SELECT metric, coalesce(tier, 'unattributed') AS tier, num
      FROM observed LEFT JOIN tier_now USING (customer_id))
GROUP BY GROUPING SETS ((metric, tier), (metric));

-- promises: those that were due, and kept.
SELECT 'promises_kept' AS metric, coalesce(tier, 'all') AS tier, count(*) AS n, sum(kept) AS num,
       count(*) AS den, sum(kept) / count(*) AS value
FROM (SELECT coalesce(tier, 'unattributed') AS tier, coalesce(kept, false)::INT AS kept
      FROM promises LEFT JOIN tier_now USING (customer_id)
      WHERE due_at >= $start AND due_at < $end
        AND NOT coalesce(renegotiated_at < due_at, false))
GROUP BY GROUPING SETS ((tier), ());

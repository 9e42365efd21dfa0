-- interactions: how long customers waited (Kaplan and Meier where some still do), and who came back.
WITH opened AS (
    SELECT coalesce(tier, 'unattributed') AS tier, customer_id, issue_key, opened_at,
           first_human_reply_at, resolved_at, coalesce(tier_known_at_open, false)::INT AS seen
    FROM interactions LEFT JOIN tier_now USING (customer_id)
    WHERE opened_at >= $start AND opened_at < $end AND NOT coalesce(self_service, false)
      AND (loaded_at IS NULL OR loaded_at <= $as_of)
),
waits AS (
    SELECT reply, tier, until IS NOT NULL AND until <= $as_of AS stopped,
           epoch(date_trunc('second', CASE WHEN stopped THEN until ELSE greatest($as_of, opened_at) END))
           - epoch(date_trunc('second', opened_at)) AS seconds
    FROM (SELECT true AS reply, tier, opened_at, first_human_reply_at AS until FROM opened
          UNION ALL SELECT false, tier, opened_at, resolved_at FROM opened)
    WHERE seconds >= 0
),
counted AS (
    SELECT reply, coalesce(tier, 'all') AS tier, seconds, count(*) AS gone, count(*) FILTER (stopped) AS done
    FROM waits GROUP BY GROUPING SETS ((reply, tier, seconds), (reply, seconds))
),
risks AS (
    SELECT *, sum(gone) OVER (PARTITION BY reply, tier ORDER BY seconds DESC) AS at_risk FROM counted
),
curves AS (
    SELECT reply, tier, seconds, gone, sum(CASE WHEN done < at_risk THEN ln(1 - done / at_risk) ELSE -1e9 END)
               OVER (PARTITION BY reply, tier ORDER BY seconds) AS log_open,
           sum(gone) OVER (PARTITION BY reply, tier ORDER BY seconds) AS upto,
           sum(gone) OVER (PARTITION BY reply, tier) AS size
    FROM risks
),
waited AS (
    SELECT reply, tier, sum(gone) AS n,
           -- Where it is not reached yet: what the one at that rank has waited so far.
           coalesce(min(seconds) FILTER (exp(log_open) <= 0.5 + 1e-9),
                    min(seconds) FILTER (upto >= ceil(size * 0.5 - 1e-9))) / 3600 AS half,
           coalesce(min(seconds) FILTER (exp(log_open) <= 0.1 + 1e-9),
                    min(seconds) FILTER (upto >= ceil(size * 0.9 - 1e-9))) / 3600 AS most
    FROM curves GROUP BY ALL
),
issues AS (
    SELECT customer_id, opened_at,
           coalesce(first_human_reply_at <= $as_of AND resolved_at <= $as_of, false)::INT AS done,
           row_number() OVER issue AS place,
           coalesce(lead(opened_at) OVER issue <= opened_at + INTERVAL 7 DAY, false)::INT AS back
    FROM interactions SEMI JOIN (SELECT DISTINCT issue_key FROM opened) USING (issue_key)
    WHERE opened_at <= $end + INTERVAL 7 DAY AND NOT coalesce(self_service, false)
      AND (loaded_at IS NULL OR loaded_at <= $as_of)
    WINDOW issue AS (PARTITION BY customer_id, issue_key ORDER BY opened_at, interaction_id, team)
),
contacts AS (
    SELECT coalesce(tier, 'unattributed') AS tier, place, back, done
    FROM issues LEFT JOIN tier_now USING (customer_id)
    WHERE opened_at >= $start AND opened_at < $end
    UNION ALL
    SELECT tier, 1, 0, coalesce(first_human_reply_at <= $as_of AND resolved_at <= $as_of, false)::INT
    FROM opened WHERE issue_key IS NULL
),
came_back AS (
    SELECT coalesce(tier, 'all') AS tier, count(*) AS n, sum(back) AS back,
           count(*) FILTER (place = 1) AS first_ones,
           sum((1 - back) * done) FILTER (place = 1) AS settled,
           sum((1 - back) * (1 - done)) FILTER (place = 1) AS still_open
    FROM contacts GROUP BY GROUPING SETS ((tier), ())
)
SELECT 'first_reply_p50' AS metric, tier, n, NULL AS num, NULL AS den, half AS value FROM waited WHERE reply
UNION ALL SELECT 'first_reply_p90', tier, n, NULL, NULL, most FROM waited WHERE reply
UNION ALL SELECT 'resolution_p90', tier, n, NULL, NULL, most FROM waited WHERE NOT reply
UNION ALL SELECT 'recontact_rate', tier, n, back, n, back / n FROM came_back
UNION ALL
SELECT 'first_contact_resolution', tier, first_ones, settled, first_ones, settled / first_ones
FROM came_back WHERE first_ones > 0
UNION ALL
SELECT 'issues_open', tier, first_ones, still_open, first_ones, still_open / first_ones
FROM came_back WHERE first_ones > 0
UNION ALL
SELECT 'tier_known', coalesce(tier, 'all'), count(*), sum(seen), count(*), sum(seen) / count(*)
FROM opened GROUP BY GROUPING SETS ((tier), ());

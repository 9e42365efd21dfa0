-- What it costs to serve, customer by customer, and the tier that staff see because of it.

create table spend as
with sold as (
    select l.c, l.m,
        sum(cents(in_euro(l.net, l.dollar, r.rate))) as revenue,
        sum(cents(in_euro(l.net, l.dollar, r.rate)
            * case l.stream when 'consumable' then 0.58 when 'spare_part' then 0.54
                when 'repair' then 0.7 when 'other_service' then 0.64 when 'upgrade' then 0.54
                when 'warranty' then 0.6 when 'first_sale' then 0.68 else 0.46 end
            * (0.9 + 0.2 * u('cost of sales', l.id)) * by_tier(l.kind, 1, 1.02, 1.08, 1.2)))
            as deliver,
        count(*) filter (where l.stream <> 'maintenance_contract') as orders
    from line l join rate r on r.date = l.event_on
    where not l.lost_its_customer
    group by all
), returned as (
    select r.c, datediff('month', getvariable('first_day'), r.event_on) as m,
        sum(cents(in_euro(r.net, r.dollar, f.rate))) as revenue
    from refund r join rate f on f.date = r.event_on
    group by all
)
select a.c, a.m, a.kind, a.day, a.days, a.costly,
    coalesce(s.revenue, 0) + coalesce(r.revenue, 0) as revenue,
    coalesce(s.deliver, 0) as deliver, coalesce(s.orders, 0) as orders,
    -- Visits nobody charges for: now and then everywhere, all the time for a few.
    cents(case when a.costly and u('costly month', a.c, a.m) < 0.75
            then (280 + 430 * exp(1.35 * a.worth) * 1.3) * around_one('visits', a.c, a.m, 0.5)
         when u('visit', a.c, a.m) < by_tier(a.kind, 0.34, 0.2, 0.12, 0.11)
            then by_tier(a.kind, 520, 330, 270, 230) * around_one('visit cost', a.c, a.m, 0.4)
         else 0 end * a.days / 30.4) as visits
from alive a
left join sold s on s.c = a.c and s.m = a.m
left join returned r on r.c = a.c and r.m = a.m;

-- What a customer earned before acquisition, the last twelve months counting double.
create table standing as
select c, m, kind, born_in < m as known,
    case when born_in < m - 12 and m >= 24 then (2 * last + before) / 3 else last end as score
from (
    select c, m, kind, min(m) over (partition by c) as born_in,
        sum(margin) over year as last, coalesce(sum(margin) over earlier, 0) as before
    from (select *, revenue - deliver - visits - 24 * orders - by_tier(kind, 34, 18, 10, 7)
            as margin from spend)
    window year as (partition by c order by m rows between 12 preceding and 1 preceding),
        earlier as (partition by c order by m rows between 24 preceding and 13 preceding));

-- Boundaries are set each January, and once when there is a year to set them from.
create table boundary as
select m as since, coalesce(lead(m) over (order by m), 9999) as until,
    quantile_cont(score, 0.94) as platinum, quantile_cont(score, 0.75) as gold,
    quantile_cont(score, 0.45) as silver
from standing
where known and (m = 12 or (m > 12 and month(month_at(m)) = 1))
group by m;

-- Down only after two months below, as in the strategy; `above_bronze` leaves no doubt.
create table tier as
select c, m, least(rank, coalesce(before, rank)) as tier, above_bronze
from (
    select s.c, s.m,
        case when b.since is null or not known then s.kind
             when s.score >= b.platinum then 0 when s.score >= b.gold then 1
             when s.score >= b.silver then 2 else 3 end as rank,
        lag(case when b.since is not null and known then rank end) over chain as before,
        known and coalesce(s.score > 1.2 * b.silver + 300, false) as above_bronze
    from standing s left join boundary b on s.m >= b.since and s.m < b.until
    window chain as (partition by s.c order by s.m));

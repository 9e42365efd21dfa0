-- The base of customers. Each "slot" of it is always taken: when a customer is lost, another of
-- the same kind is won the next day, so the base stays level. `kind` (0 the most valuable) steers
-- how a customer buys; the tiers are found later, from the margins that this leads to.

create table slot as
select s, normal('worth', s) as worth,
    case when worth > 1.5548 then 0 when worth > 0.6745 then 1 when worth > -0.1257 then 2
         else 3 end as kind,
    case when u('opens late', s) < 0.05
         then floor(u('opens on', s) * 30.4 * getvariable('months'))::integer else 0 end as opens
from range(getvariable('customers')) t(s);

-- Days until each of up to seven successive customers of a slot is lost, exponentially spread.
create table stay as
select s, worth, kind, opens, k, s * 8 + k as c,
    u('costly', s * 8 + k) < by_tier(kind, 0.025, 0.09, 0.13, 0.13) as costly,
    greatest(40, round(-365.25 * ln(1 - u('stays', s * 8 + k))
        / (by_tier(kind, 0.025, 0.06, 0.115, 0.18) + if(costly, 0.06, 0))))::bigint as days
from slot, range(7) t(k);

create table firm as
select c, s, k, worth, kind, costly,
    getvariable('first_day') + (opens + before)::integer as came,
    if(k = 0 and opens = 0, came - (20 + floor(4400 * u('tenure', c) ** 1.6))::integer, came)
        as born,
    if(getvariable('first_day') + (opens + before + days)::integer >= getvariable('end_day'), null,
        getvariable('first_day') + (opens + before + days)::integer) as gone,
    kind > 0 and not costly and u('is part of', c) < 0.012 as part,
    u('dollar', c) < 0.05 as dollar,
    floor(8 * u('country', c) ** 1.2)::integer as country
from (
    select *, coalesce(sum(days) over (
        partition by s order by k rows between unbounded preceding and 1 preceding), 0) as before
    from stay)
where opens + before < getvariable('end_day') - getvariable('first_day');

-- One row per customer and month in which it was a customer for a day or more.
create table alive as
select f.c, m.m, m.first, f.kind, f.worth, f.costly, f.part, f.dollar, f.born,
    greatest(m.first, f.born) as day,
    (least(m.after, coalesce(f.gone, m.after)) - greatest(m.first, f.born))::integer as days
from firm f join month m on f.born < m.after and (f.gone is null or f.gone > m.first);

create macro customer_id(c) as code('M', c, 6);

-- Surveys: two a year to the people who decide, and after contacts to those who called. The
-- effort question is younger than the others, and reached Bronze only four months ago.

create macro good(tier, platinum, gold, silver, bronze, part, id) as
    u(part, id) < by_tier(tier, platinum, gold, silver, bronze);

create table asked as
select 'nps' as instrument, 'relationship' as kind, a.c, t.tier, a.m,
    a.c * 65536 + a.m * 8 + p as id, p as person,
    a.day + floor(a.days * u('nps day', a.c, a.m * 8 + p))::integer + interval 9 hour as sent_at,
    by_tier(t.tier, 0.42, 0.32, 0.24, 0.2) as answers, 0.0 as harm
from alive a join tier t on t.c = a.c and t.m = a.m, range(5) s(p)
where p < by_tier(t.tier, 4, 2, 1, 1)
    and (a.m + floor(24 * u('turn', a.c, p))::integer) % by_tier(t.tier, 6, 6, 6, 8) = 0
union all
select 'csat', 'transactional', c, tier, m, contact_id * 2, id % 3,
    opened + to_seconds((if(alone, 0.1, resolve_hours) * 3600)::bigint) + interval 20 hour,
    by_tier(tier, 0.44, 0.34, 0.27, 0.24),
    if(at_night and tier = 1, 0.3, 0) + if(wronged, 0.45, 0)
from contact
where n = 0 and u('csat', contact_id) < by_tier(tier, 0.5, 0.42, 0.4, 0.42)
union all
select 'ces', 'transactional', c, tier, m, contact_id * 2 + 1, id % 3,
    opened + to_seconds((if(alone, 0.1, resolve_hours) * 3600)::bigint) + interval 21 hour,
    by_tier(tier, 0.44, 0.34, 0.3, 0.2), if(wronged, 0.4, 0)
from contact
where n = 0 and m >= story_month(23)
    and (m >= story_month(3) or (tier < 3 and above_bronze))
    and u('csat', contact_id) >= by_tier(tier, 0.5, 0.42, 0.4, 0.42)
    and u('ces', contact_id) < by_tier(tier, 0.6, 0.55, 0.95, 0.26);

create table scored as
select *, u('given', id, 1) as draw,
    -- The portal took a while to be found; Silver books most, and notices most.
    greatest(0, least(1, (m - story_month(7)) / 5.0)) * by_tier(tier, 0, 0.04, 0.22, 0.05) as eased,
    case instrument
        when 'nps' then case
            when draw < by_tier(tier, 0.62, 0.47, 0.35, 0.25)
                then 9 + (u('given', id, 2) < 0.45)::integer
            when draw < 1 - by_tier(tier, 0.09, 0.16, 0.23, 0.31)
                then 7 + (u('given', id, 2) < 0.5)::integer
            else floor(7 * u('given', id, 2) ** 0.6) end
        when 'csat' then case
            when draw < by_tier(tier, 0.935, 0.875, 0.8, 0.68) - harm
                then 4 + (u('given', id, 2) < 0.55)::integer
            else 3 - floor(3 * u('given', id, 2) ** 1.7) end
        else case
            when draw < by_tier(tier, 0.865, 0.78, 0.6, 0.62) + eased - harm
                then 5 + floor(3 * u('given', id, 2))
            else 4 - floor(4 * u('given', id, 2) ** 1.5) end
    end as score,
    u('bounced', id, kind = 'relationship') >= 0.012 as eligible,
    eligible and u('answered', id, kind = 'relationship') < answers as answered
from asked where sent_at < getvariable('end_day');

create view facts.surveys as
select code(instrument || '-', id, 11) as invite_id, customer_id(c) as customer_id,
    customer_id(c) || '-' || person as contact_id, instrument, kind, sent_at,
    if(answered, sent_at + to_minutes((20 + 16000 * u('answer day', id) ** 2)::integer), null)
        as answered_at,
    if(answered, score, null)::double as score,
    case instrument when 'nps' then 0 else 1 end::double as scale_min,
    case instrument when 'nps' then 10 when 'csat' then 5 else 7 end::double as scale_max,
    eligible
from scored;

-- Contacts. An issue is one or more contacts; how fast and how well it goes depends on the tier
-- that staff see. Stories: the portal (seven months back), the night shift of the last month
-- (days 12 to 19), Bronze replies slipping over the last three months, wrong certificates.

create table wronged as
select t.c, t.tier from tier t join alive a on a.c = t.c and a.m = t.m
where t.m = story_month(0) and a.days > 25 and not a.costly
    and u('wrong certificate', t.c) < by_tier(t.tier, 0.02, 0.075, 0.012, 0.002);

create macro night(hour) as hour >= 17 or hour < 7;

create table issue as
with raised as (
    select a.c, a.m, j, t.tier, t.above_bronze and not a.part as above_bronze, a.day, a.days,
        false as wronged
    from alive a join tier t on t.c = a.c and t.m = a.m, range(10) s(j)
    where j < count_of('issues', a.c, a.m,
        (by_tier(t.tier, 1.7, 0.72, 0.4, 0.18) + if(a.costly, 0.5, 0)) * a.days / 30.4)
    union all
    select w.c, story_month(0), 10, w.tier, true, month_at(story_month(0)), 22, true from wronged w
), drawn as (
    select *, c * 65536 + m * 16 + j as id,
        if(u('by day', id) < 0.55, 7 + 10 * u('clock', id),
            (17 + 12.5 * u('clock', id)) % 24) as hour,
        u('reason', id) as why
    from raised
)
select c, m, tier, above_bronze, id, wronged,
    (day + floor(days * u('contact day', id))::integer)
        + to_seconds(floor(greatest(0.2, least(hour, 22.9)) * 3600)::integer) as opened,
    night(hour) and m = story_month(0) and not wronged
        and day(opened) between 12 and 19 as at_night,
    case when wronged then 'wrong_certificate' when why < 0.22 then 'how_to'
         when why < 0.36 then 'calibration_booking' when why < 0.46 then 'order_tracking'
         when why < 0.53 then 'certificate_copy' when why < 0.57 then 'visit_booking'
         when why < 0.6 then 'start_up' when why < 0.72 then 'instrument_fault'
         when why < 0.8 then 'late_delivery' when why < 0.87 then 'wrong_part'
         when why < 0.93 then 'invoice_error' when why < 0.97 then 'broken_promise' end as reason,
    reason = 'calibration_booking' and tier > 0
        and u('portal', id) < if(m >= story_month(6), by_tier(tier, 0, 0.25, 0.55, 0.3), 0.06)
        as alone
from drawn;

-- The second and third contact about the same issue, within the week.
create table contact as
with again as (
    select *, n,
        if(n = 0, 0, 5 + 100 * u('again after', id, 1))
            + if(n = 2, 4 + 55 * u('again after', id, 2), 0) as later
    from issue, range(3) t(n)
    where n = 0 or (not alone and u('again', id)
        < by_tier(tier, 0.135, 0.19, 0.07, 0.27) * if(n = 2, 0.25, 1) + if(wronged, 0.3, 0))
)
select * exclude (opened, later), id * 4 + n as contact_id,
    opened + to_seconds(floor(later * 3600)::integer) as opened,
    case
        when at_night and tier = 1 and n = 0 then 9 + 8 * u('left waiting', id)
        when at_night and tier > 1 then 12
        else 0 end
    + by_tier(tier, 0.5, 1.15, 7.5, 15)
        * if(tier = 3, greatest(1, 1 + 0.2 * (m - story_month(3))), 1)
        * exp(by_tier(tier, 0.72, 0.78, 0.72, 0.72) * normal('reply', id, n)) as reply_hours,
    reply_hours + by_tier(tier, 4, 11, 26, 48) * exp(0.8 * normal('resolve', id, n))
        as resolve_hours,
    8 + 14 * u('minutes', id, n) + if(wronged, 25, 0) + by_tier(tier, 8, 4, 0, 0) as minutes
from again;

create macro is_support(reason) as reason in ('how_to', 'calibration_booking', 'order_tracking',
    'certificate_copy', 'visit_booking', 'start_up');
create macro upto(moment, limit_) as if(moment < limit_, moment, null);

create view facts.interactions as
select code('I', contact_id, 11) as interaction_id,
    customer_id(c) as customer_id,
    code('Q', id, 10) as issue_key,
    if(alone, 'portal', pick(['phone', 'mail', 'mail', 'chat'], u('by', contact_id))) as channel,
    opened as opened_at,
    if(alone or u('forgotten', contact_id) < 0.002, null,
        upto(opened + to_seconds((reply_hours * 3600)::bigint), late)) as first_human_reply_at,
    upto(opened + to_seconds(if(alone, 240, resolve_hours * 3600)::bigint), late) as resolved_at,
    reason as reason_code,
    if(is_support(reason) and n = 0, 'value', 'failure') as demand_type,
    case when reason = 'wrong_certificate' then 'reference_standard'
         when is_support(reason) or reason is null then null
         else pick(['engagement_process', 'warehouse', 'workshop', 'product', 'sales_promise'],
            u('cause', id)) end as root_cause,
    case when reason is null then 'unknown' when is_support(reason) then 'support'
         else 'service' end as class,
    if(alone, 0, round(minutes, 1))::double as minutes,
    alone as self_service,
    case when reason in ('calibration_booking', 'certificate_copy', 'visit_booking',
        'wrong_certificate') then 'service' else 'care' end as team,
    u('seen', contact_id) < by_tier(tier, 0.98, 0.94, 0.74, 0.6) as tier_known_at_open,
    if(not is_support(reason) and u('learnt', contact_id) < 0.3,
        code('L', id % 9973, 4), null) as learning_id,
    least(opened + interval 6 hour, late) as loaded_at
from contact, (select getvariable('end_day')::timestamp + interval 14 day as late);

create view facts.incidents as
select 'INC-1' as incident_id, month_at(story_month(1)) + 13 as "from",
    month_at(story_month(0)) + 22 as "to",
    'calibration certificates named the wrong reference standard' as cause,
    'field-service' as owner
union all
select 'INC-2', month_at(story_month(0)) + 11, month_at(story_month(0)) + 18,
    'two posts of the night shift were vacant', 'head-of-support'
union all
select 'INC-3', month_at(story_month(19)) + 4, month_at(story_month(19)) + 9,
    'the carrier was on strike', 'field-service';

create view facts.incident_customers as
select 'INC-1' as incident_id, customer_id(c) as customer_id,
    'had to have instruments calibrated again' as how from wronged
union all
select distinct 'INC-2', customer_id(c), 'waited until morning for a person'
from contact where at_night and tier = 1 and n = 0
union all
select 'INC-3', customer_id(c), 'got spare parts a week late'
from alive where m = story_month(19) and u('strike', c) < 0.03;

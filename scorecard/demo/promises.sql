-- Promises are on record only since nine months, and never made to Bronze; requests that were
-- decided yes or no; recommendations that service staff passed on.

create table promised as
select a.c, a.m, t.tier, a.c * 65536 + a.m * 8 + j as id,
    a.day + floor(a.days * u('due', a.c, a.m * 8 + j))::integer + interval 16 hour as due_at
from alive a join tier t on t.c = a.c and t.m = a.m, range(4) s(j)
where a.m >= story_month(8) and t.tier < 2 and t.above_bronze and not a.costly
    and a.born < getvariable('first_day') + 300 and not a.part
    and j < count_of('promises', a.c, a.m, by_tier(t.tier, 0.75, 0.4, 0, 0));

create view facts.promises as
select code('V', id, 10) as promise_id, customer_id(c) as customer_id,
    pick(['CARE', 'CAL', 'PART'], u('promise offer', id)) as offer_id,
    pick(['sales', 'sales', 'support', 'marketing'], u('promised by', id)) as promised_by,
    pick(['workshop', 'field service', 'warehouse'], u('delivered by', id)) as delivered_by,
    'days until returned' as attribute, level::double as level, due_at,
    case when kept then level - floor(2 * u('early', id))
         else level + 1 + floor(6 * u('late', id)) end::double as actual,
    if(u('no evidence', id) < 0.008, null, kept) as kept,
    if(not kept and u('renegotiated', id) < 0.1, due_at - interval 3 day, null)
        as renegotiated_at
from (select *, 5 + floor(6 * u('level', id)) as level,
        u('kept', id) < by_tier(tier, 0.972, 0.865, 0.9, 0.9) as kept from promised);

create view facts.requests as
select code('R', a.c * 4096 + a.m, 9) as request_id,
    customer_id(a.c) as customer_id, a.day + floor(a.days * u('asks on', a.c, a.m))::integer
        + interval 10 hour as asked_at,
    if(u('said', a.c, a.m) < by_tier(a.kind, 0.8, 0.65, 0.5, 0.4), 'yes', 'no') as decision,
    pick(['free_loan', 'rush_delivery', 'free_training', 'longer_payment', 'special_scale'],
        u('asks for', a.c, a.m)) as reason_code,
    if(u('cites', a.c, a.m) < 0.7, pick(['care contract, section 4', 'offer: loan instruments',
        'ideal customer of the niche'], u('rule', a.c, a.m)), null) as rule_cited,
    u('against', a.c, a.m) < if(decision = 'yes', 0.12, 0.03) as contradicts_rule,
    if(decision = 'yes', cents(40 + 400 * u('favour', a.c, a.m) ** 2), 0)::double as cost
from alive a where u('asks', a.c, a.m) < 0.02;

-- Recommendations that were won are traced back from the upgrade that was sold.
create view facts.recommendations as
select code('E', id, 10) as rec_id, customer_id(c) as customer_id,
    pick(['Yusra Halloran', 'Piotr Amsel', 'Chidi Vestergaard', 'Lotte Marchetti'], u('by', id))
        as by,
    if(u('role', id) < 0.9, 'field engineer', 'support agent') as role,
    made_at, if(won or u('agrees', id) < 0.6, made_at + interval 4 day, null)
        as customer_agreed_at,
    if(won or u('agrees', id) < 0.45, made_at + interval 6 day, null) as passed_at,
    if(won or u('agrees', id) < 0.3, made_at + interval 13 day, null) as proposal_at,
    if(won, txn(id), null) as won_txn_id, amount
from (
    select c, id, true as won, event_on - 30 + interval 11 hour as made_at, net as amount
    from line where stream = 'upgrade' and not lost_its_customer and u('recommended', id) < 0.35
    union all
    select c, c * 65536 + m * 64 + 63, false, day + interval 11 hour, null
    from alive where u('recommended', c, m) < 0.012)
where made_at >= getvariable('first_day') and made_at < getvariable('end_day')
    and (won or made_at + interval 13 day < getvariable('end_day'));

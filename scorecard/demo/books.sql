-- The books: transactions and costs as finance would hand them over.

-- Those wronged are credited in the last month; a few had stopped a line and are paid for it.
create table compensation as
select w.c, f.dollar, l.id as original, l.stream,
    month_at(story_month(0)) + 24 + floor(5 * u('credited', w.c))::integer as event_on,
    -cents(if(u('stopped line', w.c) < by_tier(w.tier, 0.1, 0.08, 0.2, 0.0),
        3500 + 3000 * u('claim', w.c), by_tier(w.tier, 900, 420, 260, 150)
            * (0.6 + 0.8 * u('claim', w.c))) / if(f.dollar, 0.915, 1)) as net
from wronged w join firm f on f.c = w.c
join (select c, arg_max(id, (event_on, id)) as id, arg_max(stream, (event_on, id)) as stream
      from line where not lost_its_customer and m < story_month(0) group by c) l on l.c = w.c;

create macro txn(id) as code('T', id, 10);

create view facts.transactions as
select txn(id) as txn_id, if(lost_its_customer, null, customer_id(c)) as customer_id, event_on,
    known(event_on, id) as loaded_at, stream, offer_of(stream) as offer_id, 'sale' as kind,
    net as net_amount,
    cents(net::double / (1 - 0.18 * u('discount', id) ** 2)) as list_amount,
    if(dollar, 'USD', 'EUR') as currency, (1 + floor(6 * u('pieces', id) ** 3))::double as qty,
    null::varchar as original_txn_id
from line
union all
select txn(id) || 'R', customer_id(c), event_on, known(event_on, id + 1), stream,
    offer_of(stream), kind, net, net, if(dollar, 'USD', 'EUR'), 1, txn(id)
from refund
union all
select txn(original) || 'C', customer_id(c), event_on, known(event_on, original + 2), stream,
    offer_of(stream), 'credit', net, net, if(dollar, 'USD', 'EUR'), 1,
    txn(original)
from compensation;

create table driven as
select m, c, 'orders' as driver, orders::double as qty from spend where orders > 0
union all
select m, c, if(is_support(reason) is true, 'support_minutes', 'service_minutes'),
    round(sum(minutes::decimal(18, 1)), 1)::double
from contact where not alone and m < getvariable('months') group by all;

create view facts.drivers as
select driver || '-' || m || '-' || c as driver_id, driver, customer_id(c) as customer_id,
    month_at(m + 1) - 1 as date, qty
from driven;

-- One row per pool and month, shared out by its driver; the idle part of the desks is nobody's.
create table pool as
select m, 'deliver' as category, 'order desk' as pool, 'orders' as driver,
    cents(23.5 * sum(qty::decimal(18, 1))::double * (0.97 + 0.06 * u('desk', m))) as amount
from driven where driver = 'orders' group by m
union all
select m, 'support', 'telephone desk', 'support_minutes',
    cents(1.15 * sum(qty::decimal(18, 1))::double * (0.97 + 0.06 * u('phones', m)))
from driven where driver = 'support_minutes' group by m
union all
select m, 'service', 'complaints desk', 'service_minutes',
    cents(1.3 * sum(qty::decimal(18, 1))::double * (0.97 + 0.06 * u('complaints', m)))
from driven where driver = 'service_minutes' group by m
union all
select m, 'unused', 'idle_capacity', null,
    cents(0.2 * sum(qty::decimal(18, 1))::double * (0.8 + 0.4 * u('idle', m)))
from driven where driver <> 'orders' group by m
union all
select l.m, 'deliver', 'deliveries without a customer', null,
    sum(cents(0.55 * in_euro(l.net, l.dollar, r.rate))) from line l
join rate r on r.date = l.event_on where l.lost_its_customer group by l.m;

create table direct as
select c, m, 'deliver' as category, 'cost of sales' as pool, deliver as amount
from spend where deliver <> 0
union all
select c, m, 'service', 'unpaid visits', visits from spend where visits > 0
union all
select c, story_month(0), 'service', 'calibration repeated',
    cents(260 + 240 * u('repeat', c)) from wronged
union all
select c, datediff('month', getvariable('first_day'), born), 'acquire', 'winning customers',
    cents(600 + 430 * exp(1.35 * worth) * (3 + 4 * u('won for', c)))
from firm where born >= getvariable('first_day')
union all
select a.c, a.m, 'discretionary', 'account management',
    cents(by_tier(t.tier, 330, 210, 190, 170) * around_one('looked after', a.c, a.m, 0.3))
from alive a join tier t on t.c = a.c and t.m = a.m
where u('looked after', a.c, a.m) < by_tier(t.tier, 0.9, 0.4, 0.09, 0.07);

create view facts.costs as
select 'D-' || left(category, 3) || left(pool, 2) || '-' || m || '-' || c as cost_id,
    last_day(month_at(m)) as event_on, amount, 'EUR' as currency, category,
    pool, customer_id(c) as customer_id, null::varchar as driver,
    known(last_day(month_at(m)), c * 64 + m) as loaded_at
from direct
union all
select 'P-' || replace(pool, ' ', '-') || '-' || m, last_day(month_at(m)), amount, 'EUR',
    category, pool, null, driver, known(last_day(month_at(m)), m)
from pool;

-- The general ledger's own totals, to tie out against.
create view facts.ledger_totals as
select strftime(month_at(m), '%Y-%m') as period, account, amount
from (
    select datediff('month', getvariable('first_day'), event_on) as m, 'revenue' as account,
        cents(sum((in_euro(net, dollar, rate))::decimal(24, 8))) as amount
    from (select event_on, net, dollar from line
          union all select event_on, net, dollar from refund
          union all select event_on, net, dollar from compensation)
    join rate on rate.date = event_on group by all
    union all
    select m, 'costs', sum(amount)
    from (select m, amount from direct union all select m, amount from pool) group by m);

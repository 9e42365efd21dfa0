-- Sales. `level` is what a customer turns over in a month, before chance; contracts are a part
-- of it and are repriced on their anniversary, the rest comes as order lines.

create macro worth_per_month(c, worth, m) as
    430 * exp(1.35 * worth) * around_one('year', c, (m + c % 12) // 12, 0.22)
    * exp(0.03 * (m - 24) / 12);

create table covered as
select c, worth, kind, dollar, born, gone,
    by_tier(kind, 'month', 'month', 'quarter', 'year') as billing,
    by_tier(kind, 1, 1, 3, 12) as step,
    (year(getvariable('first_day')) - year(born) - 1)::integer as skipped
from firm
where u('care contract', c) < by_tier(kind, 1.0, 0.95, 0.75, 0.42);

-- A contract runs for a year from each anniversary; the current one is open.
create table contract as
select c.c, y, c.dollar, c.billing, c.step, c.gone,
    (c.born + to_years(y::integer))::date as start_on,
    (c.born + to_years(y::integer + 1))::date as year_end,
    (start_on - getvariable('first_day')) / 365.25 as years,
    case when gone is not null and gone <= year_end then gone
         when year_end < getvariable('end_day') then year_end end as end_on,
    cents(greatest(4, 0.3 * 430 * exp(1.35 * worth + 0.08 * normal('contract', c.c, y)
            + by_tier(kind, 0.142, 0.09, 0.075, 0.03) * (years - 2)
            - if(u('fewer devices', c.c, y) < 0.06, 0.3, 0))
        * step / if(dollar, 0.915, 1))) as amount
from covered c,
    range(greatest(skipped, 0), greatest(skipped, 0) + getvariable('months') // 12 + 4) t(y)
where start_on < getvariable('end_day') and (gone is null or start_on < gone)
    and year_end > getvariable('first_day') - 400;

create view facts.contracts as
select code('K', c * 64 + y, 8) as contract_id, customer_id(c) as customer_id,
    'CARE' as offer_id, start_on, end_on, amount as recurring_amount,
    billing as billing_period, if(dollar, 'USD', 'EUR') as currency,
    if(end_on = gone, greatest(start_on, gone - 30), null) as cancelled_on,
    case when end_on = gone then 'customer lost' when end_on is not null then 'renewed' end
        as reason
from contract;

-- Order lines: the customer's usual ones, the first sale, and the contract's invoices.
create table line as
with usual as (
    select a.c, a.m, j, 'sale' as kind_of_line, a.kind, a.dollar,
        a.day + floor(a.days * u('order day', a.c, a.m * 64 + j))::integer as event_on,
        u('stream', a.c, a.m * 64 + j) as draw,
        worth_per_month(a.c, a.worth, a.m) * (1 + 0.05 * sin(a.m * pi() / 6))
            * 0.78 * around_one('size', a.c, a.m * 64 + j, 0.55)
            / by_tier(a.kind, 3.9, 1.85, 0.92, 0.48) as mean
    from alive a, range(12) t(j)
    where j < count_of('orders', a.c, a.m,
        by_tier(a.kind, 3.9, 1.85, 0.92, 0.48) * a.days / 30.4)
), streamed as (
    select *,
        case when draw < 0.42 then 'consumable' when draw < 0.62 then 'spare_part'
             when draw < 0.74 then 'repair' when draw < 0.88 then 'other_service'
             when draw < 0.92 then 'upgrade' when draw < 0.95 then 'warranty'
             else 'first_sale' end as stream,
        case stream when 'consumable' then 0.62 when 'spare_part' then 0.85 when 'repair' then 1.1
             when 'other_service' then 1.25 when 'upgrade' then 2.3 when 'warranty' then 0.9
             else 2.8 end as times
    from usual
), lines as (
    select c, m, j, kind, dollar, event_on, stream, mean * times as amount from streamed
    union all
    select c, datediff('month', getvariable('first_day'), born), 12, kind, dollar, born,
        'first_sale', 430 * exp(1.35 * worth) * (6 + 12 * u('first order', c))
    from firm where born >= getvariable('first_day')
    union all
    select c, datediff('month', getvariable('first_day'), event_on), 13 + y % 2, 0, dollar,
        event_on, 'maintenance_contract', amount * if(dollar, 0.915, 1)
    from (select *, (start_on + to_months(i::integer * step))::date as event_on
          from contract, range(12 // step) t(i))
    where event_on >= getvariable('first_day') and event_on < getvariable('end_day')
        and event_on < coalesce(end_on, getvariable('end_day'))
)
select c, m, j, c * 65536 + m * 64 + j as id, kind, dollar, event_on, stream,
    cents(amount / if(dollar, 0.915, 1)) as net,
    u('belongs to nobody', c, m * 64 + j) < 0.01 as lost_its_customer,
    u('comes back', c, m * 64 + j) < 0.018 and stream <> 'maintenance_contract' as comes_back
from lines;

create table refund as
select id, c, dollar, stream,
    event_on + 5 + floor(30 * u('refund day', id))::integer as event_on,
    -cents(net::double * (0.3 + 0.7 * u('refund part', id))) as net,
    if(u('refund kind', id) < 0.5, 'refund', 'credit') as kind
from line
where comes_back and not lost_its_customer
    and event_on + 5 + floor(30 * u('refund day', id))::integer < getvariable('end_day');

create macro offer_of(stream) as
    case stream when 'first_sale' then 'INST' when 'upgrade' then 'INST'
        when 'maintenance_contract' then 'CARE' when 'warranty' then 'CARE'
        when 'other_service' then 'CAL' when 'consumable' then 'CONS' else 'PART' end;
create macro known(day, id) as
    least(day + interval 18 hour + to_hours(floor(60 * u('booked', id) ** 3)::integer),
        getvariable('end_day')::timestamp + interval 14 day);

create macro in_euro(amount, dollar, rate) as if(dollar, amount * rate, amount::double);

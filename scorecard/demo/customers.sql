-- Customers as the company's own system shows them, their instruments, and signs of their worth.

create view facts.customers as
select customer_id(f.c) as customer_id,
    if(f.part and p.c <> f.c, customer_id(p.c), null) as parent_id,
    n.name,
    pick(['pharmaceuticals', 'food and drink', 'automotive', 'research', 'energy', 'electronics'],
        u('segment', f.c)) as segment,
    pick(['sterile filling lines', 'battery cell plants', 'university laboratories',
          'dairies and breweries', 'test houses', 'general industry'],
        u('niche', f.c)) as niche,
    f.born as acquired_on,
    case when u('earned', f.c) < 0.38 then 'earned' when u('earned', f.c) < 0.9 then 'bought'
         else 'unknown' end as acquired_how,
    pick(['field sales', 'partner', 'web shop', 'trade fair'], u('channel', f.c)) as channel,
    null::varchar as tier,
    if(f.gone is null, 'active', 'lost') as status,
    f.gone as closed_on,
    if(f.gone is null, null, pick(['went to a competitor', 'price', 'site closed',
        'instruments retired', 'taken over', 'unhappy with service'], u('loss', f.c)))
        as closed_reason,
    if(f.dollar, 'USD', 'EUR') as currency
from firm f
join called n on n.c = f.c
join firm p on p.c = 8 * floor(u('parent', f.c) * getvariable('customers'))::bigint;

create view facts.assets as
select code('A', f.c * 8 + a, 7) as asset_id, customer_id(f.c) as customer_id,
    f.born + floor(a * 260 * u('asset from', f.c, a))::integer as active_from,
    if(f.gone is not null and f.gone > active_from, f.gone, null) as active_to
from firm f, range(8) t(a)
where a < by_tier(f.kind, 7, 4, 2, 1)
    and active_from < coalesce(f.gone, getvariable('end_day'));

-- What else is known of a customer's worth, once a year, from inside and outside the company.
create view facts.signals as
select customer_id(f.c) as customer_id, s.name, s.category,
    round(s.scale * exp(0.8 * f.worth + 0.5 * normal(s.name, f.c, y)))::double as value,
    month_at(12 * y + 1) as observed_on
from firm f, range(getvariable('months') // 12) t(y),
    (values ('instruments installed', 'internal', 4), ('employees on site', 'external', 160),
            ('visits to the web shop', 'online', 25)) s(name, category, scale)
where month_at(12 * y + 1) >= f.born and (f.gone is null or f.gone > month_at(12 * y + 1));

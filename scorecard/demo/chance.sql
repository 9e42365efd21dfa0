-- Chance without a generator: every draw is arithmetic on hash(seed, purpose, entity, part),
-- so that a figure depends on nothing but its own name, never on order or thread.

create macro u(purpose, id, part := 0) as
    (hash(hash(getvariable('seed'), purpose, id::bigint, part::bigint)) >> 11)::double
    / 9007199254740992.0;

-- A standard normal draw (Box–Muller).
create macro normal(purpose, id, part := 0) as
    sqrt(-2 * ln(1 - u(purpose || ' radius', id, part)))
    * cos(2 * pi() * u(purpose || ' angle', id, part));

-- A positive draw with mean 1; `spread` is the standard deviation of its logarithm.
create macro around_one(purpose, id, part, spread) as
    exp(spread * normal(purpose, id, part) - spread * spread / 2);

-- A count with mean `rate`.
create macro count_of(purpose, id, part, rate) as
    floor(rate * 2 * u(purpose || ' pace', id, part) + u(purpose, id, part))::integer;

create macro pick(list, draw) as list[1 + floor(draw * len(list))::integer];
create macro by_tier(tier, platinum, gold, silver, bronze) as
    case tier when 0 then platinum when 1 then gold when 2 then silver else bronze end;
create macro cents(amount) as amount::decimal(18, 2);

-- Months are counted from the first month of facts; the story's dates from the last month.
create macro month_at(m) as (getvariable('first_day') + to_months(m::integer))::date;
create macro story_month(back) as getvariable('months') - 1 - back;

-- A number as a code: at least `width` digits, more where it needs them.
create macro code(prefix, number, width) as
    prefix || lpad(number::varchar, greatest(width, length(number::varchar))::integer, '0');

create table month as
select m::integer as m, month_at(m) as first, month_at(m + 1) as after
from range(getvariable('months')) t(m);

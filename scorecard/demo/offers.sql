-- What is sold, what support it contains, and what a dollar was worth.

create view facts.offers as
select * from (values
    ('INST', 'Measuring instruments', 'noncontractual', true),
    ('CARE', 'Care contract', 'contractual', true),
    ('CAL', 'Calibration', 'noncontractual', true),
    ('CONS', 'Consumables', 'noncontractual', true),
    ('PART', 'Spare parts and repairs', 'noncontractual', true)
) t(offer_id, name, relationship, active);

create view facts.support_elements as
select element_id, offer_id, name, reason_code, volume::double as expected_volume,
    cost::double as unit_cost, price::double as price, in_price, hours::double as sla_hours
from (values
    ('EL1', 'INST', 'Start-up call with an engineer', 'start_up', 1.0, 85, 0, true, 24),
    ('EL2', 'CARE', 'Named engineer on the telephone', 'how_to', 4.0, 32, 0, true, 4),
    ('EL3', 'CARE', 'Yearly preventive visit', 'visit_booking', 1.0, 410, 0, true, 120),
    ('EL4', 'CAL', 'Booking of a calibration', 'calibration_booking', 2.0, 14, 0, true, 8),
    ('EL5', 'CAL', 'Copy of a certificate', 'certificate_copy', 1.5, 11, 5, false, 24),
    ('EL6', 'CONS', 'Delivery tracking', 'order_tracking', 2.0, 9, 0, true, 8),
    ('EL7', 'PART', 'Choice of the right part', 'how_to', 1.0, 24, null, false, 24)
) t(element_id, offer_id, name, reason_code, volume, cost, price, in_price, hours);

-- A rate for every day, also for contracts that began before the first month of facts.
create table rate as
select day::date as date,
    round(0.915 + 0.03 * sin(epoch(day) / 86400 / 140) + 0.006 * sin(epoch(day) / 86400 / 17)
        + 0.004 * (u('dollar rate', (epoch(day) / 86400)::bigint) - 0.5), 4)::double as rate
from range(getvariable('first_day')::timestamp - interval 14 months,
    getvariable('end_day')::timestamp + interval 15 days, interval 1 day) t(day);

create view facts.fx as
select date, 'USD' as "from", 'EUR' as "to", rate from rate;

select substr(period_start, 1, 7) as month, class_code, count(*) as encounters, count(distinct patient_id) as patients
from gold.encounter
where length(period_start) >= 7
group by all
order by all

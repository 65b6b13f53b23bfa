-- One row per actor and day it was mentioned on. Not published: actor_daily, changed or not.
SELECT actor_id, report_date FROM actor_daily
UNION ALL
SELECT actor_id, report_date FROM previous_actor_daily ANTI JOIN actor_days USING (report_date)

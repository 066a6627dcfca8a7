-- failed_count: how many failed jobs there are.
select count(*) as n from {failed}

-- highest: the newest row of a queue, asked when none stands above the floor.
select max(id) from {jobs} where queue=?

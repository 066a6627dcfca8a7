-- failed_page: the next failed jobs of a walk, newest first, by their lengths: how many of
-- them are read at once depends on that.
select id, octet_length(payload) as bytes from {failed} where id<?
order by id desc limit ?

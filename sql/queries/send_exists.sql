-- send_exists: was the transaction that began the attempt committed? One that is still on
-- its way to the server's end is waited for.
select id from {sends} where id=? for update

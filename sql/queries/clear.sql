-- clear: every job of a queue, reserved ones too.
delete from {jobs} where queue=?

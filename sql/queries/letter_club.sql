-- letter_club: the columns of a club that the job and its views name.
select {club_columns} from {clubs} c where c.id=?

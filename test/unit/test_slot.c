/* test_slot.c: what a slot decides, on a queue in memory, with an executor that only
 * notes and a clock that the test moves. A state reads: jobs | letters' rows | mails of
 * each job (slot_world.h).
 */
#include "slot_world.h"

#define WITH(w)                                                                          \
    struct world w;                                                                      \
    (void)state;                                                                         \
    world_open(&w)

#define fault(w, at, ...) ((w).x->faults[at] = (struct fault){__VA_ARGS__})

/* patiently: it does not end with the queue, nor with an error. */
static void patiently(struct world *w)
{
    w->options.stop_when_empty = false;
    w->options.max_time = 300;
}

/* === the straight way === */

void test_a_job_is_claimed_run_and_ended(void **state)
{
    WITH(w);
    add(&w, SENDS);
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(w.x->commits, 2);
    world_close(&w);
}

void test_only_jobs_of_ours_that_can_be_run_are_claimed(void **state)
{
    WITH(w);
    w.x->foreign[add(&w, SENDS)] = true;
    w.x->refusals[add(&w, SENDS)] = "a view of the app's";
    add(&w, SENDS);
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "f0 f0 - | sent | 0 0 1");
    world_close(&w);
}

void test_an_end_and_the_next_claim_are_one_commit(void **state)
{
    WITH(w);
    for (int i = 0; i < 4; i++)
        add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "- - - - | sent sent sent sent | 1 1 1 1");
    assert_int_equal(w.x->commits, 5);
    assert_int_equal(w.x->joined, 3);
    assert_int_equal(w.x->alone, 1);
    for (int i = 0; i < 3; i++) /* nobody asks for them again */
        assert_int_equal(w.x->now.rows[i].listed, INT64_MAX);
    world_close(&w);
}

void test_an_end_that_is_in_a_hurry_does_not_wait(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.x->hurried = true;
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent sent | 1 1");
    assert_int_equal(w.x->joined, 0);
    assert_int_equal(w.x->commits, 4);
    world_close(&w);
}

void test_a_server_that_cannot_join_has_two_commits_a_job(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.x->unjoined = true;
    go(&w);
    assert_int_equal(w.x->joined, 0);
    assert_int_equal(w.x->commits, 4);
    world_close(&w);
}

void test_with_a_rest_between_jobs_each_ends_alone(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.options.rest = 1;
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent sent | 1 1");
    assert_int_equal(w.x->joined, 0);
    world_close(&w);
}

void test_where_there_is_nothing_to_do_the_job_is_done(void **state)
{
    WITH(w);
    add(&w, NOTHING);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent | 0 1");
    world_close(&w);
}

void test_what_is_not_due_yet_is_left(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.x->now.rows[0].available_at = EPOCH + 100;
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_what_another_holds_is_left_until_its_lease_is_over(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.x->now.rows[0].attempts = 1;
    w.x->now.rows[0].reserved_at = EPOCH - RETRY_AFTER + 1;
    go(&w);
    assert_string_equal(state_of(&w), "r1 | | 0");
    clock_pass(1000);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

/* === attempts that fail === */

void test_a_failed_attempt_is_released(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | failed | 0");
    assert_int_equal(logged(&w, "the view fails"), 1);
    world_close(&w);
}

void test_the_last_attempt_fails_the_job(void **state)
{
    WITH(w);
    add(&w, FAILS_LATE);
    go(&w);
    assert_string_equal(state_of(&w), "x | failed failed lost | 0");
    assert_true(strstr(w.x->now.rows[0].exception, "550 no") != NULL);
    assert_true(strstr(w.x->now.rows[0].exception, "Phase: mail") != NULL);
    world_close(&w);
}

void test_a_release_waits_as_long_as_backoff_says(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.options.retry.backoff = S("5,50");
    w.options.once = true;
    go(&w);
    assert_int_equal(w.x->now.rows[0].available_at, clock_unix() + 5);
    clock_pass(5000);
    go(&w);
    assert_int_equal(w.x->now.rows[0].available_at, clock_unix() + 50);
    world_close(&w);
}

void test_the_payload_says_how_often_and_how_long(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.x->payloads[1] = "{\"uuid\":\"u-1\",\"maxTries\":2,\"backoff\":\"7\"}";
    w.options.once = true;
    go(&w);
    assert_int_equal(w.x->now.rows[0].available_at, clock_unix() + 7);
    clock_pass(7000);
    go(&w);
    assert_string_equal(state_of(&w), "x | failed lost | 0");
    world_close(&w);
}

void test_with_one_try_the_first_failure_is_the_last(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.options.retry.tries = 1;
    go(&w);
    assert_string_equal(state_of(&w), "x | lost | 0");
    world_close(&w);
}

void test_without_a_limit_it_is_released_each_time(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.options.retry.tries = 0;
    w.options.max_jobs = 5;
    go(&w);
    assert_string_equal(state_of(&w), "f5 | failed failed failed failed failed | 0");
    world_close(&w);
}

void test_until_a_moment_tries_do_not_matter(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.x->payloads[1] = "{\"uuid\":\"u-1\",\"maxTries\":1,\"retryUntil\":1764079600}";
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | failed | 0");
    clock_pass(100000);
    go(&w);
    assert_string_equal(state_of(&w), "x | failed | 0"); /* it does not even begin */
    world_close(&w);
}

void test_one_attempt_too_many_fails_before_it_begins(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.x->now.rows[0].attempts = 3;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 0");
    assert_int_equal(w.x->begins, 0);
    assert_true(strstr(w.x->now.rows[0].exception, "MaxAttemptsExceeded") != NULL);
    world_close(&w);
}

void test_attempts_at_their_maximum_fail_the_job(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.x->now.rows[0].attempts = ATTEMPTS_MAX;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 0");
    assert_true(strstr(w.x->now.rows[0].exception, "attempts stands at 255") != NULL);
    world_close(&w);
}

void test_what_cannot_be_decoded_fails_at_once(void **state)
{
    WITH(w);
    add(&w, BROKEN);
    go(&w);
    assert_string_equal(state_of(&w), "x | | 0");
    assert_true(strstr(w.x->now.rows[0].exception, "Undecodable") != NULL);
    world_close(&w);
}

void test_a_job_that_needs_too_much_memory_fails_alone(void **state)
{
    WITH(w);
    add(&w, BIG);
    add(&w, SENDS);
    w.options.retry.tries = 1;
    go(&w);
    assert_string_equal(state_of(&w), "x - | lost sent | 0 1");
    world_close(&w);
}

void test_a_failure_does_not_hold_up_those_behind_it(void **state)
{
    WITH(w);
    add(&w, FAILS);
    add(&w, SENDS);
    add(&w, FAILS_LATE);
    add(&w, SENDS);
    w.options.retry.tries = 1;
    go(&w);
    assert_string_equal(state_of(&w), "x - x - | lost sent lost sent | 0 1 0 1");
    world_close(&w);
}

/* === what PHP must run === */

void test_what_turns_out_to_be_for_php_is_left_as_it_was(void **state)
{
    WITH(w);
    add(&w, FOR_PHP);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "f0 - | sent | 0 1");
    assert_int_equal(w.x->begins, 2);
    world_close(&w);
}

void test_it_is_looked_at_again_a_minute_later(void **state)
{
    WITH(w);
    add(&w, FOR_PHP);
    go(&w);
    w.x->deeds[1] = SENDS;
    clock_pass(59000);
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    clock_pass(1000);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

void test_its_row_is_taken_back_where_it_had_begun(void **state)
{
    WITH(w);
    add(&w, FOR_PHP_LATE);
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_that_is_said_once(void **state)
{
    WITH(w);
    add(&w, FOR_PHP);
    add(&w, FOR_PHP);
    go(&w);
    assert_int_equal(logged(&w, "left for an artisan worker"), 1);
    world_close(&w);
}

void test_in_a_joined_turn_it_leaves_the_end_alone(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, FOR_PHP);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "- f0 - | sent sent | 1 0 1");
    world_close(&w);
}

/* === joined turns that come to nothing === */

/* joined: three jobs; the first joined transaction meets what was scripted. */
static void joined(struct world *w)
{
    for (int i = 0; i < 3; i++)
        add(w, SENDS);
    go(w);
    assert_string_equal(state_of(w), "- - - | sent sent sent | 1 1 1");
}

void test_a_deadlock_in_the_end_of_a_joined_turn(void **state)
{
    WITH(w);
    fault(w, AT_TURN_END, ERR_AGAIN, .times = 1);
    joined(&w);
    assert_int_equal(w.x->joined, 1);
    world_close(&w);
}

void test_a_deadlock_in_the_claim_of_a_joined_turn(void **state)
{
    WITH(w);
    fault(w, AT_TURN, ERR_AGAIN, .skip = 1, .times = 1);
    joined(&w);
    world_close(&w);
}

void test_a_lost_connection_in_a_joined_turn(void **state)
{
    WITH(w);
    fault(w, AT_TURN, ERR_LOST, .skip = 1, .times = 1);
    joined(&w);
    world_close(&w);
}

void test_a_refused_beginning_in_a_joined_turn(void **state)
{
    WITH(w);
    fault(w, AT_BEGIN, ERR_JOB, .skip = 1, .times = 1);
    joined(&w); /* alone it is begun without being refused: no attempt is lost */
    assert_int_equal(w.x->now.letters_len, 3);
    world_close(&w);
}

void test_a_lock_wait_in_the_beginning_of_a_joined_turn(void **state)
{
    WITH(w);
    fault(w, AT_BEGIN, ERR_AGAIN, .skip = 1, .times = 1);
    joined(&w);
    world_close(&w);
}

void test_a_joined_commit_that_never_arrived(void **state)
{
    WITH(w);
    fault(w, AT_COMMIT, ERR_LOST, .skip = 1, .times = 1);
    joined(&w);
    world_close(&w);
}

void test_a_queue_that_is_cleared_meanwhile_leaves_no_row_untold(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.x->cleared = true;
    fault(w, AT_COMMIT, ERR_LOST, .skip = 1, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent | 1 0");
    world_close(&w);
}

void test_nor_the_row_of_an_attempt_that_was_to_be_released(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.x->cleared = true;
    w.options.once = true;
    fault(w, AT_END, ERR_LOST, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | failed | 0");
    world_close(&w);
}

void test_a_joined_commit_without_an_answer(void **state)
{
    WITH(w);
    fault(w, AT_COMMITTED, ERR_LOST, .skip = 1, .times = 1);
    joined(&w);
    assert_int_equal(logged(&w, "not ours any more"), 0);
    world_close(&w);
}

void test_what_was_freed_before_its_end_is_taken_back(void **state)
{
    WITH(w);
    add(&w, FREED);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent sent | 1 1");
    assert_int_equal(w.x->joined, 0);
    assert_int_equal(logged(&w, "not ours any more"), 0);
    world_close(&w);
}

void test_what_another_took_over_is_left_to_it_and_told(void **state)
{
    WITH(w);
    add(&w, TAKEN);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "r2 - | sent sent | 1 1");
    assert_int_equal(logged(&w, "not ours any more"), 1);
    world_close(&w);
}

void test_a_joined_claim_with_nothing_to_do_whose_commit_has_no_answer(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, NOTHING);
    patiently(&w);
    w.options.retry.tries = 1;
    fault(w, AT_COMMITTED, ERR_LOST, .skip = 1, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent | 1 0");
    assert_int_equal(logged(&w, "not ours any more"), 0);
    assert_int_equal(w.x->now.rows[1].attempts, 1); /* given back, and begun anew */
    world_close(&w);
}

void test_an_exceeded_job_does_not_join(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.x->now.rows[1].attempts = 3;
    go(&w);
    assert_string_equal(state_of(&w), "- x | sent | 1 0");
    world_close(&w);
}

/* === the database === */

void test_a_deadlock_before_it_began_costs_no_attempt(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_BEGIN, ERR_AGAIN, .times = 3);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(w.x->begins, 4);
    world_close(&w);
}

void test_deadlocks_that_do_not_end_are_an_outage(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_BEGIN, ERR_AGAIN, .times = 1000);
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    assert_int_equal(w.x->begins, 6);
    assert_int_equal(logged(&w, "jobs cannot be begun"), 1);
    world_close(&w);
}

void test_a_server_that_is_away_is_waited_for_and_told_once(void **state)
{
    WITH(w);
    add(&w, SENDS);
    patiently(&w);
    w.options.max_jobs = 1;
    fault(w, AT_LOOK, ERR_LOST, .times = 5);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(logged(&w, "trying again"), 1);
    assert_int_equal(logged(&w, "the connection is back"), 1);
    assert_in_range(clock_unix() - EPOCH, 1 + 2 + 4 + 8 + 16, 60); /* growing waits */
    world_close(&w);
}

void test_a_lost_settlement_is_tried_until_it_is_done(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END, ERR_LOST, .times = 8);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(logged(&w, "waits to be settled"), 1);
    world_close(&w);
}

void test_while_it_waits_to_be_settled_it_is_renewed(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END, ERR_LOST, .times = 12);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_true(w.x->renewals >= 2);
    world_close(&w);
}

void test_a_settlement_without_an_answer_is_not_done_twice(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END_COMMITTED, ERR_LOST, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(logged(&w, "not ours any more"), 0);
    world_close(&w);
}

void test_a_claim_without_an_answer_is_found_out(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_COMMITTED, ERR_LOST, .times = 1);
    patiently(&w);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1"); /* the first row is taken back */
    assert_int_equal(w.x->now.rows[0].attempts, 1);
    world_close(&w);
}

void test_a_claim_that_never_arrived_costs_no_attempt(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_COMMIT, ERR_LOST, .times = 1);
    patiently(&w);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(w.x->now.rows[0].attempts, 1);
    world_close(&w);
}

void test_rows_that_end_the_connection_fail_their_job_at_last(void **state)
{
    WITH(w);
    add(&w, SENDS);
    patiently(&w);
    w.options.retry.tries = 1;
    fault(w, AT_BEGIN, ERR_LOST, .times = 3);
    go(&w);
    assert_string_equal(state_of(&w), "x | | 0");
    assert_true(strstr(w.x->now.rows[0].exception, "was lost 3 times") != NULL);
    world_close(&w);
}

/* === what is refused === */

void test_what_is_refused_beside_the_queue_is_left_out(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_PART, ERR_JOB, .times = 1000);
    go(&w);
    assert_string_equal(state_of(&w), "- | pending | 1");
    world_close(&w);
}

void test_a_mailed_job_that_cannot_be_deleted_is_kept_aside(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    fault(w, AT_END, ERR_JOB, .times = 1);
    w.x->unjoined = true;
    go(&w);
    assert_string_equal(state_of(&w), "r1 - | sent sent | 1 1");
    clock_pass(5000);
    w.slot.orphans_ms = 0;
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent sent | 1 1");
    assert_int_equal(logged(&w, "is done, but cannot be taken out of the queue"), 1);
    assert_int_equal(logged(&w, "is out of the queue now"), 1);
    world_close(&w);
}

void test_what_is_kept_aside_is_counted_before_the_next_job(void **state)
{
    WITH(w);
    for (int i = 0; i < 4; i++)
        add(&w, SENDS);
    fault(w, AT_TURN_END, ERR_JOB, .times = 2);
    fault(w, AT_END, ERR_JOB, .times = 2);
    go(&w);
    assert_string_equal(state_of(&w), "r1 r1 - - | sent sent sent sent | 1 1 1 1");
    assert_int_equal(w.x->uncounted, 0);
    world_close(&w);
}

void test_a_failed_job_that_nothing_takes_is_kept_aside(void **state)
{
    WITH(w);
    add(&w, FAILS);
    w.options.retry.tries = 1;
    fault(w, AT_END, ERR_JOB, .times = 1);
    go(&w);
    clock_pass(5000);
    w.slot.orphans_ms = 0;
    go(&w);
    assert_string_equal(state_of(&w), "x | lost | 0");
    assert_int_equal(logged(&w, "cannot be put among the failed jobs"), 1);
    assert_true(strstr(w.x->now.rows[0].exception, "the view fails") != NULL);
    world_close(&w);
}

/* === the lease === */

void test_a_slow_job_is_renewed(void **state)
{
    WITH(w);
    add(&w, SLOW);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(w.x->renewals, 3);
    world_close(&w);
}

void test_a_quick_job_is_not(void **state)
{
    WITH(w);
    add(&w, SENDS);
    go(&w);
    assert_int_equal(w.x->renewals, 0);
    world_close(&w);
}

void test_a_lease_that_is_lost_gives_the_job_up(void **state)
{
    WITH(w);
    add(&w, SLOW);
    w.x->taken_over = true;
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w),
                        "r2 | failed | 0"); /* not mailed; it is another's */
    assert_int_equal(logged(&w, "not ours any more"), 1);
    world_close(&w);
}

void test_a_renewal_without_an_answer_is_no_loss(void **state)
{
    WITH(w);
    add(&w, SLOW);
    fault(w, AT_RENEW, ERR_LOST, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

/* === deaths === */

void test_a_death_before_the_claims_commit_is_an_attempt(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_BEGIN, .times = 1, .dies = true);
    killed(&w);
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_int_equal(w.x->now.rows[0].attempts, 2);
    world_close(&w);
}

void test_a_job_that_kills_its_slot_is_not_tried_for_ever(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_BEGIN, .times = 3, .dies = true);
    for (int i = 0; i < 3; i++)
        killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "x | | 0");
    world_close(&w);
}

void test_a_death_that_was_counted_is_told_whatever_comes_after(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_BEGIN, .times = 1, .dies = true);
    killed(&w);
    patiently(&w);
    fault(w, AT_END, ERR_LOST, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    assert_true(logged(&w, "ended in phase") > 0);
    assert_int_equal(w.x->now.rows[0].attempts, 2);
    world_close(&w);
}

void test_a_death_at_work_fails_the_attempt(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_MAIL, .times = 1, .dies = true);
    killed(&w);
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "- | failed sent | 1");
    assert_true(logged(&w, "ended in phase mail") > 0);
    world_close(&w);
}

void test_a_death_after_the_mail_completes_the_job(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END, .times = 1, .dies = true);
    killed(&w);
    assert_string_equal(state_of(&w), "r1 | pending | 1");
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

void test_a_death_after_the_last_commit_sends_nothing_again(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END_COMMITTED, .times = 1, .dies = true);
    killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

void test_a_death_in_a_joined_turn_ends_the_first_and_counts_for_the_second(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    fault(w, AT_BEGIN, .skip = 1, .times = 1, .dies = true);
    killed(&w);
    assert_string_equal(state_of(&w), "r1 f0 | pending | 1 0"); /* all was undone */
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent sent | 1 1");
    assert_int_equal(w.x->now.rows[1].attempts, 2);
    world_close(&w);
}

void test_a_death_after_a_joined_commit_sends_nothing_again(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    fault(w, AT_COMMITTED, .skip = 1, .times = 1, .dies = true);
    killed(&w);
    assert_string_equal(state_of(&w), "- r1 | sent pending | 1 0");
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent failed sent | 1 1");
    world_close(&w);
}

void test_a_record_of_a_row_that_went_is_settled_all_the_same(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END, .times = 1, .dies = true);
    killed(&w);
    w.x->now.rows[0].gone = true; /* queue:clear */
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

void test_a_mailed_job_that_was_freed_meanwhile_is_taken_back(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.once = true;
    fault(w, AT_END, .times = 1, .dies = true);
    killed(&w);
    w.x->now.rows[0].reserved_at = 0;
    go(&w);
    assert_string_equal(state_of(&w), "- | sent | 1");
    world_close(&w);
}

void test_what_a_successor_cannot_settle_it_tries_again(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_MAIL, .times = 1, .dies = true);
    killed(&w);
    fault(w, AT_LOAD, ERR_LOST, .times = 3);
    patiently(&w);
    go(&w);
    assert_string_equal(state_of(&w), "- | failed sent | 1");
    world_close(&w);
}

/* timed_out: the master ended a slot that overran its deadline. */
static void timed_out(struct world *w)
{
    fault(*w, AT_MAIL, .times = 1, .dies = true);
    atomic_store(&w->run.slots[0].timed_out, 1); /* a claim clears it */
    killed(w);
    atomic_store(&w->run.slots[0].timed_out, 1);
    slot_dropped(w);
    slot_made(w);
}

void test_a_timeout_fails_the_attempt_in_laravels_words(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.timeout = 5;
    timed_out(&w);
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "- | failed sent | 1");
    assert_true(logged(&w, "has timed out. It was killed in phase mail after 5 s") > 0);
    world_close(&w);
}

void test_a_job_may_fail_on_its_first_timeout(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.x->payloads[1] = "{\"uuid\":\"u-1\",\"timeout\":7,\"failOnTimeout\":true}";
    timed_out(&w);
    go(&w);
    assert_string_equal(state_of(&w), "x | lost | 0");
    assert_true(strstr(w.x->now.rows[0].exception, "after 7 s") != NULL);
    world_close(&w);
}

/* === reasons to stop === */

void test_once_is_one_job(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, SENDS);
    w.options.once = true;
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "- f0 | sent | 1 0");
    world_close(&w);
}

void test_max_jobs_counts_those_that_failed(void **state)
{
    WITH(w);
    for (int i = 0; i < 4; i++)
        add(&w, i ? SENDS : FAILS);
    w.options.max_jobs = 3;
    w.options.retry.tries = 1;
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "x - - f0 | lost sent sent | 0 1 1 0");
    assert_int_equal(atomic_load(&w.run.head->stopped), STOP_MAX_JOBS);
    world_close(&w);
}

void test_max_time_stops_between_jobs(void **state)
{
    WITH(w);
    add(&w, SLOW);
    add(&w, SENDS);
    w.options.max_time = 30;
    go(&w);
    assert_string_equal(state_of(&w), "- f0 | sent | 1 0");
    assert_int_equal(atomic_load(&w.run.head->stopped), STOP_MAX_TIME);
    world_close(&w);
}

void test_an_empty_queue_stops_it_where_that_is_asked(void **state)
{
    WITH(w);
    assert_int_equal(go(&w), SLOT_DONE);
    assert_int_equal(atomic_load(&w.run.head->stopped), STOP_EMPTY);
    assert_int_equal(clock_unix(), EPOCH); /* at once */
    world_close(&w);
}

void test_it_stops_when_it_was_empty_for_so_long(void **state)
{
    WITH(w);
    w.options.stop_when_empty = false;
    w.options.stop_when_empty_for = 30;
    go(&w);
    assert_int_equal(atomic_load(&w.run.head->stopped), STOP_EMPTY_FOR);
    assert_in_range(clock_unix() - EPOCH, 30, 33);
    world_close(&w);
}

void test_a_restart_ends_what_is_done_first(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.slot.orders.restart = true;
    w.slot.orders.read_ms = clock_mono_ms();
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "f0 | | 0");
    assert_int_equal(atomic_load(&w.run.head->stopped), STOP_RESTART);
    world_close(&w);
}

void test_a_restart_ends_a_slot_that_was_waiting_for_its_server(void **state)
{
    WITH(w);
    patiently(&w);
    w.slot.outage_waits = 1;
    w.slot.orders.restart = true;
    w.slot.orders.read_ms = clock_mono_ms();
    alarm(10); /* its clocks stand still: it would go round for ever */
    assert_int_equal(go(&w), SLOT_DONE);
    alarm(0);
    world_close(&w);
}

void test_told_to_stop_it_ends_what_is_done(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.slot.stopping = true;
    assert_int_equal(go(&w), SLOT_LEFT);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_a_paused_queue_is_left(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.slot.orders.paused[0] = true;
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_down_for_maintenance_nothing_is_begun(void **state)
{
    WITH(w);
    add(&w, SENDS);
    w.options.stop_when_empty = false;
    w.options.max_time = 20;
    shell("touch $1/storage/framework/down", w.dir);
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

/* === what the record says === */

void test_each_end_is_counted(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add(&w, FAILS);
    add(&w, FOR_PHP);
    w.options.retry.tries = 2;
    go(&w);
    const struct run_tally *t = &w.run.slots[0].tally;
    assert_int_equal(t->ended[RUN_DONE], 1);
    assert_int_equal(t->ended[RUN_RELEASED], 1);
    assert_int_equal(t->ended[RUN_FAILED], 1);
    assert_int_equal(t->ended[RUN_LEFT], 1);
    world_close(&w);
}

void test_nothing_is_held_when_it_stops(void **state)
{
    WITH(w);
    for (int i = 0; i < 3; i++)
        add(&w, SENDS);
    go(&w);
    assert_int_equal(run_furthest(&w.run, 0), PHASE_IDLE);
    world_close(&w);
}

void test_its_record_names_what_it_holds(void **state)
{
    WITH(w);
    add(&w, SENDS);
    fault(w, AT_MAIL, .times = 1, .dies = true);
    killed(&w);
    const struct run_record *r = &w.run.slots[0].record;
    assert_int_equal(r->phase, PHASE_WORK);
    assert_string_equal(run_where(r), "mail");
    assert_int_equal(r->id, 1);
    assert_string_equal(r->uuid, "u-1");
    assert_string_equal(r->queue, "default");
    assert_string_equal(r->class_name, "App\\Jobs\\Letter");
    assert_string_equal(r->executor, "fake");
    go(&w);
    world_close(&w);
}

void test_an_idle_slot_lets_its_executor_rest(void **state)
{
    WITH(w);
    w.options.stop_when_empty = false;
    w.options.max_time = 10;
    go(&w);
    assert_true(w.x->idles >= 3);
    assert_true(w.x->looks >= 3);
    world_close(&w);
}

/* test_slot_php.c: what a slot decides about jobs that run in PHP, on a queue in memory,
 * with a PHP that plays a script (p_one in slot_world.h). States read as in test_slot.c;
 * the number behind a job's row is how often it ran.
 */
#include "slot_world.h"

#define WITH(w)                                                                          \
    struct world w;                                                                      \
    (void)state;                                                                         \
    world_open(&w)

#define fault(w, at, ...) ((w).x->faults[at] = (struct fault){__VA_ARGS__})

static const char *exception_of_row(struct world *w, int64_t id)
{
    return w->x->now.rows[id - 1].exception;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" has no \"%s\"", text, part);
}

/* === the straight ways === */

void test_a_job_is_deleted_where_php_asks_for_it(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "- | | 1");
    assert_int_equal(w.x->commits, 2);
    world_close(&w);
}

void test_a_job_is_released_with_its_delay(void **state)
{
    WITH(w);
    add_php(&w, "prD");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | | 1");
    assert_int_equal(w.x->now.rows[0].available_at, EPOCH + 5);
    world_close(&w);
}

void test_a_job_fails_with_the_text_of_php(void **state)
{
    WITH(w);
    add_php(&w, "pFf");
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_string_equal(exception_of_row(&w, 1), "DomainException: no in x.php:1");
    assert_int_equal(w.x->told[1], 0);
    world_close(&w);
}

void test_letters_and_other_jobs_come_in_their_order(void **state)
{
    WITH(w);
    add(&w, SENDS);
    add_php(&w, "pdD");
    add(&w, SENDS);
    add(&w, SENDS);
    go(&w);
    assert_string_equal(state_of(&w), "- - - - | sent sent sent | 1 1 1 1");
    assert_int_equal(w.x->joined, 2); /* a letter's end with the next claim, of any job */
    world_close(&w);
}

void test_without_php_other_jobs_are_left(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    w.slot.php = NULL;
    go(&w);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_a_slot_beyond_php_slots_takes_none(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    add(&w, SENDS);
    w.options.php_slots = 1;
    w.slot.number = 2;
    go(&w);
    assert_string_equal(state_of(&w), "f0 - | sent | 0 1");
    w.slot.number = 1;
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent | 1 1");
    world_close(&w);
}

void test_while_letters_wait_jobs_in_php_go_on(void **state)
{
    WITH(w);
    struct run_pace *pace = &w.slot.run->head->pace;
    add(&w, SENDS);
    add_php(&w, "pdD");
    atomic_store(&pace->wait_ms, 20000);
    atomic_store(&pace->next_ms, clock_mono_ms() + 20000);
    w.options.max_jobs = 1;
    go(&w);
    assert_string_equal(state_of(&w), "f0 - | | 0 1");
    assert_int_equal(atomic_load(&pace->wait_ms), 20000); /* it says nothing of mails */
    w.options.max_jobs = 0;
    go(&w);
    assert_string_equal(state_of(&w), "- - | sent | 1 1");
    world_close(&w);
}

void test_a_job_in_php_takes_no_turn_of_letters(void **state)
{
    WITH(w);
    struct run_pace *pace = &w.slot.run->head->pace;
    add_php(&w, "pdD");
    add(&w, SENDS);
    atomic_store(&pace->wait_ms, 20000);
    w.options.max_jobs = 1;
    int64_t begun = clock_mono_ms();
    go(&w);
    assert_string_equal(state_of(&w), "- f0 | | 1 0");
    assert_true(atomic_load(&pace->next_ms) <= begun);
    world_close(&w);
}

/* === settled, and settled again === */

void test_of_two_releases_the_later_counts(void **state)
{
    WITH(w);
    add_php(&w, "prRD");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | | 1");
    assert_int_equal(w.x->now.rows[0].available_at, EPOCH + 9);
    world_close(&w);
}

void test_a_failure_behind_a_release_is_one_job(void **state)
{
    WITH(w);
    add_php(&w, "prFf");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    world_close(&w);
}

void test_a_release_behind_a_delete_is_a_new_job(void **state)
{
    WITH(w);
    add_php(&w, "pdrD");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | | 1");
    world_close(&w);
}

void test_what_another_took_over_is_not_settled_again(void **state)
{
    WITH(w);
    add_php(&w, "pTdrD");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "r2 | | 1");
    world_close(&w);
}

/* === a process that dies === */

void test_a_death_is_an_attempt(void **state)
{
    WITH(w);
    add_php(&w, "px");
    w.options.once = true;
    go(&w);
    assert_string_equal(state_of(&w), "f1 | | 1");
    assert_int_equal(w.x->told[1], 0);
    assert_int_equal(logged(&w, "was killed by signal 11"), 2);
    world_close(&w);
}

void test_at_the_last_attempt_the_app_is_told(void **state)
{
    WITH(w);
    add_php(&w, "px");
    w.options.retry.tries = 1;
    go(&w);
    has(w.text, "Other: its PHP process was killed by signal 11");
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 1);
    assert_string_equal(exception_of_row(&w, 1), "DomainException: no in x.php:1");
    world_close(&w);
}

void test_an_app_that_cannot_be_told_does_not_keep_the_job(void **state)
{
    WITH(w);
    add_php(&w, "px");
    w.x->fails[1] = "x";
    w.options.retry.tries = 1;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    has(exception_of_row(&w, 1),
        "RuntimeException: App\\Jobs\\Other: its PHP process was");
    assert_int_equal(logged(&w, "without a word to the app"), 1);
    world_close(&w);
}

void test_a_death_while_it_fails_is_not_told_again(void **state)
{
    WITH(w);
    add_php(&w, "pFx");
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 0);
    has(exception_of_row(&w, 1), "DomainException: no in x.php:1\n\n(then App");
    world_close(&w);
}

void test_a_death_behind_the_end_changes_nothing(void **state)
{
    WITH(w);
    add_php(&w, "pdDx");
    add_php(&w, "prx");
    add_php(&w, "pFfx");
    w.options.max_jobs = 3;
    go(&w);
    assert_string_equal(state_of(&w), "- f1 x | | 1 1 1");
    assert_int_equal(logged(&w, "after the job was settled"), 3);
    world_close(&w);
}

void test_an_end_in_an_open_transaction_is_left_to_its_lease(void **state)
{
    WITH(w);
    add_php(&w, "plx");
    add_php(&w, "pl");
    go(&w);
    assert_string_equal(state_of(&w), "r1 r1 | | 1 1");
    assert_int_equal(logged(&w, "stays reserved"), 2);
    world_close(&w);
}

void test_what_never_ends_itself_is_left_to_its_lease(void **state)
{
    WITH(w);
    add_php(&w, "p");
    go(&w);
    assert_string_equal(state_of(&w), "r1 | | 1");
    assert_int_equal(logged(&w, "neither ended nor asked"), 1);
    world_close(&w);
}

void test_a_timeout_fails_at_once_where_the_job_says_so(void **state)
{
    WITH(w);
    add_php(&w, "pt");
    w.x->payloads[1] = "{\"uuid\":\"u\",\"job\":\"X@call\",\"failOnTimeout\":true}";
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 1);
    world_close(&w);
}

/* === jobs that PHP does not run === */

void test_an_app_that_cannot_be_booted_is_said_once(void **state)
{
    WITH(w);
    add_php(&w, NULL);
    add(&w, SENDS);
    add_php(&w, NULL);
    go(&w);
    assert_string_equal(state_of(&w), "f0 - f0 | sent | 0 1 0");
    assert_int_equal(w.share.failures, 1);
    assert_int_equal(logged(&w, "cannot boot the app"), 1);
    world_close(&w);
}

void test_a_listener_that_refuses_ends_the_pass(void **state)
{
    WITH(w);
    add_php(&w, "n");
    assert_int_equal(go(&w), SLOT_DONE);
    assert_string_equal(state_of(&w), "f0 | | 0");
    world_close(&w);
}

void test_what_nobody_can_read_fails(void **state)
{
    WITH(w);
    static const char *const payloads[] = {"{\"uuid\":\"x", "null", "{\"uuid\":\"u\"}",
                                           "[7]", ""};
    for (size_t i = 0; i < COUNT(payloads); i++)
        w.x->payloads[add_php(&w, "pdD")] = payloads[i];
    go(&w);
    assert_string_equal(state_of(&w), "x x x x x | | 0 0 0 0 0");
    has(exception_of_row(&w, 1), "the payload is no JSON object");
    has(exception_of_row(&w, 3), "names no job");
    world_close(&w);
}

/* === letters that cannot be done here === */

void test_a_letter_is_handed_over_with_its_reservation(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    w.x->scripts[add(&w, FOR_PHP)] = "pdD";
    w.x->scripts[add(&w, FOR_PHP_LATE)] = "pdD";
    go(&w);
    assert_string_equal(state_of(&w), "- - - | | 1 1 1");
    assert_int_equal(logged(&w, "jobs that meet this are run by PHP"), 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(w.x->now.rows[i].attempts, 1);
    world_close(&w);
}

void test_what_a_class_refuses_goes_to_php(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    int64_t id = add(&w, SENDS);
    w.x->refusals[id] = "has a batch with callbacks";
    w.x->scripts[id] = "pdD";
    w.x->payloads[id] = w.x->payloads[1];
    go(&w);
    assert_string_equal(state_of(&w), "- - | | 1 1");
    world_close(&w);
}

/* === the database === */

void test_a_lease_is_kept_while_php_works(void **state)
{
    WITH(w);
    add_php(&w, "psssssdD");
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    assert_true(w.x->renewals >= 4);
    world_close(&w);
}

void test_what_another_took_over_is_not_changed(void **state)
{
    WITH(w);
    add_php(&w, "pTdD");
    go(&w);
    assert_string_equal(state_of(&w), "r2 | | 1");
    assert_int_equal(logged(&w, "the reservation is not ours any more"), 1);
    world_close(&w);
}

void test_php_waits_while_the_server_is_away(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    fault(w, AT_END, .kind = ERR_LOST, .times = 3);
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    world_close(&w);
}

void test_an_end_whose_answer_is_lost_is_one_end(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    fault(w, AT_END_COMMITTED, .kind = ERR_LOST, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    assert_int_equal(logged(&w, "not ours any more"), 0);
    world_close(&w);
}

void test_what_cannot_be_deleted_is_kept_aside(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    fault(w, AT_END, .kind = ERR_JOB, .times = 1);
    w.options.max_jobs = 1;
    go(&w);
    assert_string_equal(state_of(&w), "r1 | | 1");
    assert_int_equal(logged(&w, "kept aside"), 1);
    clock_pass(3000);
    w.options.max_jobs = 0;
    w.slot.orphans_ms = 0;
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    world_close(&w);
}

void test_what_cannot_be_failed_is_kept_aside_with_its_text(void **state)
{
    WITH(w);
    add_php(&w, "pFf");
    fault(w, AT_END, .kind = ERR_JOB, .times = 1);
    w.options.max_jobs = 1;
    go(&w);
    assert_string_equal(state_of(&w), "r1 | | 1");
    clock_pass(3000);
    w.options.max_jobs = 0;
    w.slot.orphans_ms = 0;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_string_equal(exception_of_row(&w, 1), "DomainException: no in x.php:1");
    world_close(&w);
}

/* === a slot that dies === */

void test_a_slot_that_dies_is_an_attempt_of_its_job(void **state)
{
    WITH(w);
    add_php(&w, "pk");
    killed(&w);
    w.options.once = true;
    w.x->scripts[1] = "pdD";
    struct error e = {0};
    assert_ok(recover(&w.slot, &e), e);
    assert_string_equal(state_of(&w), "f1 | | 1");
    go(&w);
    assert_string_equal(state_of(&w), "- | | 2");
    world_close(&w);
}

void test_a_slot_that_dies_at_the_last_attempt_has_the_app_told(void **state)
{
    WITH(w);
    add_php(&w, "pk");
    w.options.retry.tries = 1;
    killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 1);
    world_close(&w);
}

void test_a_slot_that_dies_while_its_job_fails_does_not_tell_again(void **state)
{
    WITH(w);
    add_php(&w, "pFk");
    killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 0);
    has(exception_of_row(&w, 1), "DomainException: no in x.php:1\n\n(then ");
    world_close(&w);
}

void test_a_slot_that_dies_at_the_end_completes_it(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    fault(w, AT_END, .dies = true, .times = 1);
    killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    world_close(&w);
}

void test_a_slot_that_dies_in_a_transaction_leaves_the_lease(void **state)
{
    WITH(w);
    add_php(&w, "plk");
    killed(&w);
    go(&w);
    assert_string_equal(state_of(&w), "r1 | | 1");
    world_close(&w);
}

void test_without_php_a_dead_job_is_failed_all_the_same(void **state)
{
    WITH(w);
    add_php(&w, "pk");
    w.options.retry.tries = 1;
    killed(&w);
    w.slot.php = NULL;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(w.x->told[1], 0);
    assert_int_equal(logged(&w, "there is no PHP"), 1);
    world_close(&w);
}

void test_a_payload_of_very_many_values_is_php_s(void **state)
{
    WITH(w);
    struct buf b = buf_new(NULL, 1 << 20);
    buf_fmt(&b, "{\"job\":\"X@call\",\"data\":[0");
    for (int i = 0; i < 70000; i++)
        buf_fmt(&b, ",%d", i % 10);
    buf_add(&b, S("]}"));
    buf_byte(&b, '\0');
    w.x->payloads[add_php(&w, "pdD")] = b.ptr;
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    buf_drop(&b);
    world_close(&w);
}

void test_of_a_dead_job_whose_row_is_gone_nobody_is_told(void **state)
{
    WITH(w);
    add_php(&w, "pk");
    w.options.retry.tries = 1;
    killed(&w);
    w.x->now.rows[0].gone = true;
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    assert_int_equal(w.x->told[1], 0);
    assert_int_equal(logged(&w, "not ours any more"), 1);
    world_close(&w);
}

/* The process that ran it is ended, for its job could not be settled; the job is done. */
void test_a_job_that_is_over_has_not_died(void **state)
{
    WITH(w);
    add_php(&w, "pdD");
    w.options.retry.tries = 1;
    fault(w, AT_END, .kind = ERR_FATAL, .times = 1);
    go(&w);
    assert_string_equal(state_of(&w), "- | | 1");
    assert_int_equal(w.x->told[1], 0);
    world_close(&w);
}

void test_an_app_that_dies_of_being_told_was_told(void **state)
{
    WITH(w);
    add_php(&w, "px");
    w.x->fails[1] = "Fx";
    w.options.retry.tries = 1;
    go(&w);
    assert_string_equal(state_of(&w), "x | | 1");
    assert_int_equal(logged(&w, "while the app was told"), 1);
    assert_int_equal(logged(&w, "there is no PHP"), 0);
    world_close(&w);
}

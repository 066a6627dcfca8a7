/* fuzz_proof: any bytes are a mail that says the same as itself, a PDF whose pages are
 * read or not, and a record that counts what it has, never a crash.
 */
#include <stdlib.h>

#include "proof/proof_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)                                                                \
    do {                                                                                 \
        if (!(condition))                                                                \
            abort();                                                                     \
    } while (0)

static void check_mail(struct str bytes, struct arena *a)
{
    struct proof_mail mail = {.from = S("a@b.example"), .bytes = bytes};
    struct proof_letter letter = {.mails = &mail, .mails_len = 1};
    struct proof_result result;
    proof_compare(&letter, &letter, a, &result);
    DEMAND(result.differences.len == 0 && result.facts > 0);
}

static void check_pdf(struct str bytes, struct arena *a)
{
    struct pdf_pages pages;
    const char *why = NULL;
    if (!pdf_pages_read(bytes, a, &pages, &why)) {
        DEMAND(why != NULL);
        return;
    }
    for (size_t i = 0; i < pages.list.len; i++)
        for (size_t j = 0; j < pages.list.at[i].runs.len; j++)
            DEMAND(str_utf8_ok(pages.list.at[i].runs.at[j].text));
}

static void check_record(struct str bytes, struct arena *a)
{
    struct proof_record r;
    if (!proof_record_parse(bytes, a, &r))
        return;
    int64_t before = proof_record_letters(&r);
    DEMAND(r.len <= PROOF_WAYS && before >= (int64_t)r.len);
    for (size_t i = 0; i < r.len; i++)
        proof_record_raise(&r, r.ways[i].path, 1);
    DEMAND(proof_record_letters(&r) == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (!arena.pool)
        arena = arena_open((size_t)1 << 30);
    struct str bytes = {(const char *)data, size};
    if (str_starts(bytes, S("%PDF-")))
        check_pdf(bytes, &arena);
    else if (str_starts(bytes, S("{")))
        check_record(bytes, &arena);
    else
        check_mail(bytes, &arena);
    arena_reset(&arena);
    return 0;
}

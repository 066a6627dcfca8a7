#include "test.h"

#include "facteur/mail.h"
#include "facteur/pdf.h"
#include "facteur/proof.h"

/* A PDF as dompdf writes one: runs with moves between words, characters by a table. */
#define PDF_HEAD                                                                         \
    "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"                     \
    "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 "
#define PDF_PAPER "/MediaBox [0 0 595.280 841.890] "
#define PDF_FONTS                                                                        \
    "/Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n"                                \
    "3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n"                 \
    "5 0 obj\n<< /Type /Font /Subtype /Type0 /BaseFont /SUBAAC+DejaVuSans "              \
    "/ToUnicode 6 0 R >>\nendobj\n"                                                      \
    "6 0 obj\n<< /Length 57 >>\nstream\n1 beginbfrange\n<0000> <FFFF> <0000>\n"          \
    "endbfrange\nendcmap\nend\nendstream\nendobj\n"
#define PDF_PAGE(text) "4 0 obj\n<< >>\nstream\n" text "\nendstream\nendobj\n"
#define PDF(text) PDF_HEAD PDF_PAPER PDF_FONTS PDF_PAGE(text)
#define RUN                                                                              \
    "BT 34.016 787.812 Td 0.512 Tw /F1 9.0 Tf [<00480069> 0 <0020> -57 <00e9>] TJ ET\n"

static const char mail[] =
    "From: =?utf-8?Q?Club_des_H=C3=A9rons?= <club@club.example>\r\n"
    "To: a@b.example\r\nSubject: =?utf-8?Q?Note_d=27?=\r\n =?utf-8?B?w6l0w6k=?=\r\n"
    "Message-ID: <1@club.example>\r\nMIME-Version: 1.0\r\n"
    "Date: Wed, 25 Nov 2026 14:00:00 +0000\r\n"
    "Content-Type: multipart/mixed; boundary=abc\r\n\r\n"
    "--abc\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>H=C3=A9=\r\nl=C3=A8ne</p>\r\n"
    "--abc\r\nContent-Type: application/pdf; name=Note.pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; name=Note.pdf; filename=Note.pdf\r\n\r\n"
    "JVBERg==\r\n--abc--\r\n";

struct sides {
    struct arena arena;
    struct proof_mail *mails;
    struct proof_letter letters[2]; /* facteur's, PHP's */
    struct proof_result result;
};

static struct sides begin(void)
{
    static struct proof_mail mails[2];
    struct sides s = {.arena = arena_open(256 << 20)};
    for (int i = 0; i < 2; i++) {
        mails[i] =
            (struct proof_mail){.from = S("club@club.example"), .bytes = str_from(mail)};
        s.letters[i] = (struct proof_letter){.mails = &mails[i], .mails_len = 1};
    }
    s.mails = mails;
    return s;
}

static void end(struct sides *s)
{
    arena_close(&s->arena);
}

static void compare(struct sides *s)
{
    proof_compare(&s->letters[0], &s->letters[1], &s->arena, &s->result);
}

static void assert_equal(struct sides *s)
{
    compare(s);
    if (s->result.differences.len)
        fail_msg("%.*s",
                 STR_ARG(s->result.differences.at[s->result.differences.len - 1]));
}

static void assert_told(struct sides *s, const char *want)
{
    compare(s);
    for (size_t i = 0; i < s->result.differences.len; i++)
        if (str_eq(s->result.differences.at[i], str_from(want)))
            return;
    struct str first =
        s->result.differences.len ? s->result.differences.at[0] : S("none");
    fail_msg("%zu differences, the first %.*s; not %s", s->result.differences.len,
             STR_ARG(first), want);
}

/* with_pdf gives a mail with that attachment, as facteur writes it. */
static struct str with_pdf(struct sides *s, struct str pdf)
{
    struct error e = {0};
    struct str out;
    struct mail_attachment part = {S("Note.pdf"), S("application/pdf"), pdf};
    struct mail_message m = {.from = {S("club@club.example"), S("Club des Hérons")},
                             .to = {S("a@b.example"), S("")},
                             .subject = S("Note d'été"),
                             .html = S("<p>Hélène</p>"),
                             .attachments = &part,
                             .attachments_len = 1,
                             .message_id = S("2@club.example")};
    assert_ok(mail_build(&m, &s->arena, &out, &e), e);
    return out;
}

void test_a_mail_in_other_bytes_is_the_same(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    s->mails[0].bytes = with_pdf(s, S("%PDF"));
    assert_equal(s);
    assert_true(s->result.facts > 10);
    end(s);
}

void test_what_a_mail_says_is_compared(void **state)
{
    static const struct {
        const char *from, *to, *told;
    } edits[] = {
        {"a@b.example", "a@c.example",
         "mail 1 to: facteur \"a@b.example\", PHP \"a@c.example\""},
        {"w6l0w6k=", "w6l0w6ku",
         "mail 1 subject: facteur \"Note d'été\", PHP \"Note d'été.\""},
        {"A8ne", "A9ne",
         "mail 1 part 1 content: facteur \"<p>Hélène</p>\", PHP \"<p>Héléne</p>\""},
        {"filename=Note", "filename=Nota",
         "mail 1 part 2 file name: facteur \"Note.pdf\", PHP \"Nota.pdf\""},
        {"JVBERg==", "JVBERh==", NULL}, /* bits that base64 leaves out */
        {"JVBERg==", "JVBERA==", "mail 1 part 2 content: facteur \"%PDF\", PHP \"%PDD\""},
        {"MIME-Version", "X-MIME-Version",
         "mail 1 x-mime-version: only PHP has it, \"1.0\""},
        {"application/pdf;", "text/plain;",
         "mail 1 part 2 type: facteur \"application/pdf \", PHP \"text/plain \""},
        {"--abc--", "--abd--", "mail 1 form: only PHP has it, \"not understood\""},
    };
    struct sides begun = begin(), *s = &begun;
    (void)state;
    for (size_t i = 0; i < COUNT(edits); i++) {
        s->mails[1].bytes = str_replace(&s->arena, str_from(mail),
                                        str_from(edits[i].from), str_from(edits[i].to));
        if (edits[i].told)
            assert_told(s, edits[i].told);
        else
            assert_equal(s);
    }
    end(s);
}

void test_an_envelope_is_compared(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    struct str one[] = {S("a@b.example")}, two[] = {S("a@b.example"), S("c@d.example")};
    s->mails[0].to = one;
    s->mails[1].to = two;
    s->mails[0].to_len = 1;
    s->mails[1].to_len = 2;
    assert_told(s, "mail 1 recipient 2: only PHP has it, \"c@d.example\"");
    s->mails[1].to_len = 1;
    s->mails[1].from = S("other@club.example");
    assert_told(s, "mail 1 sender: facteur \"club@club.example\", PHP "
                   "\"other@club.example\"");
    s->letters[1].mails_len = 0;
    assert_told(s, "mail 1 sender: only facteur has it, \"club@club.example\"");
    end(s);
}

void test_names_of_files_in_every_form(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    static const char *const forms[] = {
        "filename=\"N\\ote.pdf\"",
        "filename*=utf-8''N%6Fte.pdf",
        "filename*0*=utf-8''N%6F; filename*1=te.pdf",
        "filename=\"=?utf-8?Q?N=6Fte.pdf?=\"",
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        s->mails[1].bytes = str_replace(&s->arena, str_from(mail), S("filename=Note.pdf"),
                                        str_from(forms[i]));
        assert_equal(s);
    }
    end(s);
}

void test_times_and_ids_are_masked(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    struct str bytes = str_replace(&s->arena, str_from(mail), S("<1@"), S("<2@"));
    s->mails[1].bytes = str_replace(&s->arena, bytes, S("25 Nov"), S("26 Nov"));
    assert_equal(s);
    s->mails[1].bytes = str_replace(&s->arena, bytes, S("Message-ID"), S("X-Message-ID"));
    assert_told(s, "mail 1 message-id: only facteur has it, \"<1@club.example>\"");
    end(s);
}

static struct php_value row(struct sides *s, const char *sent_at, const char *status)
{
    struct php_array *columns = php_array_new(&s->arena);
    struct php_array *list = php_array_new(&s->arena);
    php_array_put(&s->arena, columns, php_key_from(S("sent_at")),
                  sent_at ? php_string(str_from(sent_at)) : php_null());
    php_array_put(&s->arena, columns, php_key_from(S("status")),
                  php_string(str_from(status)));
    php_array_push(&s->arena, list, php_from_array(columns));
    return php_from_array(list);
}

void test_rows_are_compared_but_for_their_times(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    s->letters[0].rows = row(s, "2026-11-25 14:00:00", "sent");
    s->letters[1].rows = row(s, "2026-11-25 14:00:01", "sent");
    assert_equal(s);
    s->letters[1].rows = row(s, NULL, "sent");
    assert_told(s, "row 1 sent_at: facteur \"2026-11-25 14:00:00\", PHP \"null\"");
    s->letters[1].rows = row(s, "2026-11-25 14:00:01", "pending");
    assert_told(s, "row 1 status: facteur \"sent\", PHP \"pending\"");
    end(s);
}

void test_html_is_compared_byte_for_byte(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    struct proof_view views[] = {{S("/a"), S("<p>\n<b>one</b>\n")},
                                 {S("/a"), S("<p>\n<b>one </b>\n")}};
    s->letters[0].views = &views[0];
    s->letters[1].views = &views[1];
    s->letters[0].views_len = s->letters[1].views_len = 1;
    assert_told(s, "view 1 HTML, line 2: facteur \"<p>\\n<b>one</b>\\n\", PHP "
                   "\"<p>\\n<b>one </b>\\n\"");
    end(s);
}

/* === PDFs === */

static void set_pdfs(struct sides *s, const char *ours, const char *theirs)
{
    s->mails[0].bytes = with_pdf(s, str_from(ours));
    s->mails[1].bytes = with_pdf(s, str_from(theirs));
}

void test_a_pdf_of_another_writer_is_the_same(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    struct error e = {0};
    struct arena tmp = arena_open(64 << 20);
    struct pdf *p = pdf_new(&e);
    struct pdf_input in = {
        .html = S("<html><head><style>@page { margin: 34.016pt } body { margin: 0; "
                  "font-size: 9pt; font-family: DejaVu Sans; color: #ff0000 "
                  "}</style></head><body>Hi "
                  "é</body></html>")};
    struct str made;
    assert_ok(p && pdf_render(p, &in, &s->arena, tmp, &made, &e), e);
    s->mails[0].bytes = with_pdf(s, made);
    s->mails[1].bytes =
        with_pdf(s, str_from(PDF("1 0 0 rg BT 34.016 796.808 Td /F1 9.0 Tf "
                                 "[<00480069> 0 <002000e9>] TJ ET")));
    assert_equal(s);
    assert_int_equal(s->result.pages, 1);
    pdf_drop(p);
    arena_close(&tmp);
    end(s);
}

void test_a_run_may_be_moved_by_nothing(void **state)
{
    static const char *const others[] = {
        PDF("BT 34.316 787.812 Td /F1 9.0 Tf [<00480069> 0 <0020> -57 <00e9>] TJ ET"),
        PDF("BT 34.016 787.612 Td /F1 9.0 Tf [<00480069> 0 <0020> -57 <00e9>] TJ ET"),
        PDF("BT 34.016 787.812 Td /F1 9.5 Tf [<00480069> 0 <0020> -57 <00e9>] TJ ET"),
        PDF("BT 34.016 787.812 Td /F1 9.0 Tf [<00480069> 0 <0020> -157 <00e9>] TJ ET"),
        PDF("BT 34.016 787.812 Td /F1 9.0 Tf [<00480069> 0 <0020> -57 <00e8>] TJ ET"),
        PDF("1 0 0 rg " RUN),
        PDF("1 0 0 1 1 0 cm " RUN),
        PDF(RUN RUN),
        PDF(""),
        PDF_HEAD "/MediaBox [0 0 612 792] " PDF_FONTS PDF_PAGE(RUN),
    };
    struct sides begun = begin(), *s = &begun;
    (void)state;
    set_pdfs(s, PDF(RUN),
             PDF("q 1 0 0 1 5 5 cm Q 0 g BT 1 0 0 1 34.016 700 Tm 0 87.812 Td "
                 "/F1 9 Tf [<004800690020> -57 <00e9>] TJ ET"));
    assert_equal(s);
    assert_int_equal(s->result.runs, 1);
    for (size_t i = 0; i < COUNT(others); i++) {
        set_pdfs(s, PDF(RUN), others[i]);
        compare(s);
        if (!s->result.differences.len)
            fail_msg("PDF %zu is the same", i);
    }
    set_pdfs(s, PDF(RUN), others[4]);
    assert_told(s,
                "mail 1 part 2 content page 1: only PHP \"Hi è\" in DejaVuSans of 9 pt "
                "at 34.02, 787.81 (blanks +0.51)");
    end(s);
}

void test_a_pdf_that_cannot_be_read_is_no_proof(void **state)
{
    struct sides begun = begin(), *s = &begun;
    (void)state;
    set_pdfs(s, PDF(RUN), "%PDF-1.7\nnothing");
    assert_told(s,
                "mail 1 part 2 content: PHP's PDF cannot be compared: its pages are not "
                "understood");
    set_pdfs(s, PDF(RUN), PDF(RUN) "trailer << /Encrypt 9 0 R >>\n");
    assert_told(s,
                "mail 1 part 2 content: PHP's PDF cannot be compared: it is encrypted");
    end(s);
}

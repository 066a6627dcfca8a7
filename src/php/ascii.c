/* Str::ascii and Str::slug: letters of other alphabets as ASCII. */
#include "php/fn_imp.h"

/* What Laravel's Str::ascii makes of the characters beyond ASCII, in runs: "_" is a
 * blank, "~" nothing. Characters that stand in no run become nothing. The values were
 * read off Laravel itself; test_php_eval compares them again. */
static const struct run {
    uint32_t first;
    const char *texts; /* of consecutive code points */
} runs[] = {
    {0x00A0, "_ ~ c PS $\? YEN"},
    {0x00AA, "a <<"},
    {0x00B2, "2 3"},
    {0x00B9, "1 o >>"},
    {0x00C0, "A A A A A A AE C E E E E I I I I D N O O O O O ~ O U U U U Y TH ss a"
             " a a a a a ae c e e e e i i i i d n o o o o o ~ o u u u u y th y A a"
             " A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g G g G g"
             " H h H h I i I i I i I i I i IJ ij J j k k k L l L l L l L l L l N n"
             " N n N n n N n O o O o O o OE oe R r R r R r S s S s S s S s T t T t"
             " T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s ~ B"},
    {0x018F, "E ~ ~ f"},
    {0x0197, "I ~ ~ l"},
    {0x019F, "O O o"},
    {0x01AF, "U u U ~ ~ ~ Z z"},
    {0x01C7, "LJ Lj lj NJ Nj nj A a I i O o U u U u U u U u U u"},
    {0x01EA, "O o"},
    {0x01F0, "j DZ Dz dz"},
    {0x01F8, "N n A a AE ae O o"},
    {0x0218, "S s T t"},
    {0x0226, "A a E e"},
    {0x022E, "O o ~ ~ Y y"},
    {0x0238, "db qp A C c L T"},
    {0x0244, "U ~ E e J j"},
    {0x024E, "Y y"},
    {0x0259, "e"},
    {0x0268, "i"},
    {0x026E, "lezh"},
    {0x0275, "o"},
    {0x0289, "u u"},
    {0x02A3, "dz dezh dz ts tesh tc feng ls lz"},
    {0x02DA, "0"},
    {0x0386, "A ~ E I I ~ O ~ Y W i A B G D E Z H Th I K L M N Ks O P R ~ S T Y F"
             " X Ps O I Y a e i i y a v gh d e z i th i k l m n ks o p r s s t i f"
             " kh ps o i y o y w ~ v th Y"},
    {0x0401, "E Dj Gj Je Dz I Yi j Lj Nj C Kj ~ ~ Dz A B V G D E Z Z I i K L M N O"
             " P R S T U F X C C S Shh Ie Y ~ E Iu Ia a b v g d e z z i i k l m n"
             " o p r s t u f x c c s shh ie y ~ e iu ia ~ e dj gj je dz i yi j lj"
             " nj c kj ~ ~ dz O o E e Je je Ja ja Ja Ja U u Ju ju Ks ks Ps ps F f"
             " I i"},
    {0x047E, "Ot ot"},
    {0x0490, "G g G g"},
    {0x049A, "Q q"},
    {0x04A2, "N n"},
    {0x04AE, "U u U u"},
    {0x04BA, "H h"},
    {0x04D8, "A a"},
    {0x04E8, "O o"},
    {0x0531, "A B G D E Z E Y Th Zh I L Kh Ts K H Dz Gh Tch M Y N Sh Vo Ch P J R S"
             " V T R C u Ph Q O F"},
    {0x0561, "a b g d e z e y th zh i l kh ts k h dz gh tch m y n sh vo ch p j r s"
             " v t r c u ph q o f ev"},
    {0x058F, "AMD"},
    {0x060B, "AFN"},
    {0x0621, "aa a a o a y a b ~ t th g h kh d th r z s sh s d t th aa gh"},
    {0x0641, "f k k l m n h o ~ y"},
    {0x0660, "0 1 2 3 4 5 6 7 8 9"},
    {0x067E, "p"},
    {0x0686, "ch"},
    {0x0698, "zh"},
    {0x06A9, "k"},
    {0x06AF, "g"},
    {0x06CC, "y"},
    {0x0905, "a aa i ii u uu Ri Li ei ae e ai oi oii o ou Ka Kha Ga Gha Na Ca Chha"
             " Ja Jha Nia Ta Tha Da Dha Nae Ta Tha Tha Thha Na Ni Pa Fa B Bha Ma"
             " Ya Ra Ri L Li Lii Va Sha Shha Sa Ha"},
    {0x0950, "oms"},
    {0x0960, "Ri Lii ~ ~ ."},
    {0x0981, "nn ng : ~ o a i ee u uu rri ~ ~ ~ e OI ~ ~ oo OU k kh g Gh Ng c ch j"
             " jh NG T Th D Dh N t th d dh n ~ p f b v m z r ~ l ~ ~ ~ S Sh s h"},
    {0x09BE, "a i ee u uu rri ~ ~ ~ e OI ~ ~ O OU ~ tt"},
    {0x09DC, "R Rh ~ y"},
    {0x09E6, "0 1 2 3 4 5 6 7 8 9 ~ ~ ~ BDT"},
    {0x0AF1, "Rs"},
    {0x0BE6, "0 1 2 3 4 5 6 7 8 9 10 100 1000"},
    {0x0BF9, "Rs"},
    {0x0E3F, "THB"},
    {0x1000, "k kh g ga ng s sa z ~ u ny t ta d da na t ta d da n p pa b ba m y ya"
             " l w th h la a ~ i -i ~ -u e ~ aw aw a a i i u u e e ~ ~ ~ an ~ ~ ~"
             " at ya y w h ~ 0 1 2 3 4 5 6 7 8 9 ~ ~ hnaik ywae ~ -e"},
    {0x10D0, "a b g d e v z t i k l m n o p zh r s t u f q gh y sh ch ts dz ts ch"
             " kh j h"},
    {0x1680, "_"},
    {0x17DB, "KR"},
    {0x1D6B, "ue"},
    {0x1E36, "L l"},
    {0x1E44, "N n N n"},
    {0x1E60, "S s S s"},
    {0x1E6A, "T t T t"},
    {0x1E80, "W w W w W w"},
    {0x1E8E, "Y y Z z Z z ~ ~ ~ t"},
    {0x1E9E, "SS ~ A a A a A a A a A a A a A a A a A a A a A a A a E e E e E e E e"
             " E e E e E e E e I i I i O o O o O o O o O o O o O o O o O o O o O o"
             " O o U u U u U u U u U u U u U u Y y Y y Y y Y y"},
    {0x1F00, "a a a a a a a a A A A A A A A A"},
    {0x1FB0, "a a a a a ~ a a A A A A A"},
    {0x2000, "_ _ _ _ _ _ _ _ _ _ _ _"},
    {0x2013, "- - ~ ~ ~ ' ' ' ' \" \" \" \""},
    {0x2026, "... ~ _ _"},
    {0x202F, "_"},
    {0x2039, "' '"},
    {0x205F, "_"},
    {0x2074, "4 5 6 7 8 9"},
    {0x2080, "0 1 2 3 4 5 6 7 8 9"},
    {0x20A0, "ECU CL Cr Fr. L. mil N Pts Rs W NS D EUR K T Dr ~ ~ PYG ARA UAH GHS"
             " ~ ~ KZT Rs TL ~ AZN RUB GEL"},
    {0x2133, "M"},
    {0x2C65, "a t"},
    {0x3000, "_"},
    {0x5143, "CNY"},
    {0x5186, "JPY"},
    {0xA64A, "U u"},
    {0xA656, "Ja ja"},
    {0xA728, "TZ tz"},
    {0xA732, "AA aa AO ao AU au AV av av av AY ay"},
    {0xA74E, "OO oo"},
    {0xA7A4, "N n ~ ~ S s"},
    {0xFB00, "ff fi fl ffi ffl st st"},
    {0xFDFC, "SAR"},
    {0xFFA0, "_"},
    {0x1F670, "et"},
};

/* In Greek and Bengali, neighbouring letters are transliterated together. */
static bool is_contextual(uint32_t c)
{
    return (c >= 0x370 && c <= 0x3FF) || (c >= 0x980 && c <= 0x9FF);
}

static struct str text_of(uint32_t c)
{
    size_t i = COUNT(runs);
    while (i > 0 && runs[i - 1].first > c)
        i--;
    if (i == 0)
        return S("");
    struct cut words = str_cut(str_from(runs[i - 1].texts), ' ');
    for (uint32_t n = c - runs[i - 1].first; n > 0; n--) {
        if (!words.ok)
            return S("");
        words = str_cut(words.tail, ' ');
    }
    if (str_eq(words.head, S("~")))
        return S("");
    return str_eq(words.head, S("_")) ? S(" ") : words.head;
}

bool php_ascii(struct arena *perm, struct str s, struct str *out)
{
    struct buf b = buf_new(perm, FN_MAX_TEXT);
    bool known = true;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = str_utf8(s, &at);
        bool is_blank = c == '\n' || c == '\t' || c == '\r';
        bool is_kept = (c >= 0x20 && c < 0x7F) || c == 0x10 || c == 0x13;
        if (c == 0xFFFD && at - from == 1)
            continue; /* an invalid byte */
        known = known && !is_contextual(c) && c != '\r';
        if (is_blank)
            buf_byte(&b, ' ');
        else if (is_kept)
            buf_byte(&b, (char)c);
        else if (c >= 0x80)
            buf_add(&b, text_of(c));
    }
    *out = buf_str(&b);
    return known && !b.full;
}

/* === slug === */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str php_slug(struct arena *perm, struct str title, char separator)
{
    char flip = separator == '-' ? '_' : '-';
    struct buf b = buf_new(perm, FN_MAX_TEXT);
    bool pending = false;
    for (size_t i = 0; i < title.len; i++) {
        char c = title.ptr[i];
        bool is_at = c == '@';
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c == flip || c == separator || is_blank(c) || is_at)
            pending = b.len > 0; /* one for a run of them, none at the start */
        if (!is_at && !is_word_char(c))
            continue;
        if (pending)
            buf_byte(&b, separator);
        pending = is_at;
        buf_add(&b, is_at ? S("at") : (struct str){&c, 1});
    }
    return buf_str(&b);
}

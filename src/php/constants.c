/* Constants that expressions name. Their values are those of PHP 8.2 on Linux; what
 * depends on how PHP was built or on its patch level is not here. */
#include <float.h>
#include <math.h>

#include "php/expr_imp.h"

struct int_constant {
    const char *name;
    int64_t value;
};

static const struct int_constant global_ints[] = {
    {"E_ALL", 32767},
    {"E_ERROR", 1},
    {"E_WARNING", 2},
    {"E_PARSE", 4},
    {"E_NOTICE", 8},
    {"E_CORE_ERROR", 16},
    {"E_CORE_WARNING", 32},
    {"E_COMPILE_ERROR", 64},
    {"E_COMPILE_WARNING", 128},
    {"E_USER_ERROR", 256},
    {"E_USER_WARNING", 512},
    {"E_USER_NOTICE", 1024},
    {"E_STRICT", 2048},
    {"E_RECOVERABLE_ERROR", 4096},
    {"E_DEPRECATED", 8192},
    {"E_USER_DEPRECATED", 16384},
    {"LOCK_SH", 1},
    {"LOCK_EX", 2},
    {"LOCK_UN", 3},
    {"LOCK_NB", 4},
    {"LOG_EMERG", 0},
    {"LOG_ALERT", 1},
    {"LOG_CRIT", 2},
    {"LOG_ERR", 3},
    {"LOG_WARNING", 4},
    {"LOG_NOTICE", 5},
    {"LOG_INFO", 6},
    {"LOG_DEBUG", 7},
    {"LOG_KERN", 0},
    {"LOG_USER", 8},
    {"LOG_MAIL", 16},
    {"LOG_DAEMON", 24},
    {"LOG_AUTH", 32},
    {"LOG_SYSLOG", 40},
    {"LOG_LOCAL0", 128},
    {"LOG_LOCAL1", 136},
    {"LOG_LOCAL2", 144},
    {"LOG_LOCAL3", 152},
    {"LOG_LOCAL4", 160},
    {"LOG_LOCAL5", 168},
    {"LOG_LOCAL6", 176},
    {"LOG_LOCAL7", 184},
    {"LOG_PID", 1},
    {"LOG_CONS", 2},
    {"ENT_QUOTES", 3},
    {"ENT_COMPAT", 2},
    {"ENT_NOQUOTES", 0},
    {"ENT_SUBSTITUTE", 8},
    {"ENT_IGNORE", 4},
    {"ENT_DISALLOWED", 128},
    {"ENT_HTML401", 0},
    {"ENT_XML1", 16},
    {"ENT_XHTML", 32},
    {"ENT_HTML5", 48},
    {"JSON_ERROR_NONE", 0},
    {"JSON_HEX_TAG", 1},
    {"JSON_HEX_AMP", 2},
    {"JSON_HEX_APOS", 4},
    {"JSON_HEX_QUOT", 8},
    {"JSON_FORCE_OBJECT", 16},
    {"JSON_NUMERIC_CHECK", 32},
    {"JSON_UNESCAPED_SLASHES", 64},
    {"JSON_PRETTY_PRINT", 128},
    {"JSON_UNESCAPED_UNICODE", 256},
    {"JSON_PARTIAL_OUTPUT_ON_ERROR", 512},
    {"JSON_PRESERVE_ZERO_FRACTION", 1024},
    {"JSON_UNESCAPED_LINE_TERMINATORS", 2048},
    {"JSON_OBJECT_AS_ARRAY", 1},
    {"JSON_BIGINT_AS_STRING", 2},
    {"JSON_INVALID_UTF8_IGNORE", 1048576},
    {"JSON_INVALID_UTF8_SUBSTITUTE", 2097152},
    {"JSON_THROW_ON_ERROR", 4194304},
    {"PHP_URL_SCHEME", 0},
    {"PHP_URL_HOST", 1},
    {"PHP_URL_PORT", 2},
    {"PHP_URL_USER", 3},
    {"PHP_URL_PASS", 4},
    {"PHP_URL_PATH", 5},
    {"PHP_URL_QUERY", 6},
    {"PHP_URL_FRAGMENT", 7},
    {"PATHINFO_DIRNAME", 1},
    {"PATHINFO_BASENAME", 2},
    {"PATHINFO_EXTENSION", 4},
    {"PATHINFO_FILENAME", 8},
    {"ARRAY_FILTER_USE_KEY", 2},
    {"ARRAY_FILTER_USE_BOTH", 1},
    {"COUNT_NORMAL", 0},
    {"COUNT_RECURSIVE", 1},
    {"SORT_REGULAR", 0},
    {"SORT_NUMERIC", 1},
    {"SORT_STRING", 2},
    {"SORT_ASC", 4},
    {"SORT_DESC", 3},
    {"STR_PAD_LEFT", 0},
    {"STR_PAD_RIGHT", 1},
    {"STR_PAD_BOTH", 2},
    {"PHP_ROUND_HALF_UP", 1},
    {"PHP_ROUND_HALF_DOWN", 2},
    {"PHP_ROUND_HALF_EVEN", 3},
    {"PHP_ROUND_HALF_ODD", 4},
    {"FILTER_VALIDATE_BOOLEAN", 258},
    {"FILTER_VALIDATE_BOOL", 258},
    {"FILTER_VALIDATE_INT", 257},
    {"FILTER_VALIDATE_EMAIL", 274},
    {"FILTER_VALIDATE_URL", 273},
    {"FILTER_NULL_ON_FAILURE", 134217728},
    {"FILTER_DEFAULT", 516},
    {"MB_CASE_UPPER", 0},
    {"MB_CASE_LOWER", 1},
    {"MB_CASE_TITLE", 2},
    {"PREG_SPLIT_NO_EMPTY", 1},
    {"PHP_INT_MAX", INT64_MAX},
    {"PHP_INT_MIN", INT64_MIN},
    {"PHP_INT_SIZE", 8},
    {"PHP_MAXPATHLEN", 4096},
    {"PHP_MAJOR_VERSION", 8},
    {"PHP_MINOR_VERSION", 2},
    {"PHP_DEBUG", 0},
    {"PHP_ZTS", 0},
    {"PHP_VERSION_ID", 80200},
    {"PHP_FLOAT_DIG", DBL_DIG},
};

static const struct int_constant pdo[] = {
    {"PARAM_NULL", 0},
    {"PARAM_BOOL", 5},
    {"PARAM_INT", 1},
    {"PARAM_STR", 2},
    {"PARAM_LOB", 3},
    {"PARAM_STMT", 4},
    {"PARAM_INPUT_OUTPUT", 2147483648},
    {"PARAM_STR_NATL", 1073741824},
    {"PARAM_STR_CHAR", 536870912},
    {"PARAM_EVT_ALLOC", 0},
    {"PARAM_EVT_FREE", 1},
    {"PARAM_EVT_EXEC_PRE", 2},
    {"PARAM_EVT_EXEC_POST", 3},
    {"PARAM_EVT_FETCH_PRE", 4},
    {"PARAM_EVT_FETCH_POST", 5},
    {"PARAM_EVT_NORMALIZE", 6},
    {"FETCH_DEFAULT", 0},
    {"FETCH_LAZY", 1},
    {"FETCH_ASSOC", 2},
    {"FETCH_NUM", 3},
    {"FETCH_BOTH", 4},
    {"FETCH_OBJ", 5},
    {"FETCH_BOUND", 6},
    {"FETCH_COLUMN", 7},
    {"FETCH_CLASS", 8},
    {"FETCH_INTO", 9},
    {"FETCH_FUNC", 10},
    {"FETCH_GROUP", 65536},
    {"FETCH_UNIQUE", 196608},
    {"FETCH_KEY_PAIR", 12},
    {"FETCH_CLASSTYPE", 262144},
    {"FETCH_SERIALIZE", 524288},
    {"FETCH_PROPS_LATE", 1048576},
    {"FETCH_NAMED", 11},
    {"ATTR_AUTOCOMMIT", 0},
    {"ATTR_PREFETCH", 1},
    {"ATTR_TIMEOUT", 2},
    {"ATTR_ERRMODE", 3},
    {"ATTR_SERVER_VERSION", 4},
    {"ATTR_CLIENT_VERSION", 5},
    {"ATTR_SERVER_INFO", 6},
    {"ATTR_CONNECTION_STATUS", 7},
    {"ATTR_CASE", 8},
    {"ATTR_CURSOR_NAME", 9},
    {"ATTR_CURSOR", 10},
    {"ATTR_ORACLE_NULLS", 11},
    {"ATTR_PERSISTENT", 12},
    {"ATTR_STATEMENT_CLASS", 13},
    {"ATTR_FETCH_TABLE_NAMES", 14},
    {"ATTR_FETCH_CATALOG_NAMES", 15},
    {"ATTR_DRIVER_NAME", 16},
    {"ATTR_STRINGIFY_FETCHES", 17},
    {"ATTR_MAX_COLUMN_LEN", 18},
    {"ATTR_EMULATE_PREPARES", 20},
    {"ATTR_DEFAULT_FETCH_MODE", 19},
    {"ATTR_DEFAULT_STR_PARAM", 21},
    {"ERRMODE_SILENT", 0},
    {"ERRMODE_WARNING", 1},
    {"ERRMODE_EXCEPTION", 2},
    {"CASE_NATURAL", 0},
    {"CASE_LOWER", 2},
    {"CASE_UPPER", 1},
    {"NULL_NATURAL", 0},
    {"NULL_EMPTY_STRING", 1},
    {"NULL_TO_STRING", 2},
    {"FETCH_ORI_NEXT", 0},
    {"FETCH_ORI_PRIOR", 1},
    {"FETCH_ORI_FIRST", 2},
    {"FETCH_ORI_LAST", 3},
    {"FETCH_ORI_ABS", 4},
    {"FETCH_ORI_REL", 5},
    {"CURSOR_FWDONLY", 0},
    {"CURSOR_SCROLL", 1},
};

/* PHP 8.4 moved the driver's own constants; their numbers are the same. */
static const struct int_constant pdo_mysql[] = {
    {"MYSQL_ATTR_USE_BUFFERED_QUERY", 1000},
    {"MYSQL_ATTR_LOCAL_INFILE", 1001},
    {"MYSQL_ATTR_INIT_COMMAND", 1002},
    {"MYSQL_ATTR_COMPRESS", 1003},
    {"MYSQL_ATTR_DIRECT_QUERY", 1004},
    {"MYSQL_ATTR_FOUND_ROWS", 1005},
    {"MYSQL_ATTR_IGNORE_SPACE", 1006},
    {"MYSQL_ATTR_SSL_KEY", 1007},
    {"MYSQL_ATTR_SSL_CERT", 1008},
    {"MYSQL_ATTR_SSL_CA", 1009},
    {"MYSQL_ATTR_SSL_CAPATH", 1010},
    {"MYSQL_ATTR_SSL_CIPHER", 1011},
    {"MYSQL_ATTR_SERVER_PUBLIC_KEY", 1012},
    {"MYSQL_ATTR_MULTI_STATEMENTS", 1013},
    {"MYSQL_ATTR_SSL_VERIFY_SERVER_CERT", 1014},
    {"MYSQL_ATTR_LOCAL_INFILE_DIRECTORY", 1015},
};

/* phpredis, as database.redis.options uses it. */
static const struct int_constant redis[] = {
    {"SERIALIZER_NONE", 0},
    {"SERIALIZER_PHP", 1},
    {"SERIALIZER_IGBINARY", 2},
    {"SERIALIZER_MSGPACK", 3},
    {"SERIALIZER_JSON", 4},
    {"COMPRESSION_NONE", 0},
    {"COMPRESSION_LZF", 1},
    {"COMPRESSION_ZSTD", 2},
    {"COMPRESSION_LZ4", 3},
    {"SCAN_NORETRY", 0},
    {"SCAN_RETRY", 1},
    {"SCAN_PREFIX", 2},
    {"SCAN_NOPREFIX", 3},
    {"BACKOFF_ALGORITHM_DEFAULT", 0},
    {"BACKOFF_ALGORITHM_DECORRELATED_JITTER", 1},
    {"BACKOFF_ALGORITHM_FULL_JITTER", 2},
    {"BACKOFF_ALGORITHM_EQUAL_JITTER", 3},
    {"BACKOFF_ALGORITHM_EXPONENTIAL", 4},
    {"BACKOFF_ALGORITHM_UNIFORM", 5},
    {"BACKOFF_ALGORITHM_CONSTANT", 6},
};

static const struct int_constant monolog[] = {
    {"DEBUG", 100},   {"INFO", 200},      {"NOTICE", 250},
    {"WARNING", 300}, {"ERROR", 400},     {"CRITICAL", 500},
    {"ALERT", 550},   {"EMERGENCY", 600}, {"API", 3},
};

static const struct text_constant {
    const char *class_name; /* "": global */
    const char *name, *value;
} texts[] = {
    {"", "PHP_EOL", "\n"},
    {"", "PHP_OS", "Linux"},
    {"", "PHP_OS_FAMILY", "Linux"},
    {"", "PHP_SAPI", "cli"},
    {"", "DIRECTORY_SEPARATOR", "/"},
    {"", "PATH_SEPARATOR", ":"},
    {"", "DATE_ATOM", "Y-m-d\\TH:i:sP"},
    {"", "DATE_RFC2822", "D, d M Y H:i:s O"},
    {"Psr\\Log\\LogLevel", "EMERGENCY", "emergency"},
    {"Psr\\Log\\LogLevel", "ALERT", "alert"},
    {"Psr\\Log\\LogLevel", "CRITICAL", "critical"},
    {"Psr\\Log\\LogLevel", "ERROR", "error"},
    {"Psr\\Log\\LogLevel", "WARNING", "warning"},
    {"Psr\\Log\\LogLevel", "NOTICE", "notice"},
    {"Psr\\Log\\LogLevel", "INFO", "info"},
    {"Psr\\Log\\LogLevel", "DEBUG", "debug"},
};

static const struct float_constant {
    const char *name;
    double value;
} floats[] = {
    {"M_PI", M_PI},
    {"M_E", M_E},
    {"INF", INFINITY},
    {"NAN", NAN},
    {"PHP_FLOAT_EPSILON", DBL_EPSILON},
    {"PHP_FLOAT_MAX", DBL_MAX},
    {"PHP_FLOAT_MIN", DBL_MIN},
};

static const struct {
    const char *class_name;
    const struct int_constant *rows;
    size_t len;
} int_classes[] = {
    {"", global_ints, COUNT(global_ints)},        {"PDO", pdo, COUNT(pdo)},
    {"PDO", pdo_mysql, COUNT(pdo_mysql)},         {"Pdo\\Mysql", pdo, COUNT(pdo)},
    {"Monolog\\Logger", monolog, COUNT(monolog)}, {"Redis", redis, COUNT(redis)},
};

static bool find_int(const struct int_constant *rows, size_t len, struct str name,
                     struct php_value *out)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(name, str_from(rows[i].name))) {
            *out = php_int(rows[i].value);
            return true;
        }
    return false;
}

/* Pdo\Mysql::ATTR_X is PDO::MYSQL_ATTR_X. */
static bool find_pdo_mysql(struct str class_name, struct str name, struct php_value *out)
{
    struct str prefix = S("MYSQL_");
    if (!str_ieq(class_name, S("Pdo\\Mysql")))
        return false;
    for (size_t i = 0; i < COUNT(pdo_mysql); i++)
        if (str_eq(str_skip(str_from(pdo_mysql[i].name), prefix.len), name)) {
            *out = php_int(pdo_mysql[i].value);
            return true;
        }
    return false;
}

bool php_constant(struct str class_name, struct str name, struct php_value *out)
{
    for (size_t i = 0; i < COUNT(int_classes); i++)
        if (str_ieq(class_name, str_from(int_classes[i].class_name)) &&
            find_int(int_classes[i].rows, int_classes[i].len, name, out))
            return true;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (str_ieq(class_name, str_from(texts[i].class_name)) &&
            str_eq(name, str_from(texts[i].name))) {
            *out = php_string(str_from(texts[i].value));
            return true;
        }
    for (size_t i = 0; class_name.len == 0 && i < COUNT(floats); i++)
        if (str_eq(name, str_from(floats[i].name))) {
            *out = php_float(floats[i].value);
            return true;
        }
    return find_pdo_mysql(class_name, name, out);
}

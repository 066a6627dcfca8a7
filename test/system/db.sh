#!/bin/bash
# db.sh: module db against real MariaDB servers (test/server/test_db*.c).
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
status=0

# run_tests PROGRAM [PATTERN]
run_tests() { DB_USERNAME=$DB_USERNAME DB_PASSWORD=$DB_PASSWORD DB_DATABASE=$DB_DATABASE \
    "build/asan/server/$@" || status=1; }

# authority NAME, certificate NAME SUBJECTALTNAME: files below $TMP.
authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 7 -subj "/CN=$1" \
        -keyout "$TMP/$1.key" -out "$TMP/$1.pem" 2>/dev/null
}
certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$TMP/$1.key" \
        -out "$TMP/$1.csr" 2>/dev/null
    openssl x509 -req -in "$TMP/$1.csr" -CA "$TMP/ca.pem" -CAkey "$TMP/ca.key" \
        -CAcreateserial -days 7 -extfile <(echo "subjectAltName=$2") \
        -out "$TMP/$1.pem" 2>/dev/null
}

mariadb_start "$TMP/plain" --binlog-format=STATEMENT || exit 1
export PLAIN_PORT=$DB_PORT PLAIN_SOCKET=$DB_SOCKET
run_tests test_db "$@"
check "values have the types that PDO gives, in PHP itself" \
    php8.2 test/server/types.php "$DB_PORT" "$DB_USERNAME" "$DB_PASSWORD" "$DB_DATABASE"

mariadb_start "$TMP/binlog" --log-bin=log --server-id=1 --binlog-format=ROW || exit 1
run_tests test_db_binlog "$@"
mariadb_stop

authority ca
authority stranger
certificate here IP:127.0.0.1
certificate elsewhere DNS:elsewhere.example
export TLS_DIR=$TMP
for cert in elsewhere here; do
    mariadb_start "$TMP/$cert-db" --ssl-ca="$TMP/ca.pem" --ssl-cert="$TMP/$cert.pem" \
        --ssl-key="$TMP/$cert.key" || exit 1
    [ $cert = here ] || export ELSEWHERE_PORT=$DB_PORT
done
run_tests test_db_tls "$@"
exit $status

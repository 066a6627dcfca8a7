/* decryptions: counts what a program decrypts. Put before it by LD_PRELOAD; each call
 * that ends a decryption adds a byte to the file $DECRYPTIONS.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

int EVP_DecryptFinal_ex(EVP_CIPHER_CTX *c, unsigned char *out, int *len)
{
    static int (*final)(EVP_CIPHER_CTX *, unsigned char *, int *);
    const char *path = getenv("DECRYPTIONS");
    int fd = open(path ? path : "", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, ".", 1) != 1)
        abort(); /* a count that is lost is not to pass for a small one */
    close(fd);
    if (!final)
        *(void **)&final = dlsym(RTLD_NEXT, "EVP_DecryptFinal_ex");
    return final(c, out, len);
}

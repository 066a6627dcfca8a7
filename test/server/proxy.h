/* proxy.h: a wire between facteur and the server that can be cut at a COMMIT. */
#ifndef FACTEUR_TEST_PROXY_H
#define FACTEUR_TEST_PROXY_H

enum proxy_cut {
    CUT_NEVER,
    CUT_BEFORE, /* the server never hears the COMMIT */
    CUT_AFTER,  /* the server commits; the answer is lost */
    CUT_LATE, /* the client is cut off at once, the server commits half a second later */
};

/* proxy_start forks a proxy to the server's port and returns its own port. */
int proxy_start(void);
void proxy_stop(void);

/* proxy_cut_next cuts at the next COMMIT, once; proxy_was_cut says that it happened. */
void proxy_cut_next(enum proxy_cut how);
int proxy_was_cut(void);

#endif

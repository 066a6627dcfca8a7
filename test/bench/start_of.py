#!/usr/bin/python3
"""start_of SOCKET DATABASE COMMAND...: starts the worker, and puts copies of the jobs in the tables one_php and one_letter on its
queue in turn, each when it is idle. Prints the milliseconds from before each insert to the job's RUNNING line."""
import os
import random
import subprocess
import sys
import time

TIMES = int(os.environ.get("TIMES", "100"))

socket, database, command = sys.argv[1], sys.argv[2], sys.argv[3:]
client = subprocess.Popen(["mariadb", "--no-defaults", "--unbuffered", "-uroot", "-S", socket, "-D", database],
                          stdin=subprocess.PIPE, text=True, bufsize=1)
worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)


def until(word):
    for line in worker.stdout:
        if word in line:
            return
    sys.exit("start_of: the worker has ended")


took = {"php": [], "letter": []}
try:
    for i in range(TIMES + 3):
        for kind in took:
            time.sleep(0.05 + random.random() / 20)
            began = time.monotonic()
            client.stdin.write(f"insert into jobs (queue, payload, attempts, available_at, created_at) select queue, payload, 0,"
                               f" unix_timestamp(), unix_timestamp() from one_{kind};\n")
            client.stdin.flush()
            until("RUNNING")
            ms = 1000 * (time.monotonic() - began)
            until("DONE")
            if i >= 3:  # the first ones start PHP
                took[kind].append(ms)
    for kind, all_of in took.items():
        all_of.sort()
        print(f"{kind}: insert to start, ms: p50 {all_of[len(all_of) // 2]:.1f}, p99 {all_of[len(all_of) * 99 // 100 - 1]:.1f}")
finally:
    worker.terminate()
    worker.wait()
    client.stdin.close()
    client.wait()

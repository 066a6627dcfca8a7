#!/usr/bin/python3
"""measure OUT PROCESSES COMMAND...: runs the command so many times at once and writes to OUT
"wall-seconds cpu-seconds peak-rss-KiB status": CPU of all of them and of what they forked
and waited for, memory of the largest single process."""
import resource
import subprocess
import sys
import time

out, processes, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
begin = time.monotonic()
running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(processes)]
status = max(abs(p.wait()) for p in running)
wall = time.monotonic() - begin
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(out, "w") as f:
    print(f"{wall:.3f} {used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss} {status}", file=f)

#!/usr/bin/python3
"""compare.py [-v [N]] [-k FOLDER] [-x LIST] [--tap] FILE.html...: each document rendered by facteur and by dompdf,
compared word by word (poppler's pdftotext -bbox).

Prints a line for each document that differs, and at last: documents, pages equal, words
equal, the same first lines, the largest and the mean displacement of a word. A document is
equal when it has as many pages, on each the same words in the same order, and each word
within 0.1 pt of its place. Exit 1: one is not. -v shows the first words that differ; -k keeps
the PDFs in FOLDER; -x names a list of documents that are known to differ ("NAME reason" a
line): one that does not is told as well. --tap prints a line for each family (the name up to
its first "-", or behind the number).

FACTEUR_VENDOR is the folder of a Laravel with dompdf, PDF_MAKE the renderer.
"""
import argparse
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from words import TOLERANCE, displacement, first_line, paired, pages  # noqa: E402
VENDOR = os.environ.get("FACTEUR_VENDOR", "build/laravel/vendor")
PDF_MAKE = os.environ.get("PDF_MAKE", "build/release/pdf_make")


class Result:
    def __init__(self, name):
        self.name, self.notes, self.distances = name, [], []
        self.pages_equal = self.words_equal = self.lines_equal = False
        self.error = None

    @property
    def equal(self):
        return (not self.error and self.pages_equal and self.words_equal and self.lines_equal
                and max(self.distances, default=0) <= TOLERANCE)

    def line(self):
        if self.error:
            return f"{self.name}: {self.error}"
        return (f"{self.name}: pages {'equal' if self.pages_equal else self.counts}, "
                f"words {'equal' if self.words_equal else 'DIFFER'}, "
                f"displacement {max(self.distances, default=0):.2f}")


def compare(name, ours, theirs):
    r = Result(name)
    r.counts = f"{len(ours)} instead of {len(theirs)}"
    r.pages_equal = len(ours) == len(theirs)
    r.words_equal = r.pages_equal
    r.lines_equal = r.pages_equal and all(
        bool(a) == bool(b) and (not a or first_line(a) == first_line(b)) for a, b in zip(ours, theirs))
    for number, (a, b) in enumerate(zip(ours, theirs), 1):
        pairs, lost, extra = paired(a, b)
        for u, v in pairs:
            distance = displacement(u, v)
            r.distances.append(distance)
            if distance > TOLERANCE:
                r.notes.append(f"page {number}: {u[0]} {u[1]:.2f} {u[2]:.2f}, dompdf {v[1]:.2f} {v[2]:.2f}")
        if lost or extra:
            r.words_equal = False
            r.notes.append(f"page {number}: only dompdf {lost[:2]}, only facteur {extra[:2]}")
    return r


def dompdf(files, folder):
    """Renders what is not yet in the folder; a PDF is named by its document's content."""
    fonts = os.path.abspath("build/layout/fonts")
    os.makedirs(fonts, exist_ok=True)
    env = dict(os.environ, FACTEUR_FONTS=fonts)
    run = subprocess.run(["php", "-d", "memory_limit=1G", os.path.join(HERE, "dompdf.php"), VENDOR, folder] + files,
                         capture_output=True, text=True, env=env)
    return run.stdout + run.stderr


def one(path, theirs, folder):
    name = os.path.basename(path)[:-len(".html")]
    ours = os.path.join(folder, name + ".ours.pdf")
    run = subprocess.run([PDF_MAKE, path, ours], capture_output=True, text=True,
                         env=dict(os.environ, FACTEUR_QUESTION_MARKS="1"))
    result = Result(name)
    if run.returncode:
        result.error = "facteur refuses it: " + run.stdout.strip()[:300] + run.stderr.strip()[-300:]
        return result
    if not os.path.exists(theirs):
        result.error = "dompdf made no PDF"
        return result
    try:
        return compare(name, pages(ours), pages(theirs))
    except RuntimeError as problem:
        result.error = str(problem)
        return result


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("-v", type=int, nargs="?", const=3, default=0)
    arguments.add_argument("-k")
    arguments.add_argument("-x")
    arguments.add_argument("--tap", action="store_true")
    arguments.add_argument("files", nargs="+")
    options = arguments.parse_args()
    os.makedirs("build/tmp", exist_ok=True)
    keep = options.k or tempfile.mkdtemp(prefix="layout-", dir="build/tmp")
    os.makedirs(keep, exist_ok=True)
    # dompdf is slow: what it made of the same bytes is made once.
    cache = "build/layout/dompdf"
    links = os.path.abspath(tempfile.mkdtemp(prefix="layout-", dir="build/tmp"))
    os.makedirs(cache, exist_ok=True)
    jobs, linked = {}, []
    for path in options.files:
        with open(path, "rb") as f:
            key = hashlib.sha256(f.read()).hexdigest()[:24]
        jobs[path] = os.path.join(cache, key + ".pdf")
        if not os.path.exists(jobs[path]):
            link = os.path.join(links, key + ".html")
            if not os.path.exists(link):
                os.symlink(os.path.abspath(path), link)
                linked.append(link)
    workers = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        parts = [linked[i::workers * 4] for i in range(workers * 4)]
        for said in pool.map(lambda part: part and dompdf(part, cache), parts):
            if said:
                print("dompdf:", said[:2000])
        results = list(pool.map(lambda item: one(item[0], item[1], keep), jobs.items()))
    if options.k:
        for path, pdf in jobs.items():
            target = os.path.join(keep, os.path.basename(path)[:-5] + ".dompdf.pdf")
            if os.path.exists(pdf):
                subprocess.run(["cp", pdf, target], check=True)
    known = read_list(options.x)
    failed = [r for r in results if r.equal == (r.name in known)]
    for r in results if options.v else failed:
        if r.equal and r.name not in known:
            continue
        print(("# " if options.tap else "") + (r.line() if not r.equal else f"{r.name}: listed as different, is equal"))
        for note in r.notes[:options.v or 3]:
            print("#    " + note)
    if options.tap:
        tap(results, failed)
    summary(results, known)
    return 1 if failed else 0


def read_list(path):
    if not path:
        return {}
    with open(path, encoding="utf-8") as f:
        lines = [line.split(None, 1) for line in f if line.strip() and not line.startswith("#")]
    return {line[0]: line[1].strip() for line in lines}


def family(name):
    return re.match(r"(?:\d+-)?([a-z]+)", name)[1]


def tap(results, failed):
    for number, name in enumerate(sorted({family(r.name) for r in results}), 1):
        mine = [r for r in results if family(r.name) == name]
        bad = [r for r in mine if r in failed]
        print(f"{'not ok' if bad else 'ok'} {number} - {len(mine)} documents \"{name}\" are laid out as by dompdf")


def summary(results, known):
    distances = [d for r in results if r.name not in known for d in r.distances]
    print(f"## {len(results)} documents compared with dompdf: {sum(r.equal for r in results)} equal, "
          f"{sum(r.name in known and not r.equal for r in results)} known to differ; "
          f"pages equal {sum(r.pages_equal for r in results)}, words equal {sum(r.words_equal for r in results)}, "
          f"first lines equal {sum(r.lines_equal for r in results)}; displacement at most "
          f"{max(distances, default=0):.3f} pt, mean {sum(distances) / max(1, len(distances)):.4f} pt")


if __name__ == "__main__":
    sys.exit(main())

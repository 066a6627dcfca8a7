"""edit: one edit of the app, as a file of test/truth/edits tells it.

  what: what somebody did                     what the table says
  group: 2. mail, by a provider               where it stands in the table
  native: must                                facteur has to do it itself (else PHP may)
  letters: 1:1:101 2:7                        club:teacher[:who asked], in this order
  since: 11                                   the first Laravel that it fits
  dispatch: before                            the jobs are of the app before the edit
  changes: nothing                            what is sent is what the unedited app sends
  place: REGEX                                how the place is named, where it is none of the edited files
  env: NAME=VALUE                             a line of .env
  run: config:cache                           an artisan command after the edit
  remove: FILE
  package: NAME NAMESPACE PROVIDER            a package below vendor, discovered as Composer's are
  autoload: FILE                              Composer loads the file at the start of each process
  change: FILE                                once or more: what is there, and what instead
  - $this->catchMail();
  + Mail::alwaysTo('staging@example.org');

Where no line begins with "-" the file is what the others say. The text after "-" must stand exactly
once in the file, whatever its white space.
"""
import hashlib
import json
import os
import re
import shutil

LETTERS = "1:1:101 2:7"
ONCE = {"what", "group", "native", "letters", "since", "dispatch", "changes", "place", "env", "run"}
MANY = {"remove", "package", "autoload", "change"}


class Edit:
    def __init__(self, path):
        self.name = os.path.basename(path).removesuffix(".edit")
        self.head, self.steps, self.path = {"env": [], "run": []}, [], path
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                self.read(number, line.rstrip("\n"))
        for name in ("what", "group"):
            if name not in self.head:
                self.wrong(0, f"there is no \"{name}:\"")
        self.letters = [tuple(int(n) for n in word.split(":")) for word in self.head.get("letters", LETTERS).split()]
        self.since = int(self.head.get("since", 8))
        self.before = self.head.get("dispatch") == "before"
        self.same = self.head.get("changes") == "nothing"
        self.must = self.head.get("native") == "must"
        self.what, self.group = self.head["what"], self.head["group"]

    def wrong(self, line, text):
        raise SystemExit(f"{self.path}:{line}: {text}")

    def read(self, number, line):
        word, colon, rest = line.partition(":")
        rest = rest.strip()
        if line[:1] in ("-", "+"):
            if not self.steps or self.steps[-1][0] != "change":
                self.wrong(number, "a line of a change, and none has begun")
            self.steps[-1][2 if line[0] == "-" else 3].append(line[2:])
        elif colon and word in MANY:
            self.steps.append((word, rest, [], []))
        elif colon and word in ("env", "run"):
            self.head[word].append(rest)
        elif colon and word in ONCE and word not in self.head:
            self.head[word] = rest
        elif line.strip():
            self.wrong(number, f"cannot be read: {line!r}")

    def env(self):
        return dict(line.split("=", 1) for line in self.head["env"])

    def places(self):
        """How facteur may name where the edit is."""
        if "place" in self.head:
            return [self.head["place"]]
        files = [re.escape(name) + r":\d+" for kind, name, _, _ in self.steps if kind in ("change", "autoload")]
        return files + [re.escape(name) for kind, name, _, _ in self.steps if kind == "remove"]

    def apply(self, app, write):
        """Changes the app; write(path, text) writes one of its files."""
        for kind, name, old, new in self.steps:
            if kind == "remove":
                os.remove(f"{app}/{name}")
            elif kind == "package":
                package(app, write, *name.split())
            elif kind == "autoload":
                autoload(app, write, name)
            else:
                self.change(app, write, name, old, new)

    def change(self, app, write, name, old, new):
        text = "\n".join(new) + "\n"
        if old:
            with open(f"{app}/{name}", encoding="utf-8") as f:
                source = f.read()
            pattern = r"\s+".join(map(re.escape, " ".join(old).split()))
            found = list(re.finditer(pattern, source))
            if len(found) != 1:
                raise ValueError(f"{self.path}: {' '.join(old)[:60]!r} stands {len(found)} times in {name}")
            text = source[:found[0].start()] + text.rstrip("\n") + source[found[0].end():]
        write(f"{app}/{name}", text)


def insert(app, write, name, after, line):
    with open(f"{app}/{name}", encoding="utf-8") as f:
        text = f.read()
    m = re.search(after, text)
    if not m:
        raise ValueError(f"{name} is not as Composer writes it")
    write(f"{app}/{name}", text[:m.end()] + line + text[m.end():])


def quoted(name):
    return "'" + name.replace("\\", "\\\\") + "'"


def package(app, write, name, space, provider):
    """As composer require does: the list of packages, and the autoloader's."""
    with open(f"{app}/vendor/composer/installed.json", encoding="utf-8") as f:
        installed = json.load(f)
    space += "\\"
    installed["packages"].append({
        "name": name, "version": "1.0.0", "version_normalized": "1.0.0.0", "type": "library", "install-path": f"../{name}",
        "autoload": {"psr-4": {space: "src/"}}, "extra": {"laravel": {"providers": [provider]}}})
    write(f"{app}/vendor/composer/installed.json", json.dumps(installed, indent=4))
    insert(app, write, "vendor/composer/autoload_psr4.php", r"return array\(\n", f"    {quoted(space)} => array($vendorDir . '/{name}/src'),\n")
    static = "vendor/composer/autoload_static.php"
    insert(app, write, static, r"\$prefixDirsPsr4 = array \(\n", f"        {quoted(space)} => array(0 => __DIR__ . '/..' . '/{name}/src'),\n")
    insert(app, write, static, rf"'{space[0]}' =>\s*array \(\n", f"            {quoted(space)} => {len(space)},\n")


def autoload(app, write, name):
    """As composer dump-autoload does with a file of "autoload.files"."""
    key = quoted(hashlib.md5(name.encode()).hexdigest())
    insert(app, write, "vendor/composer/autoload_files.php", r"return array\(\n", f"    {key} => $baseDir . '/{name}',\n")
    insert(app, write, "vendor/composer/autoload_static.php", r"\$files = array \(\n", f"        {key} => __DIR__ . '/../..' . '/{name}',\n")
    with open(f"{app}/composer.json", encoding="utf-8") as f:
        recipe = json.load(f)
    recipe["autoload"].setdefault("files", []).append(name)
    write(f"{app}/composer.json", json.dumps(recipe, indent=4))


def load(folder):
    edits = [Edit(f"{folder}/{name}") for name in sorted(os.listdir(folder)) if name.endswith(".edit")]
    return sorted(edits, key=lambda e: (int(e.group.split(".")[0]), e.name))


def clear(path):
    if os.path.islink(path) or os.path.isfile(path):
        os.remove(path)
    elif os.path.isdir(path):
        shutil.rmtree(path)

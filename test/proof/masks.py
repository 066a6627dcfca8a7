"""masks: the list of what the proof does not compare (test/proof/masks), applied."""
import datetime
import re
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Paris")
SEEDED = 1000  # numbers below are the seed's


UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
HASH = re.compile(r'(s:4:\\*"(?:hash|self)\\*";s:\d+:\\*").*?(\\*";)')


class Masks:
    def __init__(self, path):
        self.columns, self.rules, self.classes = {}, {}, {}
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            words = line.rstrip("\n").split("\t")
            if not line.strip() or line.startswith("#"):
                continue
            if words[0] == "class" and len(words) > 2:
                for name in words[2:]:
                    self.classes[name] = words[1]
            elif len(words) == 4 and words[1] == "s":
                self.rules.setdefault(words[0], []).append((re.compile(words[2]), words[3]))
            elif len(words) == 2 and (words[0] == "files" or "." in words[0]):
                self.columns[words[0]] = words[1]
            else:
                raise SystemExit(f"{path}:{number}: cannot be read: {line!r}")

    def text(self, part, text):
        for rule, replacement in self.rules.get(part, []):
            text = rule.sub(replacement.replace("\\n", "\n").replace("\\x1b", "\x1b"), text)
        return self.names(text)

    def names(self, text):
        for name, shown in self.classes.items():
            for form in (name, name.replace("\\", "\\\\")):
                text = text.replace(form, f"<{shown}>")
        return text

    def rows(self, table, rows, seen):
        """Rows of a table, as dicts, made comparable; seen: uuids of the seed, the time of the run."""
        out = []
        for row in rows:
            line = []
            for column, value in row.items():
                mask = self.columns.get(f"{table}.{column}")
                shown = value if mask is None or value is None else self.value(mask, value, row, seen, table)
                line.append(f"{column}={shown!r}" if isinstance(shown, str) and mask is None else f"{column}={shown}")
            out.append("\n    ".join(line))
        return "\n".join(out)

    def value(self, mask, value, row, seen, table):
        if mask == "number":
            return value if value < SEEDED else seen.number(table, value)
        if mask == "uuid":
            return value if value in seen.uuids else "(uuid)"
        if mask == "made":
            return repr(seen.made(value))
        if mask == "time":
            return "NOW" if seen.is_now(value) else f"BEGIN{value - seen.began:+d}"
        if mask == "payload":
            return repr(seen.payload(value))
        if mask.startswith("after:"):
            distance = value - row[mask[6:]]  # PHP asks the clock twice, and a second may begin in between
            return f"{mask[6:]}{0 if distance == -1 else distance:+d}"
        if mask == "expiry":
            return seen.expiry(value)
        if mask == "datetime":
            at = datetime.datetime.fromisoformat(str(value)).replace(tzinfo=ZONE)
            return "NOW" if seen.is_now(at.timestamp()) else f"BEGIN{int(at.timestamp()) - seen.began:+d}"
        if mask == "serial":
            m = re.fullmatch(r"i:(\d+);", value)
            if m and seen.is_now(int(m[1])):
                return "i:NOW;"
            return f"i:{seen.expiry(int(m[1]))};" if m and abs(int(m[1]) - seen.began) < 172800 else value
        if mask == "exception":
            text = re.split(r"\nStack trace:|\nPhase: ", str(value))[0]
            return self.names(re.sub(r" in (/[^ ]+|facteur):\d+$", " in FILE", text))
        raise SystemExit(f"masks: no such mask: {mask}")


class Seen:
    """What one run knows: when it was, and which values its seed had."""

    def __init__(self, began, ended, uuids, placed):
        self.began, self.ended, self.uuids, self.numbers = began, ended, uuids, {}
        self.placed = re.compile(r'(?<!"createdAt":)(' + "|".join(str(began + s) for s in placed) + ")") if placed else None

    def expiry(self, unix):
        # What was said in seconds from then; the run itself may take half a minute.
        return "EVER" if unix >= 9999999999 else f"NOW{(unix - self.began) // 30 * 30:+d}"

    def is_now(self, unix):
        return self.began - 1 <= unix <= self.ended + 1

    def payload(self, text):
        if self.placed:
            text = self.placed.sub(lambda m: f"BEGIN{int(m[0]) - self.began:+d}", text)
        uuid = re.search(r'"uuid":"([0-9a-f-]{36})"', text)
        if uuid and uuid[1] not in self.uuids:
            text = text.replace(uuid[1], "(uuid)")
            text = re.sub(r'(?<="createdAt":)\d+', lambda m: "NOW" if self.is_now(int(m[0])) else m[0], text)
        return self.made(text)

    def made(self, text):
        """The text without the uuids that were made in the run, and the hashes of closures, which tell of their process."""
        text = HASH.sub(r"\1(hash)\2", text)
        return UUID.sub(lambda m: m[0] if m[0] in self.uuids else "(uuid)", text)

    def number(self, table, value):
        known = self.numbers.setdefault(table, [])
        if value not in known:
            known.append(value)
        return f"#{known.index(value) + 1}"

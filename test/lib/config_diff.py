#!/usr/bin/python3
"""config_diff.py PHP FACTEUR [--more] [--except PATH,...]: compares two configurations, key
by key, types and order included. --more: facteur's may hold more keys (what it merges from
the framework). Prints each difference; ends with 1 where there is one."""
import json, sys

def walk(path, php, facteur, more, out):
    if path in skipped:
        return
    if php in ([], {}) and facteur in ([], {}):
        return  # an empty array has no form of its own
    if type(php) is not type(facteur):
        out.append((path, php, facteur))
    elif isinstance(php, dict):
        common = [k for k in php if k in facteur]
        if [k for k in facteur if k in php] != common and not more:
            out.append((path, list(php), list(facteur)))
        for key in php:
            walk(f"{path}.{key}".strip("."), php[key], facteur.get(key, "(absent)"), more, out)
        if not more:
            out.extend((f"{path}.{k}", "(absent)", facteur[k]) for k in facteur if k not in php)
    elif isinstance(php, list) and len(php) == len(facteur):
        for i, pair in enumerate(zip(php, facteur)):
            walk(f"{path}.{i}", *pair, more, out)
    elif php != facteur:
        out.append((path, php, facteur))

args = sys.argv[3:]
skipped = set(args[args.index("--except") + 1].split(",")) if "--except" in args else set()
php, facteur = (json.load(open(name)) for name in sys.argv[1:3])
found = []
for file in facteur:
    if php.get(file) is not None:
        walk(file, php[file], facteur[file], "--more" in args, found)
for path, a, b in found:
    print(f"# {path}: php {json.dumps(a)[:200]}, facteur {json.dumps(b)[:200]}")
print(f"# {len([f for f in facteur if php.get(f) is not None])} files")
sys.exit(1 if found else 0)

#!/bin/sh
# Many files are dropped into the watched folders at once, and the daemon is killed in
# the middle, twice. In the end each has exactly one verdict, and none lies about.
#
#	at-once.sh DARSD [FILES]
#
# It works in a directory of its own, which it removes. One in ten files comes in capital
# letters, one in a hundred is a list that is accepted.
set -eu
darsd=$(realpath "$1")
files=${2:-10000}
dir=$(mktemp -d)
trap 'kill -9 "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
pid=0
cd "$dir"
ssh-keygen -q -t ed25519 -N '' -f key
"$darsd" --data office init --rehearsal --operator olive --key key.pub >init.out 2>&1 || { cat init.out; exit 1; }
sed -i 's/127.0.0.1:2022/127.0.0.1:0/' office/darsd.yaml

serve() { "$darsd" --data office serve >>serve.log 2>&1 & pid=$!; }
verdicts() { find office/folders/*/accepted office/folders/*/rejected -name '*.verdict.json' 2>/dev/null | wc -l; }
wait_for() { # N verdicts, for as long as there are more from time to time
	last=-1 still=0
	while [ "$(verdicts)" -lt "$1" ]; do
		now=$(verdicts)
		if [ "$now" -gt "$last" ]; then last=$now still=0; else still=$((still + 1)); fi
		if [ "$still" -gt 120 ]; then echo "no verdict for two minutes, at $now of $1"; tail -3 serve.log; exit 1; fi
		sleep 1
	done
}

python3 - "$files" <<'PY'
import os, sys
n = int(sys.argv[1])
for folder in "objections", "certificates":
    os.makedirs("drop/" + folder, exist_ok=True)
for i in range(n):
    folder, name, text = ("objections", f"list-{i}.txt", f"{i}\n") if i % 2 else ("certificates", f"certificate {i}.yaml", f"n: {i}\n")
    if i % 100 == 1:
        name = f"objections-2015-0{1 + i // 100 % 9}-{1 + i // 900 % 28:02d}-{i}.txt"
        text = f"9434765919\n{'9434765870' if i % 200 == 1 else ''}\n"
    if i % 10 == 3:
        name = name.upper()
    with open(f"drop/{folder}/{name}", "w") as f:
        f.write(text)
PY
serve
while [ ! -d office/folders/objections/accepted ]; do sleep 0.2; done
start=$(date +%s)
for folder in objections certificates; do mv drop/$folder/* office/folders/$folder/ 2>/dev/null || find drop/$folder -type f -exec mv -t office/folders/$folder/ {} +; done
for part in 1 2; do
	wait_for $(($(verdicts) + files / 4))
	kill -9 "$pid"
	wait "$pid" 2>/dev/null || true
	echo "killed at $(verdicts) verdicts"
	serve
done
wait_for "$files"
sleep 3 # one verdict too many would come now
seconds=$(($(date +%s) - start))
kill "$pid" && wait "$pid" || true

python3 - "$files" <<'PY'
import collections, glob, json, os, sys
n = int(sys.argv[1])
seen, words = collections.Counter(), collections.Counter()
for path in glob.glob("office/folders/*/*ed/*.verdict.json"):
    v = json.load(open(path))
    seen[v["file"]] += 1
    words[v["verdict"] + " " + v.get("code", "")] += 1
    assert os.path.exists(path.replace(".json", ".txt")), path
left = [p for f in glob.glob("office/folders/*") for p in os.listdir(f) if p not in ("accepted", "rejected", ".claimed")]
claims = [p for f in glob.glob("office/folders/*/.claimed") for p in os.listdir(f)]
twice = [f for f, k in seen.items() if k > 1]
print(f"{len(seen)} files with a verdict, {len(twice)} with two, {len(left)} left, {len(claims)} claims left:", dict(words))
sys.exit(len(seen) != n or bool(twice) or bool(left) or bool(claims))
PY
"$darsd" --data office log verify | tail -1
echo "$files files in $seconds s"

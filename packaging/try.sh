#!/usr/bin/env bash
# Tries two packages as an operator would have them, by hand and as root: in a Debian of
# its own that boots with systemd (systemd-nspawn), the older one is installed, an office
# founded and served, the newer one installed over it, the older one tried on the newer
# database, and both purged.
#
#     apt install debootstrap systemd-container
#     packaging/try.sh OLD.deb NEW.deb [DIRECTORY]
#
# The Debian is made in DIRECTORY if there is none, and left there for the next time.
set -euo pipefail
old=$(realpath "$1") new=$(realpath "$2") root=$(realpath -m "${3:-/var/tmp/darsd-try}")

if [ ! -e "$root/etc/debian_version" ]; then
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,adduser,ca-certificates,openssh-client \
		bookworm "$root" http://deb.debian.org/debian
fi
rm -rf "$root"/var/lib/darsd "$root"/root/try
mkdir -p "$root/root/try"
cp "$old" "$root/root/try/old.deb"
cp "$new" "$root/root/try/new.deb"

systemd-nspawn --quiet --boot --directory="$root" --register=no --keep-unit --machine=darsd-try \
	--private-network --console=pipe </dev/null >/dev/null 2>&1 &
nspawn=$!
leader=
trap 'kill "$nspawn" 2>/dev/null || true; wait "$nspawn" || true' EXIT

# within runs something in it.
within() { nsenter -t "$leader" -a -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }

# step says what comes, runs it, and shows what it says.
step() {
	printf '\n=== %s\n' "$1"
	shift
	"$@"
}

# refused runs what must not be done, and must say some words.
refused() { # WORDS COMMAND...
	local words=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "this was done, and should not have been: $*" >&2
		return 1
	fi
	grep -- "$words" <<<"$said"
}

# Each command line on this machine is of the user that runs the daemon; people come over SSH.
office() { within runuser -u darsd -- darsd "$@"; }
as() { within ssh -q -i "/root/try/$1" -p 2022 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$1@127.0.0.1" "${@:2}"; }

boots() {
	for _ in $(seq 120); do
		leader=$(pgrep -P "$nspawn" -x systemd || true)
		if [ -n "$leader" ] && [[ $(within systemctl is-system-running 2>/dev/null || true) =~ running|degraded ]]; then
			return
		fi
		sleep 1
	done
	echo 'it does not come up' >&2
	return 1
}

installs() {
	within dpkg --purge darsd 2>/dev/null || true
	within dpkg --install /root/try/old.deb
	within dpkg --status darsd | grep ^Version
}

founds() {
	within ssh-keygen -q -t ed25519 -N '' -f /root/try/olive
	within ssh-keygen -q -t ed25519 -N '' -f /root/try/carol
	within install -o darsd -m 644 /root/try/olive.pub /var/tmp/olive.pub
	office init --operator olive --key /var/tmp/olive.pub
}

# The unit is of Type=notify: start returns when the program has said READY=1.
serves() {
	within systemctl enable --now darsd
	within systemctl show darsd --property=Type,ActiveState,SubState,StatusText,NRestarts
	within journalctl --unit=darsd --no-pager --output=cat | grep msg=ready | tail -n 1
	as olive person list
}

works() {
	as olive "person add office carol --name 'Carol Hughes' --role case-officer --key -" <"$root/root/try/carol.pub"
	as carol "org add RA1 'A Trust'"
}

# What was signed of the log by the older program is the beginning of the newer one's, which
# may go on: its blank papers are filed where they say something else.
upgrades() {
	office --as olive log checkpoint
	within sh -c 'cat "$(ls /var/lib/darsd/checkpoints/* | tail -n 1)" >/var/tmp/before.txt'
	within dpkg --install /root/try/new.deb
	within systemctl show darsd --property=ActiveState,SubState,StatusText
	within darsd --version
	as carol org list
	office log verify --checkpoint /var/tmp/before.txt
}

# systemctl stop sends SIGTERM, and waits.
drains() {
	within systemctl stop darsd
	within systemctl show darsd --property=ActiveState,Result,ExecMainStatus
	within systemctl start darsd
}

# One that stands still is ended, and another one started. Here systemd waits for seconds,
# not for minutes.
stands_still() {
	local was
	within sh -c 'mkdir -p /etc/systemd/system/darsd.service.d
		printf "[Service]\nWatchdogSec=4s\nTimeoutAbortSec=2s\nRestartSec=1s\n" >/etc/systemd/system/darsd.service.d/soon.conf
		systemctl daemon-reload; systemctl restart darsd'
	was=$(main_process)
	sleep 10
	if [ "$(main_process)" != "$was" ]; then
		echo 'it was ended while it lived' >&2
		return 1
	fi
	within sh -c "kill -STOP $was"
	for _ in $(seq 60); do
		[ "$(main_process)" = "$was" ] || ! within systemctl --quiet is-active darsd || break
		sleep 1
	done
	within journalctl --boot --unit=darsd --no-pager --output=cat | grep "result 'watchdog'"
	within systemctl show darsd --property=ActiveState,NRestarts
	as olive person list
	within sh -c 'rm -r /etc/systemd/system/darsd.service.d; systemctl daemon-reload; systemctl restart darsd'
}

main_process() { within systemctl show darsd --property=MainPID --value; }

keeps_its_key_as_a_credential() {
	within sh -c 'systemd-creds setup >/dev/null 2>&1; mkdir -p -m 700 /etc/credstore.encrypted
		systemd-creds encrypt --name=darsd-master /var/lib/darsd/keys/office.age /etc/credstore.encrypted/darsd-master
		install -D -m 644 /usr/share/doc/darsd/examples/master-key.conf /etc/systemd/system/darsd.service.d/master-key.conf
		systemctl daemon-reload
		grep -q "^vault:" /etc/darsd/darsd.yaml && sed -i "s/^  identity:.*/  identity: credential:darsd-master/" /etc/darsd/darsd.yaml
		mv /var/lib/darsd/keys/office.age /root/try/office.age
		systemctl restart darsd'
	within systemctl show darsd --property=ActiveState,StatusText
	as olive person list
	within sh -c 'rm -r /etc/systemd/system/darsd.service.d; sed -i "s/identity: credential:darsd-master/identity: \"\"/" /etc/darsd/darsd.yaml
		mv /root/try/office.age /var/lib/darsd/keys/; systemctl daemon-reload; systemctl restart darsd'
}

goes_back() {
	within systemctl stop darsd
	within dpkg --install /root/try/old.deb
	refused 'newer darsd' office log verify
	refused 'newer darsd' within runuser -u darsd -- timeout 60 darsd serve
	within dpkg --install /root/try/new.deb
	within systemctl start darsd
	office log verify
}

purges() {
	within dpkg --purge darsd
	within ls -d /var/lib/darsd /var/lib/darsd/darsd.db /var/lib/darsd/keys
	within sh -c '! systemctl is-active darsd'
	within dpkg --install /root/try/new.deb
	office log verify
}

step 'a Debian boots' boots
step 'the older package' installs
step 'an office is founded' founds
step 'systemd serves it' serves
step 'people work' works
step 'the newer package over it' upgrades
step 'stopping drains' drains
step 'one that stands still is started again' stands_still
step 'the master key as a credential' keeps_its_key_as_a_credential
step 'the older one on the newer database' goes_back
step 'purged, the data are left; installed again, it is the office' purges
printf '\nall of it in %d s\n' "$SECONDS"

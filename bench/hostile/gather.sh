#!/bin/sh
# Gathers files that were made to break readers of PDF: the test files of qpdf and
# poppler, out of Debian's source packages. The machine's own sources stay as they are.
#
#	gather.sh DIRECTORY [FILES]
#	DARSD_HOSTILE=DIRECTORY go test -v -run TestHostileFolder ./documents
set -eu
mkdir -p "$1"
into=$(realpath "$1")
most=${2:-300}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main" >sources.list
apt() {
	apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::Lists="$work/lists" \
		-o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}
apt update
apt source --download-only qpdf poppler
for archive in *.orig*.tar.[gx]z; do tar -xf "$archive"; done
# Taken evenly from all, in order of their hashes, so that each run has the same.
find . -iname '*.pdf' -type f -size -20M -exec sha256sum {} + | sort | awk '!seen[$1]++' | head -n "$most" | while read -r sum file; do
	cp "$file" "$into/$(echo "$sum" | cut -c1-8)-$(basename "$file")"
done
echo "$(find "$into" -type f | wc -l) files in $into"

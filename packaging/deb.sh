#!/usr/bin/env bash
# Builds darsd_VERSION_ARCH.deb with Go, a C compiler and dpkg-deb: the program, its
# systemd unit, man pages, completion for shells, and the documents. The same commit,
# built by the same compilers, gives the same bytes.
#
#     packaging/deb.sh [VERSION] [DIRECTORY]
#
# Without a version it is that of the newest tag, or else of the commit.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
into=$(cd "${2:-.}" && pwd)
cd "$root"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
day=$(date -d "@$SOURCE_DATE_EPOCH" +%F)
version=${1:-$(git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//; s/-/+/g' || true)}
version=${version:-0~$(date -d "@$SOURCE_DATE_EPOCH" +%Y%m%d).$(git rev-parse --short=12 HEAD)}
arch=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
doc=$tree/usr/share/doc/darsd

# put MODE NAME writes standard input into the package; squeezed does it with gzip.
put() { install -D -m "$1" /dev/stdin "$tree$2"; }
squeezed() { gzip -9n | put 644 "$1.gz"; }

go build -trimpath -buildmode=pie -buildvcs=false -o "$tree/usr/bin/darsd" \
	-ldflags '-s -w -X main.usualData=/var/lib/darsd -X main.usualConfig=/etc/darsd/darsd.yaml -X main.version='"$version" ./cmd/darsd
generate() { "$tree/usr/bin/darsd" generate "$@"; }

generate darsd.yaml | put 644 /etc/darsd/darsd.yaml
generate darsd.1 --day "$day" | squeezed /usr/share/man/man1/darsd.1
generate darsd.yaml.5 --day "$day" | squeezed /usr/share/man/man5/darsd.yaml.5
generate darsd.bash | put 644 /usr/share/bash-completion/completions/darsd
generate darsd.zsh | put 644 /usr/share/zsh/vendor-completions/_darsd
generate darsd.fish | put 644 /usr/share/fish/vendor_completions.d/darsd.fish
put 644 /lib/systemd/system/darsd.service <packaging/darsd.service
put 644 /usr/share/doc/darsd/examples/master-key.conf <packaging/master-key.conf
put 644 /usr/share/doc/darsd/examples/port-22.conf <packaging/port-22.conf
for page in docs/*.md; do
	put 644 "/usr/share/doc/darsd/${page##*/}" <"$page"
done
squeezed /usr/share/doc/darsd/NEWS <CHANGELOG.md
put 644 /usr/share/doc/darsd/copyright <packaging/debian/copyright
printf 'darsd (%s) stable; urgency=medium\n\n  * See NEWS.gz.\n\n -- The authors of darsd <office@darsd.example>  %s\n' \
	"$version" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | squeezed /usr/share/doc/darsd/changelog

# The licences of what is linked in.
go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}	{{.Dir}}{{end}}{{end}}' ./cmd/darsd | sort -u |
	while IFS=$'\t' read -r module dir; do
		for licence in "$dir"/LICEN[SC]E* "$dir"/COPYING* "$dir"/NOTICE*; do
			if [ -f "$licence" ]; then
				printf '\n======== %s: %s\n\n' "$module" "${licence##*/}"
				cat "$licence"
			fi
		done
	done | { cat; printf '\n======== documents/fonts\n\n'; cat documents/fonts/LICENSE.md; } | squeezed /usr/share/doc/darsd/licences

# The oldest C library that has all that the program asks for.
libc=$(readelf --version-info --wide "$tree/usr/bin/darsd" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
put 644 /DEBIAN/control <<END
Package: darsd
Version: $version
Architecture: $arch
Maintainer: The authors of darsd <office@darsd.example>
Installed-Size: $(du -k -s --apparent-size "$tree" | cut -f 1)
Depends: adduser, libc6 (>= $libc)
Recommends: systemd, ca-certificates
Suggests: postgresql
Section: science
Priority: optional
Description: data release office in one program
 Takes requests for health data from application to certified deletion: makes
 every paper on the way, upholds patients' objections in every file, hands the
 data out over an SFTP server of its own, asks for them back when the agreement
 ends, and leaves a proof at each step.
END
echo /etc/darsd/darsd.yaml | put 644 /DEBIAN/conffiles
for script in postinst prerm postrm; do
	put 755 "/DEBIAN/$script" <"packaging/debian/$script"
done
(cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\n' | sort | xargs md5sum) | put 644 /DEBIAN/md5sums
find "$tree" -type d -exec chmod 755 {} +
# One thread: how many a machine has would show in the bytes.
deb=$into/darsd_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$tree" "$deb.new" >/dev/null
mv "$deb.new" "$deb"
echo "$deb"

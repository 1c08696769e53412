#!/usr/bin/env bash
# Brings in the built style sheet of the GOV.UK Design System, once, so that running the
# program needs no npm. The typeface GDS Transport and the royal arms may be used by
# government alone: they are taken out.
set -euo pipefail
version=6.6.0
sum=sha512-xctkWrQvLnvQt7fyjQ3MGX9S0wz0x0RQuLxCeoXF+s8EjGICG81/DYQGKN5qgO+0KVT12UAaRwUsGY6fulRcRg==
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "govuk-frontend@$version" >/dev/null
if [ "sha512-$(openssl dgst -sha512 -binary govuk-frontend-*.tgz | base64 -w0)" != "$sum" ]; then
	echo "govuk-frontend $version is another than the one that was looked at" >&2
	exit 1
fi
tar xzf govuk-frontend-*.tgz
sed -E -e 's/\/\*! Copyright \(c\) 2011 by Margaret[^*]*\*\///g' -e 's/@font-face\{[^}]*\}//g' \
	-e 's/"?GDS Transport"?,[ ]*//g' \
	-e 's/url\([^)]*govuk-crest[^)]*\)/none/g' \
	-e '/sourceMappingURL/d' package/dist/govuk/govuk-frontend.min.css >"$here/assets/govuk-frontend.css"
if grep -Eq 'GDS Transport|crest|url\(' "$here/assets/govuk-frontend.css"; then
	echo 'something of the government'"'"'s own is left in the style sheet' >&2
	exit 1
fi

#!/usr/bin/env bash
# A Bulk Data export with nothing but curl, openssl and jq: SMART Backend Services (RS384), kick-off, polling, files.
# usage: export.sh FHIR_BASE CLIENT_ID KEY.pem KEY_ID OUT [LEVEL]     LEVEL: "" (system), Patient, Group/ID
set -euo pipefail
base=${1%/} client=$2 key=$3 kid=$4 out=$5 level=${6:-}
quiet=(--silent --show-error --fail-with-body)
mkdir -p "$out"

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# A token lives for minutes, an export may take hours: each request asks whether a new one is due.
token='' renew_at=0 token_url=''
authorize() {
  (($(date +%s) < renew_at)) && return
  [[ -n $token_url ]] || token_url=$(curl "${quiet[@]}" "$base/.well-known/smart-configuration" | jq -er .token_endpoint)
  local head claims signed answer
  head=$(jq -cn --arg kid "$kid" '{alg: "RS384", typ: "JWT", kid: $kid}' | base64url)
  claims=$(jq -cn --arg id "$client" --arg aud "$token_url" --arg jti "$(openssl rand -hex 16)" --argjson exp "$(($(date +%s) + 240))" \
    '{iss: $id, sub: $id, aud: $aud, jti: $jti, exp: $exp}' | base64url)
  signed=$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha384 -sign "$key" -binary | base64url)
  answer=$(curl "${quiet[@]}" "$token_url" --data-urlencode grant_type=client_credentials --data-urlencode 'scope=system/*.rs' \
    --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion=$head.$claims.$signed")
  token=$(jq -er .access_token <<<"$answer")
  renew_at=$(($(date +%s) + $(jq -er .expires_in <<<"$answer") - 60))
}

header() { tr -d '\r' <"$out/.head" | sed -n "s/^$1: *//Ip" | tail -1; }

authorize
curl "${quiet[@]}" -o "$out/.body" -D "$out/.head" -H "Authorization: Bearer $token" -H 'Accept: application/fhir+json' \
  -H 'Prefer: respond-async' "$base${level:+/$level}/\$export"
status=$(header content-location)

while :; do
  authorize
  code=$(curl --silent --show-error -o "$out/manifest.json" -D "$out/.head" -w '%{http_code}' -H "Authorization: Bearer $token" \
    -H 'Accept: application/json' "$status")
  [[ $code == 202 ]] || break
  echo "$(header x-progress)" >&2
  sleep "$(header retry-after)"
done
[[ $code == 200 ]] || { cat "$out/manifest.json" >&2; exit 1; }

number=0
while read -r type url count; do
  authorize
  file=$(printf '%s/%s.%03d.ndjson' "$out" "$type" "$number")
  curl "${quiet[@]}" --compressed -o "$file" -H "Authorization: Bearer $token" -H 'Accept: application/fhir+ndjson' "$url"
  [[ $count == null || $(wc -l <"$file") == "$count" ]] || { echo "$type: not the $count lines of the manifest" >&2; exit 1; }
  number=$((number + 1))
done < <(jq -r '.output[] | "\(.type) \(.url) \(.count)"' "$out/manifest.json")

authorize
curl "${quiet[@]}" -o "$out/.body" -X DELETE -H "Authorization: Bearer $token" "$status"
rm -f "$out/.body" "$out/.head"
echo "$number files" >&2

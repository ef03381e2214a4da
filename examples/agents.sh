#!/bin/sh
# The life of an agent over REST, with curl: made, listed, read, changed, deleted; and a token for a page.
#
#   PARLEY_API_KEY=… sh examples/agents.sh
#
# PARLEY_URL names another server than http://127.0.0.1:8080.
set -eu
server=${PARLEY_URL:-http://127.0.0.1:8080}
: "${PARLEY_API_KEY:?Set it to the key that the server showed at its first start.}"

# curl reads the key from its standard input, so that it does not stand in the list of processes
ask() {
  method=$1 path=$2
  shift 2
  printf 'header = "Authorization: Bearer %s"\n' "$PARLEY_API_KEY" |
    curl --config - --silent --show-error --fail-with-body --request "$method" "$server$path" \
      --header 'Content-Type: application/json' "$@"
  echo
}

echo '# Make an agent'
created=$(ask POST /v1/agents --data '{
  "name": "Front desk",
  "system_prompt": "You answer the phone of a small hotel. Be brief and kind.",
  "greeting": "Hotel Aurora, good day!",
  "voice": {"voice_id": "alba"}
}')
echo "$created"
id=$(echo "$created" | sed -E 's/.*"id" *: *"(agent_[0-9a-f]*)".*/\1/')

echo '# The list, newest first'
ask GET '/v1/agents?limit=2'

echo '# One agent'
ask GET "/v1/agents/$id"

echo '# Change it; what is left out stays'
ask PUT "/v1/agents/$id" --data '{"greeting": "Hotel Aurora, good evening!"}'

echo '# A token with which a page opens one session, without knowing the key'
ask GET '/v1/token?expires_in_seconds=60&max_session_duration_seconds=600'

echo '# Delete it'
ask DELETE "/v1/agents/$id"
